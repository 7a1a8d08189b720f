// What limits a task, and what it would gain without that limit.
#pragma once

#include <string>
#include <vector>

#include "model/report/timeline.hpp"

namespace m3sim::report {

/// A resource, and an ESTIMATE of the cycles a task would save if it were free (infinitely fast).
struct Bottleneck {
  std::string resource;
  timing::Cycle saved = 0;
};

/// All resources that would save something, largest first, from the records of one run:
///  * "load of PART weights" saves the exposed cycles of those loads,
///  * "controller" the cycles in which no kernel runs and each kernel's start and done,
///  * "ENGINE.PROCESS" (its work, that is its busy cycles) and "port NAME" (the cycles in which
///    processes on it waited for memory) save, kernel by kernel, as much as the largest own time of
///    the kernel's processes shrinks without them; at most the cycles the kernel runs alone.
/// Savings of two resources do not add up.
std::vector<Bottleneck> bottlenecks(const TaskRecord& task, const Timeline& timeline);

}  // namespace m3sim::report
