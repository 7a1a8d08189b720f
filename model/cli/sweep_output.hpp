// What a sweep prints: its points' figures as CSV, and the Pareto front of each task.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/explore/plan.hpp"
#include "model/explore/sweep.hpp"

namespace m3sim::cli {

/// The points of a sweep in their order.
using Points = std::vector<std::pair<explore::Choice, explore::PointRow>>;

/// A line for each task of each point that meets the goal's conditions, and for each point without
/// a result: axes, hash, state, message, task, image and every figure.
std::string csv_text(const explore::Sweep& sweep, const explore::Goal& goal, const Points& points);

/// How many points ended how, and a table for each task.
std::string fronts_text(const explore::Sweep& sweep, const explore::Goal& goal,
                        const Points& points);

}  // namespace m3sim::cli
