// Energy per event and power per supply, each figure with its source and its confidence band.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/timing/activity.hpp"

namespace m3sim::cost {

/// Where energy goes: the lines of a report, and the groups that a calibration scales.
enum class Component {
  kCompute,       ///< multipliers, adders, tables, function units
  kOnchipMemory,  ///< buffers
  kStreams,       ///< FIFOs between processes
  kInterconnect,  ///< AXI adapters and SmartConnect
  kClock,         ///< clock tree and logic that toggles in every cycle
  kDram,          ///< DRAM devices
  kStatic,        ///< leakage of the programmable logic
  kPs,            ///< processing system, with DRAM controller and PHY
};
inline constexpr std::size_t kComponentCount = 8;
inline constexpr std::array<std::string_view, kComponentCount> kComponentNames{
    "compute", "onchip_memory", "streams", "interconnect", "clock", "dram", "static", "ps"};

/// Rows of a table besides one for each timing::Event.
enum class Supply {
  kPlCycle,      ///< fJ per cycle of the programmable logic's clock
  kPlStatic,     ///< mW
  kPs,           ///< mW
  kDramByte,     ///< fJ per byte, only for a memory whose commands are not counted
  kDramStandby,  ///< mW, likewise
};
inline constexpr std::size_t kSupplyCount = 5;
inline constexpr std::array<std::string_view, kSupplyCount> kSupplyNames{
    "pl_cycle", "pl_static", "ps", "dram_byte", "dram_standby"};

/// Which end of the confidence band.
enum class Bound { kLow, kNominal, kHigh };

struct EnergyRow {
  std::string name;
  std::string unit;  ///< "fJ" per event, cycle or byte, or "mW"
  std::int64_t value = 0, low = 0, high = 0;
  Component group{};
  int toggle_percent =
      -1;  ///< of the bits that change, for which the value holds; -1: no such rate
  std::string source;

  std::int64_t at(Bound bound) const {
    return bound == Bound::kLow ? low : bound == Bound::kHigh ? high : value;
  }
};

/// A table file: CSV with the header `row,unit,value,low,high,group,toggle,source`, `#` comments,
/// integers. `toggle` is a percentage or `-`; `source` is the rest of the line and may hold commas.
class EnergyTable {
 public:
  /// `file` is a path or a preset. Throws InputError with FILE:LINE for a file that cannot be read,
  /// a malformed line, an unknown, repeated or missing row, a wrong unit, a value outside its own
  /// band, an empty source.
  static EnergyTable read(const std::filesystem::path& file);

  const EnergyRow& operator[](timing::Event event) const {
    return rows_[static_cast<std::size_t>(event)];
  }
  const EnergyRow& operator[](Supply supply) const {
    return rows_[timing::kEventCount + static_cast<std::size_t>(supply)];
  }
  const std::vector<EnergyRow>& rows() const { return rows_; }
  /// The rows of the named groups times `ppm` millionths, values and bands; their source says so,
  /// with `remark`.
  EnergyTable scaled(const std::vector<Component>& groups, std::int64_t ppm,
                     const std::string& remark) const;
  /// The table as a file that read() takes, without comments.
  std::string text() const;
  /// How reports call the file.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<EnergyRow> rows_;  // events in order, then supplies
};

}  // namespace m3sim::cost
