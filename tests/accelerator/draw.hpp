// Random legal design points: networks from two tokens and one expert on, hardware, memory and
// schedules.
#pragma once

#include "tests/accelerator/forked_run.hpp"

namespace m3sim::test {

/// The same plan for the same seed, on any machine. A few in a hundred break a rule between keys
/// and must be refused.
RunPlan draw_plan(std::uint64_t seed);

}  // namespace m3sim::test
