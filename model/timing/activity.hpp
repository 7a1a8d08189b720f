// What the hardware did, counted: the events that cost energy.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace m3sim::timing {

/// Kinds of events. Each has one row in the energy table (model/cost/).
enum class Event {
  kMultiply32x16,  ///< multiplications of an activation by a 16-bit weight, each with its add
  kMultiply32x32,  ///< multiplications of two 32-bit numbers, each with its add where there is one
  kMultiply8x16,   ///< multiplications of a pixel by a patch-embedding weight, each with its add
  kAdd,            ///< 32-bit additions that belong to no multiplication
  kTableLookup,    ///< GELU table reads, with their interpolation
  kExponential,
  kReciprocal,
  kSquareRoot,
  kDivide,
  kBufferReadBits,   ///< bits read from on-chip memories
  kBufferWriteBits,  ///< bits written to on-chip memories
  kStreamBits,       ///< bits through FIFOs
  kAxiReadBeats,     ///< bus words taken by kernels
  kAxiWriteBeats,    ///< bus words put by kernels
};
inline constexpr std::size_t kEventCount = 14;

inline constexpr std::array<std::string_view, kEventCount> kEventNames{
    "multiply_32x16", "multiply_32x32",   "multiply_8x16",     "add",
    "table_lookup",   "exponential",      "reciprocal",        "square_root",
    "divide",         "buffer_read_bits", "buffer_write_bits", "stream_bits",
    "axi_read_beats", "axi_write_beats"};

/// Counts by kind of event.
class Activity {
 public:
  std::int64_t& operator[](Event event) { return counts_[static_cast<std::size_t>(event)]; }
  std::int64_t operator[](Event event) const { return counts_[static_cast<std::size_t>(event)]; }
  Activity& operator+=(const Activity& other) {
    for (std::size_t i = 0; i < kEventCount; ++i) counts_[i] += other.counts_[i];
    return *this;
  }
  friend Activity operator*(Activity a, std::int64_t times) {
    for (std::int64_t& count : a.counts_) count *= times;
    return a;
  }
  bool operator==(const Activity&) const = default;

 private:
  std::array<std::int64_t, kEventCount> counts_{};
};

}  // namespace m3sim::timing
