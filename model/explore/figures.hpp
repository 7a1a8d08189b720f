// The figures of a run that a sweep keeps and chooses by.
//
// Names are paths in report.json, below a task or, where a task lacks it, below the whole, joined
// by dots: "latency_ms", "energy_mj.total", "resources.bram18", "parts.experts.cycles",
// "dram.ports.weights.read_busy", "kernels.layer1.experts.3.fc1.cycles",
// "experts.layer3.queue.5". Elements of lists are named as `m3sim compare` names them.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace m3sim::explore {

/// Nothing where a report lacks the figure.
using Figure = std::variant<std::monostate, std::int64_t, double>;

/// One task of one point; `figures` in the order of figure_names().
struct TaskResult {
  std::string task;
  std::int64_t image = 0;
  std::vector<Figure> figures;
  /// The whole report, where it was asked for, and the task's place in it.
  std::shared_ptr<const nlohmann::ordered_json> report{};
  std::size_t position = 0;
};

/// The figures that have a column of their own in a store. Besides those of report.json there are
/// sums over its lists: "stalls.busy" of all parts, "experts.load_cycles" of all layers.
const std::vector<std::string>& figure_names();

/// Any figure of a report.
class FigureName {
 public:
  /// Throws UsageError for what no report has.
  explicit FigureName(const std::string& name);

  const std::string& text() const { return name_; }
  /// True where a column does not hold it, so that a result's report is needed.
  bool needs_report() const { return column_ == kNoColumn; }
  Figure of(const TaskResult& result) const;

 private:
  static constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);
  std::string name_;
  std::size_t column_ = kNoColumn;
};

/// A report's tasks in order.
std::vector<TaskResult> task_results(const nlohmann::ordered_json& report);

/// What a store keeps of a report: all but what its processes and streams did, and what only says
/// where the configuration came from.
std::string kept_report(const nlohmann::ordered_json& report);

/// Not a number where there is none.
double as_double(const Figure& figure);
/// Empty where there is none; the shortest text that reads back as the same number.
std::string as_text(const Figure& figure);

}  // namespace m3sim::explore
