// Every cycle has one cause (timing contract, section 9).
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "model/timing/cycle.hpp"

namespace m3sim::timing {

/// Why a process spent a cycle, in order of precedence.
enum class Cause {
  kOutputFull,   ///< held: an output stream had no free slot
  kMemoryRead,   ///< held: read data not there, or the read request queue full
  kMemoryWrite,  ///< held: a write queue full, or a write response not there
  kArbitration,  ///< held by memory, in cycles that the memory system lost to other requesters
  kBusy,         ///< within the initiation interval of an issue
  kInputEmpty,   ///< an input stream had no value
  kFillDrain,    ///< last iteration issued, pipeline running empty
  kIdle,         ///< not started, between phases, or ended before its region
};
inline constexpr std::size_t kCauseCount = 8;

/// The names in report.json.
inline constexpr std::array<std::string_view, kCauseCount> kCauseNames{
    "output_full", "memory_read", "memory_write", "arbitration",
    "busy",        "input_empty", "fill_drain",   "idle"};

/// Cycles by cause.
class CycleAccount {
 public:
  Cycle& operator[](Cause cause) { return cycles_[static_cast<std::size_t>(cause)]; }
  Cycle operator[](Cause cause) const { return cycles_[static_cast<std::size_t>(cause)]; }
  Cycle total() const {
    Cycle sum = 0;
    for (const Cycle c : cycles_) sum += c;
    return sum;
  }
  CycleAccount& operator+=(const CycleAccount& other) {
    for (std::size_t i = 0; i < kCauseCount; ++i) cycles_[i] += other.cycles_[i];
    return *this;
  }
  bool operator==(const CycleAccount&) const = default;

 private:
  std::array<Cycle, kCauseCount> cycles_{};
};

}  // namespace m3sim::timing
