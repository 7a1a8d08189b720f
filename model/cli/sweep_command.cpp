#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <sstream>
#include <systemc>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/cli/sweep_output.hpp"
#include "model/explore/plan.hpp"
#include "model/explore/sweep.hpp"
#include "model/network/file.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
using namespace explore;
using Texts = std::vector<std::string>;

/// Options that go to `m3sim run` as they are.
constexpr std::array kRunOptions{"task",  "sequence", "images",         "weights", "fill-missing",
                                 "image", "routing",  "repeat-routing", "data",    "time"};

volatile sig_atomic_t stop_signal = 0;

void describe_options(Options& options) {
  options.add_config().add()(
      "axis", po::value<Texts>()->value_name("KEY=VALUES")->composing(),
      "a key and its values: 8,16,32 or ranges 1:5:+1, 64:4096:x2; repeatable")(
      "axes", po::value<Texts>()->value_name("FILE")->composing(),
      "axes as an INI file: [linear], in_tile = 8, 16, 32; repeatable")(
      "store", po::value<std::string>()->value_name("FILE")->default_value("sweep.sqlite"),
      "where results are kept; a sweep that was interrupted goes on")(
      "jobs,j", po::value<int>()->value_name("N")->default_value(1), "points simulated at a time")(
      "sample", po::value<std::size_t>()->value_name("N"), "N points of the space instead of all")(
      "search", po::value<std::size_t>()->value_name("N"),
      "look for the Pareto front with at most N points (NSGA-II)")(
      "population", po::value<std::size_t>()->value_name("P")->default_value(24),
      "points of a generation of the search")(
      "seed", po::value<std::uint64_t>()->value_name("S")->default_value(0),
      "of the sample or the search")(
      "sampling", po::value<std::string>()->value_name("lhs|random")->default_value("lhs"),
      "how to sample: Latin hypercube or independent values")(
      "shard", po::value<std::string>()->value_name("I/N"),
      "the I-th of N parts of the sweep, for jobs on several machines; m3sim merge joins their "
      "stores")("fits", po::value<std::string>()->value_name("DEVICE"),
                "reject points that do not fit a device, such as zcu102")(
      "where", po::value<Texts>()->value_name("CONDITION")->composing(),
      "show only tasks that meet it, and search for such: 'latency_ms<40 and "
      "kernels.layer1.experts.3.fc1.cycles<9000', of any figure of the report; repeatable")(
      "minimize",
      po::value<std::string>()->value_name("FIGURES")->default_value("latency_ms,energy_mj.total"),
      "objectives of the Pareto front, separated by commas")(
      "prune", "do not simulate points whose lower bounds are dominated already")(
      "csv", po::value<std::string>()->value_name("FILE"), "write axes and figures of all points")(
      "retry-failed", "simulate points again that have failed before");
  for (const char* name : kRunOptions) {
    options.add()(name, po::value<Texts>()->composing(), "as of m3sim run");
  }
}

std::size_t count_of(const Options& options, const std::string& name, std::size_t least) {
  const std::size_t count = options.get<std::size_t>(name);
  if (count >= least && count <= kMostPoints) return count;
  throw UsageError("--" + name + " " + std::to_string(count) + ": must be from " +
                   std::to_string(least) + " to " + std::to_string(kMostPoints));
}

/// Options of which at most one makes sense.
void exclude(const Options& options, std::initializer_list<const char*> names) {
  std::string given;
  for (const char* name : names) {
    if (!options.has(name)) continue;
    if (!given.empty()) throw UsageError("--" + given + " and --" + name + ": only one of them");
    given = name;
  }
}

