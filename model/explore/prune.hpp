// Leaves out points that cannot be on the Pareto front.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/cost/energy_table.hpp"
#include "model/explore/figures.hpp"
#include "model/explore/point.hpp"

namespace m3sim::explore {

/// Knows finished points. A point whose lower bounds (`bounds.hpp`) are dominated by a finished one
/// in every task is dominated itself, whatever a simulation of it would say.
class Pruner {
 public:
  Pruner(std::vector<FigureName> objectives, cost::EnergyTable table)
      : objectives_(std::move(objectives)), table_(std::move(table)) {}

  /// A finished point, for one task.
  void add(const std::string& hash, const TaskResult& result);
  /// Why the point need not be simulated; empty where it must be.
  std::string reason(const Point& point) const;

 private:
  struct Member {
    std::string hash;
    std::vector<double> objectives;
  };
  std::vector<double> values(const TaskResult& result, double missing) const;

  std::vector<FigureName> objectives_;
  cost::EnergyTable table_;
  std::map<std::pair<std::string, std::int64_t>, std::vector<Member>> fronts_;  // by task and image
};

}  // namespace m3sim::explore
