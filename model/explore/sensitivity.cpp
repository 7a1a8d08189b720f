#include "model/explore/sensitivity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "model/config/error.hpp"
#include "model/config/nearest.hpp"
#include "model/config/registry.hpp"
#include "model/explore/processes.hpp"
#include "model/network/file.hpp"

namespace m3sim::explore {
namespace {

using Json = nlohmann::ordered_json;

bool legal(const Config& base, const Key& key, const std::string& text) {
  AcceleratorConfig values = base.values;
  if (key.assign(values, text)) return false;
  try {
    validate(values);
  } catch (const ConfigError&) {
    return false;
  }
  return true;
}

/// "hpc0, hpc1 or hp0" as words.
std::vector<std::string> words_of(const std::string& text) {
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  std::istringstream in(spaced);
  std::vector<std::string> words;
  for (std::string word; in >> word;)
    if (word != "or") words.push_back(word);
  return words;
}

/// As an assignment has it.
std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& element : value) text += (text.empty() ? "" : ", ") + text_of(element);
  return text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

const std::vector<std::string>& stepped_keys() {
  static const std::vector<std::string> keys{"linear.in_tile",
                                             "linear.out_tile",
                                             "linear.weight_banks",
                                             "linear.overlap_dense_loads",
                                             "linear.overlap_expert_loads",
                                             "attention.rows",
                                             "attention.softmax_lanes",
                                             "layer_norm.token_banks",
                                             "gate.overlap_zero_output",
                                             "gate.parallel_softmax_top_k",
                                             "residual.y_request",
                                             "port.outstanding_reads",
                                             "port.outstanding_writes",
                                             "ps.width_bits",
                                             "ps.inout3",
                                             "ps.weights",
                                             "ports.scores",
                                             "memory.kind"};
  return keys;
}

std::vector<Step> steps_of(const Config& base, const std::string& name) {
  const Key* key = Registry::instance().find(name);
  if (key == nullptr) throw UsageError("--keys " + name + ": there is no such key");
  const std::string from = key->text(base.values);
  std::vector<Step> steps;
  const auto add_first = [&](const std::vector<std::string>& candidates, bool up) {
    for (const std::string& text : candidates)
      if (text != from && legal(base, *key, text)) {
        steps.push_back({name, from, text, up});
        return;
      }
  };
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error == std::errc() && end == from.data() + from.size()) {
    if (number % 2 == 0)
      add_first({std::to_string(number / 2), std::to_string(number - 1)}, false);
    else
      add_first({std::to_string(number - 1)}, false);
    add_first({std::to_string(2 * number), std::to_string(number + 1)}, true);
  } else if (from == "true" || from == "false") {
    add_first({from == "true" ? "false" : "true"}, true);
  } else {
    const std::vector<std::string> words = words_of(key->legal());
    if (std::find(words.begin(), words.end(), from) != words.end())
      for (const std::string& word : words) add_first({word}, true);
  }
  return steps;
}

Repetition::Repetition(const std::string& program, const std::string& file, const Json& report,
                       const std::filesystem::path& folder)
    : program_(program), file_(file), folder_(folder) {
  for (const auto& [key, value] : report.at("config").items())
    assignments_.push_back(key + '=' + text_of(value));
  try {
    base_ = load_config({{}, assignments_});
  } catch (const ConfigError& error) {
    throw InputError(file, "its configuration is refused: " + first_line(error.what()));
  }
  const Json& inputs = report.at("inputs");
  for (const auto& [name, value] : inputs.items()) {
    std::string option = name, text = value.get<std::string>();
    std::replace(option.begin(), option.end(), '_', '-');
    if (name == "data") {
      data_ = text == "on";
    } else if (name == "routing") {
      routing_ = text;
    } else {
      // "seed:0 (N tensors)"
      if (name == "fill_missing") text = text.substr(0, text.find(' '));
      inputs_.insert(inputs_.end(), {"--" + option, text});
    }
  }
  for (const Json& task : report.at("tasks"))
    tasks_ += (tasks_.empty() ? "" : ",") + task.at("task").get<std::string>();
}