std::vector<Choice> choices(const Options& options, const std::vector<Axis>& axes) {
  const std::string& sampling = options.get<std::string>("sampling");
  if (sampling != "lhs" && sampling != "random") {
    throw UsageError("--sampling " + sampling + ": must be lhs or random");
  }
  std::vector<Choice> points =
      options.has("sample")
          ? sample(axes, count_of(options, "sample", 1), options.get<std::uint64_t>("seed"),
                   sampling == "lhs" ? Sampling::kLatinHypercube : Sampling::kRandom)
          : grid(axes);
  if (const auto shard = options.find<std::string>("shard")) {
    std::istringstream text(*shard);
    long part = 0, parts = 0;
    char slash = 0;
    if (!(text >> part >> slash >> parts) || slash != '/' || !text.eof() || part < 1 ||
        part > parts) {
      throw UsageError("--shard " + *shard + ": must be I/N with I from 1 to N");
    }
    points = shard_of(points, static_cast<std::size_t>(part), static_cast<std::size_t>(parts));
  }
  return points;
}

std::vector<Axis> axes_of(const Options& options) {
  std::vector<Axis> axes;
  const auto add = [&](Axis axis, const std::string& where) {
    for (const Axis& other : axes) {
      if (other.key == axis.key) throw UsageError(where + ": " + axis.key + " is there twice");
    }
    axes.push_back(std::move(axis));
  };
  for (const std::string& file : options.find<Texts>("axes").value_or(Texts{})) {
    for (Axis& axis : read_axes(file)) add(std::move(axis), file);
  }
  for (const std::string& text : options.find<Texts>("axis").value_or(Texts{})) {
    add(parse_axis(text), "--axis " + text);
  }
  if (axes.empty()) throw UsageError("m3sim sweep: needs --axis KEY=VALUES or --axes FILE");
  return axes;
}

Goal goal_of(const Options& options) {
  Goal goal;
  for (const std::string& text : options.find<Texts>("where").value_or(Texts{})) {
    goal.conditions.emplace_back(text);
  }
  std::istringstream text(options.get<std::string>("minimize"));
  for (std::string name; std::getline(text, name, ',');) goal.objectives.emplace_back(name);
  if (goal.objectives.empty()) throw UsageError("--minimize: needs a figure");
  return goal;
}

Sweep sweep_of(const Options& options) {
  Sweep sweep;
  sweep.axes = axes_of(options);
  const ConfigSources sources = options.config_sources();
  sweep.base = load_config(sources);
  sweep.version = M3SIM_VERSION;
  sweep.systemc = std::to_string(SYSTEMC_VERSION);
  sweep.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "run"};
  for (const std::string& file : sources.files)
    sweep.command.insert(sweep.command.end(), {"--config", file});
  for (const std::string& text : sources.assignments)
    sweep.command.insert(sweep.command.end(), {"--set", text});
  Inputs inputs;
  for (const char* name : kRunOptions) {
    for (const std::string& value : options.find<Texts>(name).value_or(Texts{})) {
      sweep.command.insert(sweep.command.end(), {std::string("--") + name, value});
      inputs.emplace_back(name, value);
    }
  }
  sweep.inputs = describe(inputs, sweep.base);
  if (const auto device = options.find<std::string>("fits"))
    sweep.device = cost::Device::read(*device);
  sweep.parallel = options.get<int>("jobs");
  if (sweep.parallel < 1)
    throw UsageError("--jobs " + std::to_string(sweep.parallel) + ": must be at least 1");
  sweep.retry_failed = options.has("retry-failed");
  return sweep;
}

std::unique_ptr<Plan> plan_of(const Options& options, const Sweep& sweep, const Goal& goal,
                              const Lookup& lookup) {
  exclude(options, {"search", "sample"});
  exclude(options, {"search", "shard"});
  exclude(options, {"search", "prune"});
  if (options.has("search")) {
    return search(sweep.axes, count_of(options, "search", 1), count_of(options, "population", 2),
                  options.get<std::uint64_t>("seed"), goal, lookup);
  }
  if (!options.has("prune")) return walk(choices(options, sweep.axes));
  return walk_pruned(choices(options, sweep.axes), goal,
                     cost::EnergyTable::read(sweep.base.values.energy.table), lookup);
}

