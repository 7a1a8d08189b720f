// Counts and time to energy, in whole femtojoules, so that parts always add up to their total.
#pragma once

#include <array>
#include <cstdint>

#include "model/cost/energy_table.hpp"
#include "model/timing/activity.hpp"
#include "model/timing/cycle.hpp"

namespace m3sim::cost {

/// Femtojoules by component.
class Energy {
 public:
  std::int64_t& operator[](Component c) { return fj_[static_cast<std::size_t>(c)]; }
  std::int64_t operator[](Component c) const { return fj_[static_cast<std::size_t>(c)]; }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const std::int64_t fj : fj_) sum += fj;
    return sum;
  }
  Energy& operator+=(const Energy& other) {
    for (std::size_t i = 0; i < kComponentCount; ++i) fj_[i] += other.fj_[i];
    return *this;
  }
  friend Energy operator+(Energy a, const Energy& b) { return a += b; }
  bool operator==(const Energy&) const = default;

 private:
  std::array<std::int64_t, kComponentCount> fj_{};
};

/// What the memory system says of an interval.
struct DramUse {
  bool counted = false;         ///< command energies are known
  std::int64_t counted_fj = 0;  ///< activate, read, write, refresh, background, I/O
  std::int64_t bytes = 0;       ///< moved; weighed by the table where commands are not counted
};

/// Energy of what was done, whenever it was.
Energy event_energy(const EnergyTable& table, const timing::Activity& activity,
                    Bound bound = Bound::kNominal);

/// Energy of being on for `cycles` of a clock: clock tree, leakage, processing system.
Energy time_energy(const EnergyTable& table, timing::Cycle cycles, std::int64_t clock_hz,
                   Bound bound = Bound::kNominal);

/// Energy of the DRAM devices. Counted energies come from datasheet currents and have no band.
Energy dram_energy(const EnergyTable& table, const DramUse& use, timing::Cycle cycles,
                   std::int64_t clock_hz, Bound bound = Bound::kNominal);

/// All three.
Energy energy(const EnergyTable& table, const timing::Activity& activity, const DramUse& use,
              timing::Cycle cycles, std::int64_t clock_hz, Bound bound = Bound::kNominal);

}  // namespace m3sim::cost
