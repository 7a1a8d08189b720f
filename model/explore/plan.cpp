#include "model/explore/plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace m3sim::explore {
namespace {

class Walk final : public Plan {
 public:
  explicit Walk(std::vector<Choice> points) : points_(std::move(points)), count_(points_.size()) {}
  std::size_t points() const override { return count_; }
  std::vector<Choice> next() override { return std::exchange(points_, {}); }

 private:
  std::vector<Choice> points_;
  std::size_t count_;
};

class PrunedWalk final : public Plan {
 public:
  PrunedWalk(std::vector<Choice> points, Goal goal, cost::EnergyTable table, Lookup lookup)
      : points_(std::move(points)),
        goal_(std::move(goal)),
        pruner_(goal_.objectives, std::move(table)),
        lookup_(std::move(lookup)) {}

  std::size_t points() const override { return points_.size(); }

  std::vector<Choice> next() override {
    for (std::size_t i = begin_; i < end_; ++i) {
      const PointRow row = lookup_(points_[i]);
      const bool all_meet =
          std::all_of(row.results.begin(), row.results.end(),
                      [&](const TaskResult& result) { return goal_.meets(result); });
      // Whoever is not shown dominates nobody.
      for (const TaskResult& result : row.results) {
        if (all_meet) pruner_.add(row.hash, result);
      }
    }
    begin_ = end_;
    end_ = std::min(begin_ + kPruneRound, points_.size());
    return {points_.begin() + static_cast<std::ptrdiff_t>(begin_),
            points_.begin() + static_cast<std::ptrdiff_t>(end_)};
  }

  std::string pruned(const Point& point) const override { return pruner_.reason(point); }

 private:
  std::vector<Choice> points_;
  std::size_t begin_ = 0, end_ = 0;  // of the round
  Goal goal_;
  Pruner pruner_;
  Lookup lookup_;
};

class Search final : public Plan {
 public:
  Search(const std::vector<Axis>& axes, std::size_t count, std::size_t population,
         std::uint64_t seed, Goal goal, Lookup lookup)
      : nsga2_(axes, population, seed),
        count_(count),
        goal_(std::move(goal)),
        lookup_(std::move(lookup)) {}

  std::size_t points() const override { return count_; }

  std::vector<Choice> next() override {
    if (!generation_.empty()) {
      std::vector<Evaluation> evaluations;
      for (const Choice& choice : generation_) evaluations.push_back(evaluate(choice));
      nsga2_.tell(evaluations);
    }
    generation_ = nsga2_.ask(count_ - taken_);
    taken_ += generation_.size();
    return generation_;
  }

 private:
  Evaluation evaluate(const Choice& choice) const {
    Evaluation evaluation{choice, {}, true};
    for (const TaskResult& result : lookup_(choice).results) {
      const std::vector<double> values = goal_.values(result);
      if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
        return {choice, {}, false};
      }
      if (evaluation.objectives.empty()) evaluation.objectives = values;
      for (std::size_t i = 0; i < values.size(); ++i) {
        evaluation.objectives[i] = std::max(evaluation.objectives[i], values[i]);
      }
      evaluation.feasible = evaluation.feasible && goal_.meets(result);
    }
    evaluation.feasible = evaluation.feasible && !evaluation.objectives.empty();
    return evaluation;
  }

  Nsga2 nsga2_;
  std::size_t count_, taken_ = 0;
  std::vector<Choice> generation_;
  Goal goal_;
  Lookup lookup_;
};

}  // namespace

bool Goal::needs_report() const {
  return std::any_of(objectives.begin(), objectives.end(),
                     [](const FigureName& name) { return name.needs_report(); }) ||
         std::any_of(conditions.begin(), conditions.end(),
                     [](const Condition& condition) { return condition.needs_report(); });
}

bool Goal::meets(const TaskResult& result) const {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Condition& condition) { return condition.holds(result); });
}

std::vector<double> Goal::values(const TaskResult& result) const {
  std::vector<double> values;
  for (const FigureName& name : objectives) values.push_back(as_double(name.of(result)));
  return values;
}

std::unique_ptr<Plan> walk(std::vector<Choice> points) {
  return std::make_unique<Walk>(std::move(points));
}

std::unique_ptr<Plan> walk_pruned(std::vector<Choice> points, Goal goal, cost::EnergyTable table,
                                  Lookup lookup) {
  return std::make_unique<PrunedWalk>(std::move(points), std::move(goal), std::move(table),
                                      std::move(lookup));
}

std::unique_ptr<Plan> search(const std::vector<Axis>& axes, std::size_t count,
                             std::size_t population, std::uint64_t seed, Goal goal, Lookup lookup) {
  return std::make_unique<Search>(axes, count, population, seed, std::move(goal),
                                  std::move(lookup));
}

}  // namespace m3sim::explore