std::string time_left(const Progress& progress) {
  if (progress.simulated() == 0) return "";
  const double seconds = progress.seconds / static_cast<double>(progress.simulated()) *
                         static_cast<double>(progress.points - progress.finished());
  const long minutes = std::lround(std::ceil(seconds / 60));
  return minutes < 120 ? ", " + std::to_string(minutes) + " min left"
                       : ", " + std::to_string(minutes / 60) + " h left";
}

void show_progress(const Progress& progress) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r\x1b[K" << progress.finished() << " of " << progress.points << " points, "
            << progress.failed << " failed, " << std::lround(progress.points_per_hour())
            << " points/h" << time_left(progress) << std::flush;
}

Progress simulate(const Sweep& sweep, Plan& plan, Store& store, const WorkFolder& work,
                  std::vector<Choice>& visited) {
  const auto next = [&] {
    std::vector<Choice> round = plan.next();
    visited.insert(visited.end(), round.begin(), round.end());
    return round;
  };
  struct sigaction catching {};
  catching.sa_handler = [](int number) { stop_signal = number; };
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &catching, nullptr);
  const Progress progress = run_sweep(
      sweep, store, work, next, [&](const Point& point) { return plan.pruned(point); },
      show_progress, [] { return stop_signal != 0; });
  for (const int number : {SIGINT, SIGTERM}) signal(number, SIG_DFL);
  if (isatty(STDERR_FILENO) != 0) std::cerr << '\n';
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.6g", progress.seconds);
  std::cerr << progress.simulated() << " points simulated in " << seconds << " s ("
            << std::lround(progress.points_per_hour()) << " points/h), " << progress.stored
            << " taken from the store\n";
  if (stop_signal != 0) {
    throw Error(static_cast<ExitCode>(128 + stop_signal),
                "m3sim sweep: interrupted at " + std::to_string(progress.finished()) + " of " +
                    std::to_string(progress.points) + " points; the same command goes on");
  }
  return progress;
}

ExitCode run_sweep_command(const Arguments& arguments) {
  Options options(
      "sweep",
      "Simulate many design points, each in a process of its own, and keep their results "
      "in an SQLite store; print the Pareto front of each task",
      "--axis KEY=VALUES [--axis ...] [OPTIONS]");
  describe_options(options);
  if (!options.read(arguments)) return ExitCode::kDone;
  const Goal goal = goal_of(options);
  Sweep sweep = sweep_of(options);
  std::optional<Store> store;
  const auto stored = [&](const Choice& choice, bool with_report) {
    const Point point = make_point(sweep.base, sweep.axes, choice, sweep.version, sweep.inputs);
    return store->find(point.hash, with_report).value();
  };
  const std::unique_ptr<Plan> plan = plan_of(options, sweep, goal, [&](const Choice& choice) {
    return stored(choice, goal.needs_report());
  });
  sweep.points = plan->points();

  const std::string& path = options.get<std::string>("store");
  const WorkFolder work(path);
  store.emplace(path);
  std::vector<Choice> visited;
  simulate(sweep, *plan, *store, work, visited);
  Points points;
  for (Choice& choice : visited) {
    PointRow row = stored(choice, goal.needs_report());
    points.emplace_back(std::move(choice), std::move(row));
  }
  const auto failed = std::find_if(points.begin(), points.end(), [](const auto& point) {
    return point.second.state == State::kFailed;
  });
  if (failed != points.end())
    std::cerr << "the first point to fail: " << failed->second.message << '\n';
  if (const auto file = options.find<std::string>("csv"))
    write_file(*file, csv_text(sweep, goal, points));
  std::cout << fronts_text(sweep, goal, points);
  return ExitCode::kDone;
}

const RegisterCommand kSweep({"sweep", "simulate many design points and show the best",
                              run_sweep_command});

}  // namespace
}  // namespace m3sim::cli
