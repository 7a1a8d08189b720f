#include "model/explore/explain.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

namespace m3sim::explore {
namespace {

using Json = nlohmann::ordered_json;

struct Kernel {
  const Json* json;
  std::int64_t start, end;
  bool load;
};

std::string name_of(const Json& kernel, bool by_layer) {
  const std::string part = kernel.at("part");
  const int layer = kernel.at("layer");
  return by_layer && layer >= 0 ? "layer" + std::to_string(layer) + '.' + part : part;
}

/// Of each kernel, the cycles that belong to it.
std::vector<std::int64_t> owned(const std::vector<Kernel>& kernels) {
  std::set<std::int64_t> edges;
  for (const Kernel& kernel : kernels) edges.insert({kernel.start, kernel.end});
  std::vector<std::int64_t> cycles(kernels.size());
  std::size_t first = 0;
  for (auto edge = edges.begin(); edge != edges.end() && std::next(edge) != edges.end(); ++edge) {
    const std::int64_t from = *edge, until = *std::next(edge);
    std::size_t owner = kernels.size();
    while (first < kernels.size() && kernels[first].end <= from) ++first;
    for (std::size_t k = first; k < kernels.size(); ++k) {
      const Kernel& kernel = kernels[k];
      if (kernel.start > from || kernel.end < until) continue;
      const bool better = owner == kernels.size() || (kernels[owner].load && !kernel.load) ||
                          (kernels[owner].load == kernel.load && kernel.end > kernels[owner].end);
      if (better) owner = k;
    }
    if (owner < kernels.size()) cycles[owner] += until - from;
  }
  return cycles;
}

/// What a kernel's processes waited for memory, by the port of the one that waited most for it.
void add_waits(const Json& kernel, Share& share) {
  const auto processes = kernel.find("processes");
  if (processes == kernel.end()) return;
  std::map<std::string, std::int64_t> most;
  for (const Json& process : *processes) {
    std::int64_t sum = 0;
    for (const char* cause : {"memory_read", "memory_write", "arbitration"})
      sum += process.at("stalls").value(cause, std::int64_t{0});
    for (const Json& port : process.at("ports")) {
      std::int64_t& before = most[port.get<std::string>()];
      before = std::max(before, sum);
    }
  }
  for (const auto& [port, cycles] : most) share.waits[port] += cycles;
}

std::string format(const char* form, double value) {
  char text[64];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

/// Cycles as "1.234 ms"; as microseconds where the whole is short.
struct Duration {
  double hz;
  std::int64_t whole;
  std::string operator()(std::int64_t cycles) const {
    const double ms = static_cast<double>(cycles) * 1e3 / hz;
    const bool is_short = static_cast<double>(whole) < hz / 1e3;
    return is_short ? format("%.1f us", 1e3 * ms) : format("%.3f ms", ms);
  }
};

const std::map<std::string, std::string>& words() {
  static const std::map<std::string, std::string> all{
      {"busy", "computing"},
      {"memory_read", "waiting for read data"},
      {"memory_write", "waiting to write"},
      {"arbitration", "waiting while memory serves others"},
      {"input_empty", "waiting for the process before"},
      {"output_full", "waiting for the process behind"},
      {"fill_drain", "filling and draining pipelines"},
      {"idle", "waiting for other processes to end"},
      {"control", "start and done"}};
  return all;
}

/// "48 % computing, 50 % waiting for read data on port inout2": all from a tenth on.
std::string limits(const Share& share) {
  std::vector<std::pair<std::int64_t, std::string>> reasons;
  std::string port;
  std::int64_t most = 0;
  for (const auto& [name, cycles] : share.waits)
    if (cycles > most) {
      most = cycles;
      port = name;
    }
  reasons.emplace_back(share.loading, "load-bound (weights are loaded and nothing computes)");
  for (const auto& [cause, cycles] : share.causes) {
    std::string text = words().count(cause) > 0 ? words().at(cause) : cause;
    if ((cause == "memory_read" || cause == "memory_write") && !port.empty())
      text += " on port " + port;
    reasons.emplace_back(cycles, text);
  }
  std::sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a > b; });
  std::string text;
  for (const auto& [cycles, reason] : reasons) {
    if (10 * cycles < share.cycles()) continue;
    text += (text.empty() ? "" : ", ") +
            format("%.0f %% ",
                   100.0 * static_cast<double>(cycles) / static_cast<double>(share.cycles())) +
            reason;
  }
  return text;
}

std::string queues(const Share& share, const Json& config) {
  if (share.queues.empty()) return "";
  const auto [least, most] = std::minmax_element(share.queues.begin(), share.queues.end());
  const auto port = std::min(config.at("word.bits").get<std::int64_t>(),
                             config.at("ps.width_bits").get<std::int64_t>());
  const auto even = config.at("linear.in_tile").get<std::int64_t>() *
                    config.at("linear.out_tile").get<std::int64_t>() * 16 / port;
  return "; queues " + std::to_string(*least) + " to " + std::to_string(*most) +
         " tokens, break-even " + std::to_string(even);
}

std::int64_t cycles_of(const std::vector<Share>& shares, const std::string& name) {
  for (const Share& share : shares)
    if (share.name == name) return share.cycles();
  return 0;
}

std::string cost(const Json& before, const Json& after) {
  std::string text;
  for (const auto& [key, unit] : {std::pair{"dsp", " DSP"}, std::pair{"bram18", " BRAM18"}}) {
    const auto more = after.at("resources").at(key).get<std::int64_t>() -
                      before.at("resources").at(key).get<std::int64_t>();
    if (more != 0)
      text += (text.empty() ? "" : ", ") + format("%+.0f", static_cast<double>(more)) + unit;
  }
  return text;
}

std::string step_text(const Step& step) { return step.key + '=' + step.to; }

/// What each step does to the whole, the best first.
std::string steps_text(const Json& report, std::size_t number, const std::vector<Step>& steps,
                       const std::vector<Json>& reports, const Duration& duration) {
  const auto cycles = report.at("tasks").at(number).at("cycles").get<std::int64_t>();
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  std::string without, impossible;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (reports[s].is_null()) {
      impossible += (impossible.empty() ? "" : ", ") + step_text(steps[s]);
      continue;
    }
    const auto now = reports[s].at("tasks").at(number).at("cycles").get<std::int64_t>();
    // Less than half of the last digit that is printed.
    if (2000 * std::abs(now - cycles) < cycles)
      without += (without.empty() ? "" : ", ") + step_text(steps[s]);
    else
      order.emplace_back(now - cycles, s);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text = "  One step of one key, simulated (latency of the whole task):\n";
  for (const auto& [change, s] : order) {
    std::string line = "    " + step_text(steps[s]) + " (from " + steps[s].from + ")";
    line.resize(std::max<std::size_t>(line.size() + 1, 50), ' ');
    const std::string more = cost(report, reports[s]);
    text += line + (change < 0 ? "-" : "+") + duration(std::abs(change)) +
            format(" %+.1f %%", 100.0 * static_cast<double>(change) / static_cast<double>(cycles)) +
            (more.empty() ? "" : "  (estimate: " + more + ")") + '\n';
  }
  if (!without.empty()) text += "    less than 0.05 %: " + without + '\n';
  if (!impossible.empty()) text += "    refused, or a deadlock: " + impossible + '\n';
  return text;
}

/// The steps that save most of a share: those of at least a fiftieth of it, at most three.
std::string savings_text(const Share& share, const std::vector<Step>& steps,
                         const std::vector<std::vector<Share>>& changed, const Duration& duration) {
  std::vector<std::pair<std::int64_t, std::size_t>> savings;
  for (std::size_t s = 0; s < steps.size(); ++s)
    if (!changed[s].empty())
      savings.emplace_back(share.cycles() - cycles_of(changed[s], share.name), s);
  std::stable_sort(savings.begin(), savings.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string best;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, savings.size()); ++i)
    if (50 * savings[i].first >= share.cycles())
      best += (best.empty() ? "" : ", ") + step_text(steps[savings[i].second]) + ' ' +
              duration(savings[i].first);
  return best.empty() ? "no step tried saves 2 % of it" : "simulated, would save: " + best;
}

}  // namespace

