// What the memory system and overlapping loads did during an image, from its counters.
#pragma once
#include <vector>

#include "model/accelerator/run_record.hpp"
#include "model/config/accelerator_config.hpp"
#include "tlm/memory_system.hpp"

namespace m3sim {

/// Fills task.ports and task.dram with all that was counted up to `now`.
void snapshot(const tlm_mem::MemorySystem& memory, const AcceleratorConfig& config,
              timing::Cycle now, TaskRecord& task);
/// Takes what had been counted before from task.ports and task.dram.
void subtract(TaskRecord& task, const TaskRecord& before);
/// Cycles of a load in which no kernel that is not a load runs.
timing::Cycle exposed_cycles(const KernelRecord& load, const std::vector<KernelRecord>& kernels);

}  // namespace m3sim
