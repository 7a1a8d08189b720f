// What must add up in every run (timing contract, section 9): a violation is a fault of the simulator,
// not of the design, and names itself.
#pragma once
#include "model/accelerator/run_record.hpp"

namespace m3sim {

/// Each process's causes sum to its kernel's cycles, no cause is negative, no stream held more than its
/// depth. Throws std::logic_error.
void require_closed(const KernelRecord& kernel);
/// The kernels lie within the image, which begins where `previous_end` says, and the words that they moved
/// are those that crossed the ports. Throws std::logic_error.
void require_closed(const TaskRecord& task, timing::Cycle previous_end);

}  // namespace m3sim
