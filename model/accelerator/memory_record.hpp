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

/// When kernels that are not loads run.
class ComputeTime {
 public:
  explicit ComputeTime(const std::vector<KernelRecord>& kernels);
  /// Cycles of a load in which none of them runs.
  timing::Cycle exposed(const KernelRecord& load) const;

 private:
  struct Span {
    timing::Cycle start, end;
  };
  std::vector<Span> spans_;  ///< ascending, without overlap
};

}  // namespace m3sim
