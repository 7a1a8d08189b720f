#pragma once

#include <cstddef>
#include <vector>

namespace m3sim::explore {

/// `a` is nowhere larger than `b` and somewhere smaller.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);

/// Indices of the points that no other dominates, in order of their first objective (then of the
/// next, then of their place); points alike in all objectives are all kept. A point with a missing objective (not a
/// number) is on no front.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& objectives);

}  // namespace m3sim::explore
