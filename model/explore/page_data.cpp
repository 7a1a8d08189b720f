#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "model/config/error.hpp"
#include "model/explore/page.hpp"
#include "model/explore/pareto.hpp"
#include "model/explore/store_reader.hpp"

namespace m3sim::explore {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t whole(const Json& config, const char* key) {
  return config.at(key).get<std::int64_t>();
}

/// Kernels that compute nothing, though they are no loads of a weight bank.
bool only_moves(const std::string& name) {
  return name == "class_token" || name.ends_with(".load") || name.ends_with(".zero");
}

/// MACs of each computing kernel, and the bytes it moves. The two matrices of an MLP or an expert
/// take half of their part's MACs each. A matrix's are divided over its kernels on the linear unit
/// (slices, experts) by the bytes that they write, a value for each output feature of each token;
/// other parts have alike kernels, one in each layer.
void add_macs(Json& task) {
  const auto matrix = [](const Json& kernel) {
    const std::string name = kernel.at("name");
    const std::string part = kernel.at("part");
    if (name.find(".fc1") != std::string::npos) return part + ".fc1";
    return name.find(".fc2") != std::string::npos ? part + ".fc2" : part;
  };
  const auto weight = [](const Json& kernel) -> std::int64_t {
    if (kernel.at("load").get<bool>() || only_moves(kernel.at("name"))) return 0;
    return kernel.at("engine") == "linear" ? kernel.at("dram_bytes_written").get<std::int64_t>()
                                           : 1;
  };
  std::map<std::string, std::int64_t> weights;
  for (const Json& kernel : task.at("kernels")) weights[matrix(kernel)] += weight(kernel);
  const Json& parts = task.at("macs_by_part");
  for (Json& kernel : task.at("kernels")) {
    const std::string part = kernel.at("part"), name = matrix(kernel);
    const std::int64_t all = parts.value(part, std::int64_t{0}) / (name == part ? 1 : 2);
    const std::int64_t sum = weights[name];
    const double part_of =
        sum == 0 ? 0 : static_cast<double>(weight(kernel)) / static_cast<double>(sum);
    kernel["macs"] = static_cast<std::int64_t>(std::llround(static_cast<double>(all) * part_of));
    kernel["bytes"] = kernel.at("dram_bytes_read").get<std::int64_t>() +
                      kernel.at("dram_bytes_written").get<std::int64_t>();
  }
}

/// Replaces a kernel's processes by what the one that waits most for each port spent waiting.
void reduce_processes(Json& kernel) {
  kernel.erase("streams");
  const auto processes = kernel.find("processes");
  if (processes == kernel.end()) return;
  Json waits = Json::object();
  for (const Json& process : *processes) {
    Json wait = Json::object();
    std::int64_t sum = 0;
    for (const char* cause : {"memory_read", "memory_write", "arbitration"}) {
      const std::int64_t cycles = process.at("stalls").value(cause, std::int64_t{0});
      if (cycles > 0) wait[cause] = cycles;
      sum += cycles;
    }
    for (const Json& port : process.at("ports")) {
      Json& most = waits[port.get<std::string>()];
      std::int64_t before = -1;
      if (most.is_object()) {
        before = 0;
        for (const auto& [cause, cycles] : most.items()) before += cycles.get<std::int64_t>();
      }
      if (sum > before) most = wait;
    }
  }
  kernel.erase("processes");
  kernel["waits"] = waits;
}

double giga(double per_second) { return per_second / 1e9; }

Json roofs_of(const Json& config) {
  const auto hz = static_cast<double>(whole(config, "clock.pl_hz"));
  const auto word_bits = whole(config, "word.bits");
  const auto port_bits = std::min(word_bits, whole(config, "ps.width_bits"));
  const auto tile = whole(config, "linear.in_tile") * whole(config, "linear.out_tile");
  const auto rows = whole(config, "attention.rows") * word_bits / 32;
  const auto dram =
      2.0 * static_cast<double>(whole(config, "ddr.clock_hz")) *
      static_cast<double>(whole(config, "ddr.bus_width") * whole(config, "ddr.channels")) / 8;
  return {{"macs",
           {{{"name", "MAC array"}, {"gmacs", giga(static_cast<double>(tile) * hz)}},
            {{"name", "attention unit"}, {"gmacs", giga(static_cast<double>(rows) * hz)}}}},
          {"bandwidths",
           {{{"name", "DRAM"}, {"gbs", giga(dram)}, {"dash", false}},
            {{"name", "one port, one way"},
             {"gbs", giga(static_cast<double>(port_bits) / 8 * hz)},
             {"dash", true}}}}};
}

/// Tokens from which on computing an expert's matrix takes longer than loading the next: a token
/// takes in * out / tile cycles, a word of weights word / port cycles.
std::int64_t break_even(const Json& config) {
  const auto word = whole(config, "word.bits");
  const auto port = std::min(word, whole(config, "ps.width_bits"));
  return whole(config, "linear.in_tile") * whole(config, "linear.out_tile") * 16 / port;
}

Json task_summary(const Json& task) {
  Json parts = Json::array();
  for (const Json& part : task.at("parts")) {
    const double ms = part.at("latency_ms"), share = part.at("cycles").get<double>();
    const double exposed = part.value("exposed_load_cycles", 0.0);
    parts.push_back({part.at("part"), ms, share > 0 ? ms * exposed / share : 0.0});
  }
  Json energy = task.at("energy_mj");
  energy.erase("total");
  return {{"task", task.at("task")},
          {"image", task.at("image")},
          {"parts", parts},
          {"energy", energy},
          {"figures",
           {{"latency_ms", task.at("latency_ms")},
            {"energy_mj.total", task.at("energy_mj").at("total")}}}};
}

Json point_of(const Json& report, std::size_t id) {
  Json point{{"id", id}, {"values", Json::object()}, {"tasks", Json::array()}};
  for (const Json& task : report.at("tasks")) {
    Json summary = task_summary(task);
    for (const char* figure : {"dsp", "bram18"})
      summary["figures"][std::string("resources.") + figure] = report.at("resources").at(figure);
    point["tasks"].push_back(summary);
  }
  return point;
}

/// A number where the text is one.
Json value_of(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

std::string about(const Json& report) {
  std::string text = "m3sim " + report.at("version").get<std::string>() + ", network " +
                     report.at("config").at("network.name").get<std::string>();
  for (const auto& [name, value] : report.at("inputs").items())
    text += ", " + name + ' ' + value.get<std::string>();
  return text;
}

struct Kept {
  std::map<std::string, std::string> keys;
  std::vector<TaskResult> results;
  Json report;
};

std::vector<Json> ordered_values(std::set<std::string> texts) {
  std::vector<Json> values;
  for (const std::string& text : texts) values.push_back(value_of(text));
  std::sort(values.begin(), values.end());
  return values;
}

/// The figures that differ between points, and those that every page shows.
std::vector<std::size_t> shown_figures(const std::vector<Kept>& points) {
  const std::set<std::string> always{"latency_ms", "energy_mj.total", "resources.dsp",
                                     "resources.bram18"};
  std::vector<std::size_t> shown;
  for (std::size_t f = 0; f < figure_names().size(); ++f) {
    std::set<std::string> texts;
    for (const Kept& point : points)
      for (const TaskResult& result : point.results) texts.insert(as_text(result.figures[f]));
    if (texts.count("") == 0 && (texts.size() > 1 || always.count(figure_names()[f]) > 0))
      shown.push_back(f);
  }
  return shown;
}

/// The points of the front of latency and energy of each task, the fastest first; then the fastest
/// others.
std::vector<std::size_t> detailed(const std::vector<Kept>& points, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t tasks = points.front().results.size();
  const auto figure = [&](std::size_t p, std::size_t task, const char* name) {
    const auto& results = points[p].results;
    return task < results.size() ? as_double(FigureName(name).of(results[task])) : std::nan("");
  };
  for (std::size_t task = 0; task < tasks; ++task) {
    std::vector<std::vector<double>> objectives;
    for (std::size_t p = 0; p < points.size(); ++p)
      objectives.push_back({figure(p, task, "latency_ms"), figure(p, task, "energy_mj.total")});
    for (const std::size_t p : pareto_front(objectives))
      if (chosen.size() < most && std::find(chosen.begin(), chosen.end(), p) == chosen.end())
        chosen.push_back(p);
  }
  std::vector<std::size_t> fastest(points.size());
  for (std::size_t p = 0; p < fastest.size(); ++p) fastest[p] = p;
  std::stable_sort(fastest.begin(), fastest.end(), [&](std::size_t a, std::size_t b) {
    return figure(a, 0, "latency_ms") < figure(b, 0, "latency_ms");
  });
  for (const std::size_t p : fastest)
    if (chosen.size() < most && std::find(chosen.begin(), chosen.end(), p) == chosen.end())
      chosen.push_back(p);
  return chosen;
}

}  // namespace

Json page_detail(const Json& report) {
  Json detail{{"config", {{"clock.pl_hz", report.at("config").at("clock.pl_hz")}}},
              {"roofs", roofs_of(report.at("config"))},
              {"break_even_tokens", break_even(report.at("config"))},
              {"tasks", Json::array()}};
  for (const Json& original : report.at("tasks")) {
    Json task{{"cycles", original.at("cycles")},
              {"macs_by_part", original.at("macs_by_part")},
              {"experts", original.at("experts")},
              {"kernels", original.at("kernels")}};
    add_macs(task);
    for (Json& kernel : task.at("kernels")) {
      reduce_processes(kernel);
      Json stalls = Json::object();
      for (const auto& [cause, cycles] : kernel.at("stalls").items())
        if (cycles != 0) stalls[cause] = cycles;
      kernel["stalls"] = stalls;
      for (const char* unused : {"end", "energy_mj", "layer", "expert"}) kernel.erase(unused);
    }
    detail["tasks"].push_back(task);
  }
  return detail;
}

Json page_of_report(const Json& report, const Json& sensitivity) {
  Json data{{"kind", "report"},
            {"title", "m3sim: one design point"},
            {"about", about(report)},
            {"axes", Json::array()},
            {"first", 0},
            {"sameTasks", false}};
  std::set<std::string> names;
  for (const Json& task : report.at("tasks"))
    if (!names.insert(task.at("task").get<std::string>()).second) data["sameTasks"] = true;
  data["points"] = Json::array({point_of(report, 0)});
  data["details"] = Json::object();
  data["details"]["0"] = page_detail(report);
  data["sensitivity"] = sensitivity;
  return data;
}

Json page_of_store(const std::string& path, std::size_t details) {
  std::vector<Kept> points;
  std::size_t others = 0;
  const StoreReader store(path);
  for (const StoreReader::Point& point : store.points()) {
    if (point.state != State::kDone) {
      ++others;
      continue;
    }
    const Json report = store.report(point.hash);
    points.push_back({point.keys, task_results(report), report});
  }
  if (points.empty()) throw InputError(path, "holds no finished point");
  Json data{{"kind", "store"},
            {"title", "m3sim: " + std::to_string(points.size()) + " design points"},
            {"about",
             about(points.front().report) +
                 (others > 0 ? ", " + std::to_string(others) + " more points not simulated" : "")},
            {"axes", Json::array()},
            {"sameTasks", false}};
  for (const auto& entry : points.front().keys) {
    std::set<std::string> texts;
    for (const Kept& point : points) texts.insert(point.keys.at(entry.first));
    if (texts.size() < 2) continue;
    data["axes"].push_back({{"key", entry.first}, {"values", ordered_values(texts)}});
  }
  const std::vector<std::size_t> figures = shown_figures(points);
  data["points"] = Json::array();
  for (std::size_t p = 0; p < points.size(); ++p) {
    Json point = point_of(points[p].report, p);
    for (const Json& axis : data["axes"]) {
      const std::string key = axis["key"];
      point["values"][key] = value_of(points[p].keys.at(key));
    }
    for (std::size_t t = 0; t < points[p].results.size(); ++t)
      for (const std::size_t f : figures)
        point["tasks"][t]["figures"][figure_names()[f]] =
            as_double(points[p].results[t].figures[f]);
    data["points"].push_back(point);
  }
  data["details"] = Json::object();
  const std::vector<std::size_t> front = detailed(points, details);
  data["first"] = front.empty() ? 0 : front.front();
  for (const std::size_t p : front)
    data["details"][std::to_string(p)] = page_detail(points[p].report);
  data["sensitivity"] = Json::array();
  return data;
}

}  // namespace m3sim::explore
