// What a design point takes at least, known without simulating it.
#pragma once

#include "model/config/accelerator_config.hpp"
#include "model/cost/energy_table.hpp"
#include "model/explore/figures.hpp"
#include "model/timing/cycle.hpp"

namespace m3sim::explore {

/// Cycles of one image below which no run can be, whatever memory and routing do: each kernel of
/// the schedule starts after the one before, and none is shorter than the iterations of its longest
/// loop at an interval of 1 (linear layers: MACs over those of the array; QxK and attention x V:
/// hardware.md's I; layer norm and residual: N * D / F words each).
timing::Cycle least_cycles(const AcceleratorConfig& config);

/// Figures of any task: cycles, latency, the energy of being on for so long, and the resources,
/// which are exact. All others are missing.
TaskResult least(const AcceleratorConfig& config, const cost::EnergyTable& table);

}  // namespace m3sim::explore
