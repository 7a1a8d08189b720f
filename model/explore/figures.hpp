// The figures of a run that a sweep keeps and chooses by.
#pragma once

#include <cstdint>
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
};

/// Named as in report.json below a task ("latency_ms", "energy_mj.total"), and "resources.dsp",
/// "resources.bram18", "one_time.cycles" of the whole.
const std::vector<std::string>& figure_names();

/// Index in figure_names(). Throws UsageError that names the nearest figures.
std::size_t figure_index(const std::string& name);

/// A report's tasks in order.
std::vector<TaskResult> task_results(const nlohmann::ordered_json& report);

/// Not a number where there is none.
double as_double(const Figure& figure);
/// Empty where there is none; the shortest text that reads back as the same number.
std::string as_text(const Figure& figure);

}  // namespace m3sim::explore
