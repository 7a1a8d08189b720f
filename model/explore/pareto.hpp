#pragma once

#include <cstddef>
#include <vector>

namespace m3sim::explore {

/// Indices of the points that no other dominates, in order of their first objective (then of the
/// next, then of their place). A point dominates another if it is nowhere larger and somewhere
/// smaller; points alike in all objectives are all kept. A point with a missing objective (not a
/// number) is on no front.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& objectives);

}  // namespace m3sim::explore