std::vector<std::string> Repetition::command(const std::string& name, const std::string& routing,
                                             bool data) const {
  std::vector<std::string> arguments{program_, "run"};
  for (const std::string& text : assignments_) arguments.insert(arguments.end(), {"--set", text});
  for (std::size_t i = 0; i + 1 < inputs_.size(); i += 2)
    if (data || inputs_[i] == "--repeat-routing")
      arguments.insert(arguments.end(), {inputs_[i], inputs_[i + 1]});
  arguments.insert(arguments.end(),
                   {"--sequence", tasks_, "--routing", routing, "--data", data ? "on" : "off",
                    "--report", (folder_ / (name + ".json")).string()});
  return arguments;
}

Json Repetition::simulate(const std::vector<std::string>& arguments,
                          const std::string& name) const {
  int exit_code = 0;
  std::optional<Job> job = Job{0, arguments, (folder_ / (name + ".err")).string()};
  run_jobs(
      1, [&] { return std::exchange(job, std::nullopt); },
      [&](const JobEnd& end) { exit_code = end.signal != 0 ? 128 + end.signal : end.exit_code; },
      [] {}, [] { return false; });
  if (exit_code != 0)
    throw InputError(
        file_, "its run cannot be repeated: " + first_line(read_file(folder_ / (name + ".err"))));
  return Json::parse(read_file(folder_ / (name + ".json")));
}

void Repetition::check(const Json& report) {
  if (routing_ == "gates") {
    const std::string recorded = (folder_ / "routing").string();
    std::vector<std::string> arguments = command("recorded", routing_, true);
    arguments.insert(arguments.end(), {"--record-routing", recorded});
    simulate(arguments, "recorded");
    routing_ = recorded;
  }
  const Json again = simulate(command("base", routing_, false), "base");
  const Json& was = report.at("tasks");
  const Json& is = again.at("tasks");
  for (std::size_t t = 0; t < was.size(); ++t) {
    const Json& a = was[t].at("kernels");
    const Json& b = is.at(t).at("kernels");
    for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
      if (k < a.size() && k < b.size() && a[k].at("name") == b[k].at("name") &&
          a[k].at("cycles") == b[k].at("cycles"))
        continue;
      const Json& kernel = k < a.size() ? a[k] : b[k];
      throw InputError(file_, "its run cannot be repeated: " +
                                  kernel.at("name").get<std::string>() + " of task " +
                                  was[t].at("task").get<std::string>() + " takes another time now");
    }
  }
}

std::vector<Json> Repetition::run(const std::vector<Step>& steps, int parallel,
                                  const std::function<void(std::size_t)>& done) const {
  std::vector<Json> reports(steps.size());
  std::size_t next = 0, ended = 0;
  const auto file = [&](std::size_t id, const char* kind) {
    return (folder_ / (std::to_string(id) + kind)).string();
  };
  run_jobs(
      parallel,
      [&]() -> std::optional<Job> {
        if (next == steps.size()) return std::nullopt;
        std::vector<std::string> arguments = command(std::to_string(next), routing_, false);
        arguments.insert(arguments.end(), {"--set", steps[next].key + '=' + steps[next].to});
        const std::size_t id = next++;
        return Job{id, std::move(arguments), file(id, ".err")};
      },
      [&](const JobEnd& end) {
        if (end.signal == 0 && end.exit_code == 0)
          reports[end.id] = Json::parse(read_file(file(end.id, ".json")));
        done(++ended);
      },
      [] {}, [] { return false; });
  return reports;
}

Json sensitivity_json(const std::vector<Step>& steps, const std::vector<Json>& reports) {
  Json keys = Json::array();
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (reports[s].is_null()) continue;
    if (keys.empty() || keys.back()["key"] != steps[s].key)
      keys.push_back({{"key", steps[s].key}, {"value", steps[s].from}, {"steps", Json::array()}});
    Json tasks = Json::array();
    for (const Json& task : reports[s].at("tasks"))
      tasks.push_back(
          {{"latency_ms", task.at("latency_ms")}, {"energy_mj", task.at("energy_mj").at("total")}});
    keys.back()["steps"].push_back({{"value", steps[s].to}, {"up", steps[s].up}, {"tasks", tasks}});
  }
  return keys;
}

}  // namespace m3sim::explore
