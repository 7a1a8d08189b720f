#include "model/explore/figures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/accelerator/run_record.hpp"
#include "model/config/error.hpp"
#include "model/config/nearest.hpp"
#include "model/cost/energy_table.hpp"
#include "model/report/compare.hpp"
#include "model/timing/accounting.hpp"

namespace m3sim::explore {
namespace {

using Json = nlohmann::ordered_json;

/// The value at a path of keys and names of list elements, which may hold dots themselves.
const Json* value_at(const Json& root, std::string_view path) {
  if (path.empty()) return &root;
  const auto below = [&](std::string_view name, const Json& value) -> const Json* {
    if (path == name) return &value;
    const bool is_prefix = path.size() > name.size() && path.substr(0, name.size()) == name &&
                           path[name.size()] == '.';
    return is_prefix ? value_at(value, path.substr(name.size() + 1)) : nullptr;
  };
  if (root.is_object()) {
    for (const auto& [key, value] : root.items()) {
      if (const Json* found = below(key, value)) return found;
    }
  } else if (root.is_array()) {
    const std::vector<std::string> names = report::element_names(root);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (const Json* found = below(names[i], root[i])) return found;
    }
  }
  return nullptr;
}

Figure number(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (value->is_number()) return value->get<double>();
  return {};
}

/// Sum of a figure over the elements of a list, of each list in a list with `inner`.
Figure sum(const Json& task, const char* list, const char* inner, std::string_view path) {
  const auto found = task.find(list);
  if (found == task.end()) return {};
  std::int64_t total = 0;
  const auto add = [&](const Json& element) {
    const Figure figure = number(value_at(element, path));
    if (const auto* whole = std::get_if<std::int64_t>(&figure)) total += *whole;
  };
  for (const Json& element : *found) {
    if (inner == nullptr) {
      add(element);
    } else if (const auto below = element.find(inner); below != element.end()) {
      for (const Json& item : *below) add(item);
    }
  }
  return total;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

constexpr std::string_view kStalls = "stalls.";
constexpr std::array<std::string_view, 3> kExpertSums{
    "experts.load_cycles", "experts.hidden_cycles", "experts.exposed_cycles"};

Figure column_of(const Json& report, const Json& task, std::string_view name) {
  if (starts_with(name, kStalls)) return sum(task, "parts", nullptr, name);
  if (std::find(kExpertSums.begin(), kExpertSums.end(), name) != kExpertSums.end()) {
    return sum(task, "experts", "loads", name.substr(name.find('.') + 1));
  }
  const Json* value = value_at(task, name);
  return number(value != nullptr ? value : value_at(report, name));
}

std::vector<std::string> make_figure_names() {
  std::vector<std::string> names{"cycles", "latency_ms", "energy_mj.total"};
  const auto add = [&](const std::string& start, const auto& list, const std::string& end) {
    for (const auto& item : list) names.push_back(start + std::string(item) + end);
  };
  using List = std::vector<std::string>;
  add("energy_mj.", cost::kComponentNames, "");
  add("",
      List{"energy_mj_band.low", "energy_mj_band.high", "power_w", "macs", "achieved_gops",
           "utilization", "utilization_in_kernels"},
      "");
  add("shares.", List{"qk_and_av", "linear_and_experts"}, "");
  add("lower_bounds.", List{"mac_array_ms", "port_ms", "dram_ms"}, "");
  for (const char* figure : {".cycles", ".exposed_load_cycles"}) add("parts.", kPartNames, figure);
  names.push_back("parts.control.cycles");
  add(std::string(kStalls), timing::kCauseNames, "");
  add("", kExpertSums, "");
  add("routing.", List{"active_experts", "longest_queue", "effective_experts", "gini"}, "");
  add("dram.",
      List{"bytes_read", "bytes_written", "bandwidth_gbs", "row_hit_rate", "activates",
           "refreshes"},
      "");
  for (const auto& [master, word] : Words<Master>::kTable) {
    add("dram.ports." + std::string(word) + ".",
        List{"bytes_read", "bytes_written", "read_busy", "write_busy"}, "");
  }
  add("resources.", List{"dsp", "bram18", "uram", "lut", "ff"}, "");
  names.push_back("one_time.cycles");
  return names;
}

/// Figures below lists, whose elements' names depend on the network: `start`, a name, `end`.
struct Family {
  std::string_view start;
  std::vector<std::string_view> ends;
};

bool is_in_a_list(std::string_view name) {
  static const std::vector<Family> families{
      {"kernels.",
       {"start", "end", "cycles", "dram_bytes_read", "dram_bytes_written", "energy_mj"}},
      {"parts.", {"latency_ms", "share", "kernel_cycles"}},
      {"dram.",
       {"reads", "writes", "precharges", "read_bursts", "write_bursts", "activate", "read", "write",
        "refresh", "background", "io"}},
      {"experts.layer",
       {"tokens", "load_cycles", "hidden_cycles", "exposed_cycles", "active", "longest_queue",
        "effective_experts", "gini"}},
      {"bottlenecks.", {"share", "saved_cycles", "latency_ms_if_free"}},
      {"macs_by_part.", {}},
      {"resources.items.", {"dsp", "bram18"}},
      {"one_time.energy_mj.", {}}};
  for (const Family& family : families) {
    if (!starts_with(name, family.start)) continue;
    const std::size_t dot = name.rfind('.');
    const std::string_view last = name.substr(dot + 1), before = name.substr(0, dot);
    if (last.empty()) continue;
    if (family.ends.empty() ||
        std::find(family.ends.begin(), family.ends.end(), last) != family.ends.end()) {
      return true;
    }
    const auto& causes = timing::kCauseNames;
    const bool is_cause =
        last == "control" || std::find(causes.begin(), causes.end(), last) != causes.end();
    if (is_cause && before.size() > 7 && before.substr(before.size() - 7) == ".stalls") return true;
    const bool is_queue = before.size() > 6 && before.substr(before.size() - 6) == ".queue" &&
                          last.find_first_not_of("0123456789") == last.npos;
    if (is_queue) return true;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& figure_names() {
  static const std::vector<std::string> names = make_figure_names();
  return names;
}

FigureName::FigureName(const std::string& name) : name_(name) {
  const auto& names = figure_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) {
    column_ = static_cast<std::size_t>(found - names.begin());
  } else if (!is_in_a_list(name)) {
    const std::string near = nearest_text(name, names);
    throw UsageError(name + ": no such figure; " +
                     (near.empty() ? "there are cycles, latency_ms, energy_mj.total, "
                                     "resources.bram18 and others of report.json"
                                   : "did you mean " + near + "?"));
  }
}

Figure FigureName::of(const TaskResult& result) const {
  if (!needs_report()) return result.figures[column_];
  if (result.report == nullptr) return {};
  const Json* value = value_at(result.report->at("tasks")[result.position], name_);
  return number(value != nullptr ? value : value_at(*result.report, name_));
}

std::vector<TaskResult> task_results(const Json& report) {
  std::vector<TaskResult> results;
  for (const Json& task : report.at("tasks")) {
    TaskResult result{task.at("task").get<std::string>(), task.at("image").get<std::int64_t>(), {}};
    for (const std::string& name : figure_names()) {
      result.figures.push_back(column_of(report, task, name));
    }
    result.position = results.size();
    results.push_back(std::move(result));
  }
  return results;
}

std::string kept_report(const Json& report) {
  Json kept = report;
  kept.erase("unknowns");
  for (Json& task : kept.at("tasks")) {
    const auto kernels = task.find("kernels");
    if (kernels == task.end()) continue;
    for (Json& kernel : *kernels) {
      kernel.erase("processes");
      kernel.erase("streams");
    }
  }
  return kept.dump();
}

double as_double(const Figure& figure) {
  if (const auto* whole = std::get_if<std::int64_t>(&figure)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&figure)) return *real;
  return std::numeric_limits<double>::quiet_NaN();
}

std::string as_text(const Figure& figure) {
  if (const auto* whole = std::get_if<std::int64_t>(&figure)) return std::to_string(*whole);
  const auto* real = std::get_if<double>(&figure);
  if (real == nullptr) return {};
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, *real).ptr};
}

}  // namespace m3sim::explore
