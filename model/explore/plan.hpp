// Which points a sweep takes, round after round.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/explore/condition.hpp"
#include "model/explore/prune.hpp"
#include "model/explore/search.hpp"
#include "model/explore/store.hpp"

namespace m3sim::explore {

/// What became of a point of an earlier round.
using Lookup = std::function<PointRow(const Choice&)>;

class Plan {
 public:
  virtual ~Plan() = default;
  /// Of all rounds, at most.
  virtual std::size_t points() const = 0;
  /// Points of the next round; none at the end. All points of earlier rounds are recorded.
  virtual std::vector<Choice> next() = 0;
  /// Why a point need not be simulated, or nothing.
  virtual std::string pruned(const Point&) const { return {}; }
};

/// What makes a point good, and what it must meet.
struct Goal {
  std::vector<FigureName> objectives;
  std::vector<Condition> conditions;

  bool needs_report() const;
  bool meets(const TaskResult& result) const;
  /// Objectives of one task; not a number where it lacks one.
  std::vector<double> values(const TaskResult& result) const;
};

/// These points, all in one round.
std::unique_ptr<Plan> walk(std::vector<Choice> points);

/// These points, kPruneRound in a round; those whose lower bounds a point of an earlier round
/// dominates are pruned.
std::unique_ptr<Plan> walk_pruned(std::vector<Choice> points, Goal goal, cost::EnergyTable table,
                                  Lookup lookup);
inline constexpr std::size_t kPruneRound = 16;

/// NSGA-II: `count` points in generations of `population`. With several tasks an objective is that
/// of the worst task, and each must meet the conditions.
std::unique_ptr<Plan> search(const std::vector<Axis>& axes, std::size_t count,
                             std::size_t population, std::uint64_t seed, Goal goal, Lookup lookup);

}  // namespace m3sim::explore
