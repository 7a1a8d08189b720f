#include "model/explore/figures.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/config/error.hpp"

namespace m3sim::explore {
namespace {

using Json = nlohmann::ordered_json;

/// The value at a path of keys joined by dots.
Figure figure_at(const Json& root, std::string_view path) {
  const Json* value = &root;
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), key.size() + 1));
    const auto found = value->is_object() ? value->find(std::string(key)) : value->end();
    if (!value->is_object() || found == value->end()) return {};
    value = &*found;
  }
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (value->is_number()) return value->get<double>();
  return {};
}

}  // namespace

const std::vector<std::string>& figure_names() {
  static const std::vector<std::string> names{"cycles",
                                              "latency_ms",
                                              "energy_mj.total",
                                              "energy_mj.compute",
                                              "energy_mj.onchip_memory",
                                              "energy_mj.streams",
                                              "energy_mj.interconnect",
                                              "energy_mj.clock",
                                              "energy_mj.dram",
                                              "energy_mj.static",
                                              "energy_mj.ps",
                                              "energy_mj_band.low",
                                              "energy_mj_band.high",
                                              "power_w",
                                              "macs",
                                              "achieved_gops",
                                              "utilization",
                                              "utilization_in_kernels",
                                              "shares.qk_and_av",
                                              "shares.linear_and_experts",
                                              "lower_bounds.mac_array_ms",
                                              "lower_bounds.port_ms",
                                              "lower_bounds.dram_ms",
                                              "dram.bytes_read",
                                              "dram.bytes_written",
                                              "dram.bandwidth_gbs",
                                              "dram.row_hit_rate",
                                              "dram.activates",
                                              "dram.refreshes",
                                              "resources.dsp",
                                              "resources.bram18",
                                              "one_time.cycles"};
  return names;
}

std::size_t figure_index(const std::string& name) {
  const auto& names = figure_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    std::string all;
    for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
    throw UsageError(name + ": no such figure; there are " + all);
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<TaskResult> task_results(const Json& report) {
  std::vector<TaskResult> results;
  for (const Json& task : report.at("tasks")) {
    TaskResult result{task.at("task").get<std::string>(), task.at("image").get<std::int64_t>(), {}};
    for (const std::string& name : figure_names()) {
      const bool of_all = name.rfind("resources.", 0) == 0 || name.rfind("one_time.", 0) == 0;
      result.figures.push_back(figure_at(of_all ? report : task, name));
    }
    results.push_back(std::move(result));
  }
  return results;
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