std::vector<Share> shares_of(const Json& task, bool by_layer) {
  std::vector<Kernel> kernels;
  for (const Json& kernel : task.at("kernels"))
    kernels.push_back({&kernel, kernel.at("start"), kernel.at("end"), kernel.at("load")});
  std::stable_sort(kernels.begin(), kernels.end(),
                   [](const Kernel& a, const Kernel& b) { return a.start < b.start; });
  const std::vector<std::int64_t> cycles = owned(kernels);
  std::vector<Share> shares;
  const auto share_of = [&](const std::string& name) -> Share& {
    for (Share& share : shares)
      if (share.name == name) return share;
    shares.push_back({name, 0, 0, {}, {}, {}});
    return shares.back();
  };
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    const Json& kernel = *kernels[k].json;
    Share& share = share_of(name_of(kernel, by_layer));
    if (kernels[k].load) {
      share.loading += cycles[k];
      continue;
    }
    share.computing += cycles[k];
    const std::int64_t whole = kernels[k].end - kernels[k].start;
    for (const auto& [cause, spent] : kernel.at("stalls").items())
      if (whole > 0) share.causes[cause] += spent.get<std::int64_t>() * cycles[k] / whole;
    add_waits(kernel, share);
  }
  for (const Json& layer : task.at("experts"))
    for (const Json& tokens : layer.at("queue"))
      if (tokens.get<int>() > 0)
        share_of(by_layer ? "layer" + std::to_string(layer.at("layer").get<int>()) + ".experts"
                          : "experts")
            .queues.push_back(tokens);
  return shares;
}

std::string explain_text(const Json& report, std::size_t number, bool by_layer,
                         const std::vector<Step>& steps, const std::vector<Json>& reports) {
  const Json& task = report.at("tasks").at(number);
  const auto cycles = task.at("cycles").get<std::int64_t>();
  const Duration duration{report.at("config").at("clock.pl_hz").get<double>(), cycles};
  std::string text = "Task " + task.at("task").get<std::string>() + ": " + duration(cycles) + "\n";
  std::vector<std::vector<Share>> changed(steps.size());
  for (std::size_t s = 0; s < steps.size(); ++s)
    if (!reports[s].is_null()) changed[s] = shares_of(reports[s].at("tasks").at(number), by_layer);
  for (const Share& share : shares_of(task, by_layer)) {
    if (share.cycles() == 0) continue;
    text += "  " + share.name + ": " + duration(share.cycles()) + "; " + limits(share) +
            queues(share, report.at("config")) + "\n    " +
            savings_text(share, steps, changed, duration) + '\n';
  }
  return text + steps_text(report, number, steps, reports, duration);
}

}  // namespace m3sim::explore
