// Constraints on figures: `latency_ms<40`, `resources.bram18 <= 1824 and power_w < 6`.
#pragma once

#include <string>
#include <vector>

#include "model/explore/figures.hpp"

namespace m3sim::explore {

class Condition {
 public:
  /// Comparisons (< <= > >= = !=) of a figure with a number, joined by `and`. Throws UsageError.
  explicit Condition(const std::string& text);

  /// A figure that the result lacks meets no comparison.
  bool holds(const TaskResult& result) const;
  /// True where the columns of a store do not suffice.
  bool needs_report() const;

 private:
  struct Comparison {
    FigureName figure;
    std::string relation;
    double bound;
  };
  std::vector<Comparison> comparisons_;
};

}  // namespace m3sim::explore
