#include "model/cli/sweep_output.hpp"

#include <array>
#include <cstdio>
#include <map>

#include "model/explore/pareto.hpp"
#include "model/report/text_table.hpp"

namespace m3sim::cli {
namespace {

using namespace explore;

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string plain(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string csv_line(const Sweep& sweep, const Choice& choice, const PointRow& row,
                     const TaskResult* result) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    text += cell(sweep.axes[a].values[choice[a]]) + ",";
  }
  text += row.hash + "," + state_name(row.state) + "," + cell(row.message) + ",";
  text += result != nullptr ? cell(result->task) + "," + std::to_string(result->image) : ",";
  for (std::size_t f = 0; f < figure_names().size(); ++f) {
    text += "," + (result != nullptr ? as_text(result->figures[f]) : "");
  }
  return text + "\n";
}

/// Points with a result for one task that meets the conditions.
struct Candidates {
  std::vector<const Choice*> choices;
  std::vector<std::vector<double>> objectives;
};

std::string front_text(const Sweep& sweep, const Goal& goal, const Candidates& candidates) {
  const std::vector<std::size_t> front = pareto_front(candidates.objectives);
  std::vector<report::TextTable::Column> columns;
  for (const Axis& axis : sweep.axes) columns.push_back({axis.key});
  for (const FigureName& name : goal.objectives) columns.push_back({name.text()});
  report::TextTable table(std::move(columns));
  for (const std::size_t member : front) {
    std::vector<std::string> cells;
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      cells.push_back(sweep.axes[a].values[(*candidates.choices[member])[a]]);
    }
    for (const double value : candidates.objectives[member]) cells.push_back(plain(value));
    table.add(std::move(cells));
  }
  return std::to_string(front.size()) + " of " + std::to_string(candidates.choices.size()) +
         " points\n" + table.text();
}

}  // namespace

std::string csv_text(const Sweep& sweep, const Goal& goal, const Points& points) {
  std::string text;
  for (const Axis& axis : sweep.axes) text += axis.key + ",";
  text += "hash,state,message,task,image";
  for (const std::string& name : figure_names()) text += "," + name;
  text += "\n";
  for (const auto& [choice, row] : points) {
    if (row.results.empty()) text += csv_line(sweep, choice, row, nullptr);
    for (const TaskResult& result : row.results) {
      if (goal.meets(result)) text += csv_line(sweep, choice, row, &result);
    }
  }
  return text;
}

std::string fronts_text(const Sweep& sweep, const Goal& goal, const Points& points) {
  std::array<std::size_t, 4> counts{};
  std::map<std::string, Candidates> by_task;
  for (const auto& [choice, row] : points) {
    ++counts[static_cast<std::size_t>(row.state)];
    for (const TaskResult& result : row.results) {
      if (!goal.meets(result)) continue;
      Candidates& candidates = by_task[result.task];
      candidates.choices.push_back(&choice);
      candidates.objectives.push_back(goal.values(result));
    }
  }
  std::string text = std::to_string(points.size()) + " points";
  for (const State state : {State::kFailed, State::kRejected, State::kPruned}) {
    const std::size_t count = counts[static_cast<std::size_t>(state)];
    if (state == State::kPruned && count == 0) continue;
    text += ", " + std::to_string(count) + " " + state_name(state);
  }
  text += "\n";
  for (const auto& [task, candidates] : by_task) {
    text += "Pareto front of task " + task + ": " + front_text(sweep, goal, candidates);
  }
  return text;
}

}  // namespace m3sim::cli
