#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/config/config.hpp"
#include "model/network/file.hpp"
#include "tlm/ddr_checker.hpp"
#include "tlm/ddr_energy.hpp"
#include "tlm/trace_replay.hpp"

namespace m3sim::cli {
namespace {

namespace mem = tlm_mem;
namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

Json latencies(const mem::LatencyHistogram& latency, double unit) {
  const auto at = [&](double value) { return value * unit; };
  const auto cycles = [](mem::Cycle c) { return static_cast<double>(c); };
  return {{"mean", at(latency.mean())},
          {"min", at(cycles(latency.min()))},
          {"p50", at(cycles(latency.percentile(0.50)))},
          {"p90", at(cycles(latency.percentile(0.90)))},
          {"p99", at(cycles(latency.percentile(0.99)))},
          {"max", at(cycles(latency.max()))}};
}

Json latencies_in_cycles(const mem::LatencyHistogram& latency) {
  return {{"mean", latency.mean()},          {"min", latency.min()},
          {"p50", latency.percentile(0.50)}, {"p90", latency.percentile(0.90)},
          {"p99", latency.percentile(0.99)}, {"max", latency.max()}};
}

Json energies(const mem::DdrEnergy& e) {
  const auto pj = [](std::int64_t femtojoules) { return static_cast<double>(femtojoules) / 1000; };
  return {{"activate", pj(e.activate)},
          {"read", pj(e.read)},
          {"write", pj(e.write)},
          {"refresh", pj(e.refresh)},
          {"background", pj(e.background)},
          {"total", pj(e.core())},
          {"io", pj(e.io)},
          {"total_with_io", pj(e.core() + e.io)}};
}

/// Clocks of the data buses by what they were used for or why they were idle, before the end of
/// each channel's last burst.
Json bus_cycles(const mem::DdrStats& stats) {
  constexpr const char* kNames[] = {"data",       "no_request", "refresh",    "turn_around",
                                    "bank_group", "row_change", "command_bus"};
  static_assert(std::size(kNames) == mem::kBusUses);
  Json json;
  for (std::size_t i = 0; i < mem::kBusUses; ++i) json[kNames[i]] = stats.bus[i];
  return json;
}

Json report(const DdrConfig& config, const mem::ReplayResult& r) {
  const double ns_per_cycle = 1e9 / static_cast<double>(config.clock_hz);
  const double time_ns = static_cast<double>(r.total_cycles) * ns_per_cycle;
  const mem::DdrStats& s = r.stats;
  Json json;
  json["requests"] = r.reads + r.writes;
  json["reads"] = r.reads;
  json["writes"] = r.writes;
  json["total_cycles"] = r.total_cycles;
  json["time_ns"] = time_ns;
  json["bandwidth_gbs"] = r.total_cycles == 0 ? 0.0 : static_cast<double>(r.bytes) / time_ns;
  json["row_hit_rate"] = s.row_hit_rate();
  json["commands"] = {{"act", s.activates}, {"pre", s.precharges}, {"prea", s.precharge_alls},
                      {"rd", s.reads},      {"wr", s.writes},      {"ref", s.refreshes}};
  json["forwarded_reads"] = s.forwarded;
  json["merged_writes"] = s.merged;
  json["latency_cycles"] = latencies_in_cycles(r.latency);
  json["latency_ns"] = latencies(r.latency, ns_per_cycle);
  json["any_bank_open_cycles"] = s.open_cycles;
  json["bus_cycles"] = bus_cycles(s);
  json["energy_pj"] = energies(mem::ddr_energy(config, s));
  return json;
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void write_commands(const std::string& path, std::vector<mem::DdrCommand> commands,
                    const DdrConfig& config) {
  // Channels record independently.
  std::stable_sort(commands.begin(), commands.end(),
                   [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
  std::ostringstream out;
  out << "cycle,command,bankgroup,bank,row,column" << (config.ranks > 1 ? ",rank" : "")
      << (config.channels > 1 ? ",channel" : "") << '\n';
  for (const mem::DdrCommand& k : commands) {
    out << k.cycle << ',' << mem::mnemonic(k.op) << ',' << k.at.bank_group << ',' << k.at.bank
        << ',' << k.at.row << ',' << k.at.column * config.burst_length;
    if (config.ranks > 1) out << ',' << k.at.rank;
    if (config.channels > 1) out << ',' << k.at.channel;
    out << '\n';
  }
  write_file(path, std::move(out).str());
}

/// Number of violations; the first few on stderr.
std::size_t check_commands(const std::vector<mem::DdrCommand>& commands, const DdrConfig& config,
                           mem::Cycle end) {
  constexpr std::size_t kShown = 10;
  std::size_t found = 0;
  for (int channel = 0; channel < config.channels; ++channel) {
    mem::DdrChecker checker(config);
    for (const mem::DdrCommand& k : commands) {
      if (k.at.channel == channel) checker.check(k);
    }
    checker.finish(end);
    for (const mem::DdrViolation& v : checker.violations()) {
      if (found++ < kShown) std::cerr << v.text << '\n';
    }
  }
  return found;
}

mem::ReplayOptions replay_options(const Options& options) {
  mem::ReplayOptions result;
  result.window = options.get<int>("window");
  if (result.window < 0) throw UsageError("m3sim replay: --window must not be negative");
  const auto& unit = options.get<std::string>("time-unit");
  if (unit != "cycles" && unit != "ns") {
    throw UsageError("m3sim replay: --time-unit must be cycles or ns, not " + unit);
  }
  result.times_in_ns = unit == "ns";
  return result;
}

ExitCode run_replay(const Arguments& arguments) {
  Options options("replay",
                  "Send a memory request trace through the DDR controller alone and print what it "
                  "took as JSON. Lines of the trace: time,R|W,hex_address[,bytes]",
                  "--trace FILE[.gz] [OPTIONS]");
  options.add_config().add()("trace", po::value<std::string>()->value_name("FILE")->required(),
                             "the trace, plain or gzip")(
      "window", po::value<int>()->value_name("N")->default_value(0),
      "reads outstanding at most; 0: as many as the queue takes")(
      "time-unit", po::value<std::string>()->value_name("cycles|ns")->default_value("cycles"),
      "unit of the trace's times: memory clocks or nanoseconds")(
      "commands", po::value<std::string>()->value_name("FILE"), "write the DRAM command stream")(
      "check", "check the command stream against the rules of the DRAM");
  if (!options.read(arguments)) return ExitCode::kDone;
  mem::ReplayOptions replay = replay_options(options);
  const DdrConfig config = load_config(options.config_sources()).values.ddr;

  const Stopwatch reading;
  const std::vector<mem::TraceRequest> trace =
      mem::read_trace(options.get<std::string>("trace"), mem::trace_limits(config));
  const double reading_seconds = reading.seconds();

  std::vector<mem::DdrCommand> commands;
  if (options.has("commands") || options.has("check")) replay.commands = &commands;
  const Stopwatch running;
  const mem::ReplayResult result = mem::replay(config, trace, replay);
  const double running_seconds = running.seconds();

  Json json = report(config, result);
  std::size_t violations = 0;
  if (options.has("check")) {
    violations = check_commands(commands, config, result.total_cycles);
    json["legality_violations"] = violations;
  }
  if (options.has("commands")) {
    write_commands(options.get<std::string>("commands"), std::move(commands), config);
  }
  std::cout << json.dump(2) << '\n';
  std::cerr << "read " << trace.size() << " requests in " << reading_seconds << " s; replayed in "
            << running_seconds << " s\n";
  return violations == 0 ? ExitCode::kDone : ExitCode::kCheckFailed;
}

const RegisterCommand kReplay({"replay",
                               "send a memory request trace through the DDR controller alone",
                               run_replay});

}  // namespace
}  // namespace m3sim::cli
