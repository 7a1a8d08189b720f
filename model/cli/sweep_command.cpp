#include <signal.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/explore/condition.hpp"
#include "model/explore/pareto.hpp"
#include "model/explore/sweep.hpp"
#include "model/network/file.hpp"
#include "model/report/decimal.hpp"
#include "model/report/text_table.hpp"

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
      "axis", po::value<Texts>()->value_name("KEY=VALUES")->composing()->required(),
      "a key and its values: 8,16,32 or ranges 1:5:+1, 64:4096:x2; repeatable")(
      "store", po::value<std::string>()->value_name("FILE")->default_value("sweep.sqlite"),
      "where results are kept; a sweep that was interrupted goes on")(
      "jobs,j", po::value<int>()->value_name("N")->default_value(1), "points simulated at a time")(
      "sample", po::value<std::size_t>()->value_name("N"), "N points of the space instead of all")(
      "seed", po::value<std::uint64_t>()->value_name("S")->default_value(0), "of the sample")(
      "sampling", po::value<std::string>()->value_name("lhs|random")->default_value("lhs"),
      "how to sample: Latin hypercube or independent values")(
      "shard", po::value<std::string>()->value_name("I/N"),
      "the I-th of N parts of the sweep, for jobs on several machines; m3sim merge joins their "
      "stores")("fits", po::value<std::string>()->value_name("DEVICE"),
                "reject points that do not fit a device, such as zcu102")(
      "where", po::value<Texts>()->value_name("CONDITION")->composing(),
      "show only tasks that meet it: 'latency_ms<40 and resources.bram18<=1824'; repeatable")(
      "minimize",
      po::value<std::string>()->value_name("FIGURES")->default_value("latency_ms,energy_mj.total"),
      "objectives of the Pareto front, separated by commas")(
      "csv", po::value<std::string>()->value_name("FILE"), "write axes and figures of all points")(
      "retry-failed", "simulate points again that have failed before");
  for (const char* name : kRunOptions) {
    options.add()(name, po::value<Texts>()->composing(), "as of m3sim run");
  }
}

std::vector<Choice> choices(const Options& options, const std::vector<Axis>& axes) {
  const std::string& sampling = options.get<std::string>("sampling");
  if (sampling != "lhs" && sampling != "random") {
    throw UsageError("--sampling " + sampling + ": must be lhs or random");
  }
  const auto count = options.find<std::size_t>("sample");
  if (count && (*count == 0 || *count > kMostPoints)) {
    throw UsageError("--sample " + std::to_string(*count) + ": must be from 1 to " +
                     std::to_string(kMostPoints));
  }
  std::vector<Choice> points =
      count ? sample(axes, *count, options.get<std::uint64_t>("seed"),
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
  for (const std::string& text : options.get<Texts>("axis")) {
    axes.push_back(parse_axis(text));
    for (std::size_t a = 0; a + 1 < axes.size(); ++a) {
      if (axes[a].key == axes.back().key) throw UsageError("--axis " + text + ": is there twice");
    }
  }
  return axes;
}

Sweep sweep_of(const Options& options) {
  Sweep sweep;
  sweep.axes = axes_of(options);
  sweep.choices = choices(options, sweep.axes);
  const ConfigSources sources = options.config_sources();
  sweep.base = load_config(sources);
  sweep.version = M3SIM_VERSION;
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
            << " points/h" << time_left(progress)
            << (progress.finished() == progress.points ? "\n" : "") << std::flush;
}

/// A task of a point, for print.
struct Line {
  const Choice* choice;
  const PointRow* point;
  const TaskResult* result;  ///< nullptr for a point without
};

bool meets(const TaskResult& result, const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions) {
    if (!condition.holds(result)) return false;
  }
  return true;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_text(const Sweep& sweep, const std::vector<Line>& lines) {
  std::string text;
  for (const Axis& axis : sweep.axes) text += axis.key + ",";
  text += "hash,state,message,task,image";
  for (const std::string& name : figure_names()) text += "," + name;
  text += "\n";
  constexpr std::array kStates{"done", "failed", "rejected"};
  for (const Line& line : lines) {
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      text += csv_cell(sweep.axes[a].values[(*line.choice)[a]]) + ",";
    }
    text += line.point->hash + "," + kStates[static_cast<std::size_t>(line.point->state)] + "," +
            csv_cell(line.point->message) + ",";
    text += line.result != nullptr
                ? csv_cell(line.result->task) + "," + std::to_string(line.result->image)
                : ",";
    for (std::size_t f = 0; f < figure_names().size(); ++f) {
      text += "," + (line.result != nullptr ? as_text(line.result->figures[f]) : "");
    }
    text += "\n";
  }
  return text;
}

std::string plain(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void print_front(const Sweep& sweep, const std::string& task, const std::vector<Line>& lines,
                 const std::vector<std::string>& objectives) {
  std::vector<std::vector<double>> values;
  for (const Line& line : lines) {
    values.emplace_back();
    for (const std::string& name : objectives) {
      values.back().push_back(as_double(line.result->figures[figure_index(name)]));
    }
  }
  const std::vector<std::size_t> front = pareto_front(values);
  std::vector<report::TextTable::Column> columns;
  for (const Axis& axis : sweep.axes) columns.push_back({axis.key});
  for (const std::string& name : objectives) columns.push_back({name});
  report::TextTable table(std::move(columns));
  for (const std::size_t member : front) {
    std::vector<std::string> cells;
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      cells.push_back(sweep.axes[a].values[(*lines[member].choice)[a]]);
    }
    for (const double value : values[member]) cells.push_back(plain(value));
    table.add(std::move(cells));
  }
  std::cout << "Pareto front of task " << task << ": " << front.size() << " of " << lines.size()
            << " points\n"
            << table.text();
}

std::vector<std::string> objectives_of(const Options& options) {
  std::vector<std::string> names;
  std::istringstream text(options.get<std::string>("minimize"));
  for (std::string name; std::getline(text, name, ',');) {
    figure_index(name);
    names.push_back(name);
  }
  if (names.empty()) throw UsageError("--minimize: needs a figure");
  return names;
}

void print_results(const Options& options, const Sweep& sweep, Store& store,
                   const std::vector<Condition>& conditions) {
  std::vector<PointRow> rows;
  std::size_t failed = 0, rejected = 0;
  for (const Choice& choice : sweep.choices) {
    const Point point = make_point(sweep.base, sweep.axes, choice, sweep.version, sweep.inputs);
    rows.push_back(store.find(point.hash).value());
    failed += rows.back().state == State::kFailed;
    rejected += rows.back().state == State::kRejected;
  }
  for (const PointRow& row : rows) {
    if (row.state != State::kFailed) continue;
    std::cerr << "the first point to fail: " << row.message << '\n';
    break;
  }
  std::vector<Line> all;
  std::map<std::string, std::vector<Line>> by_task;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].results.empty()) all.push_back({&sweep.choices[i], &rows[i], nullptr});
    for (const TaskResult& result : rows[i].results) {
      if (!meets(result, conditions)) continue;
      all.push_back({&sweep.choices[i], &rows[i], &result});
      by_task[result.task].push_back(all.back());
    }
  }
  if (const auto file = options.find<std::string>("csv")) write_file(*file, csv_text(sweep, all));
  std::cout << rows.size() << " points, " << failed << " failed, " << rejected << " rejected\n";
  for (const auto& [task, lines] : by_task) print_front(sweep, task, lines, objectives_of(options));
}

ExitCode run_sweep_command(const Arguments& arguments) {
  Options options(
      "sweep",
      "Simulate many design points, each in a process of its own, and keep their results "
      "in an SQLite store; print the Pareto front of each task",
      "--axis KEY=VALUES [--axis ...] [OPTIONS]");
  describe_options(options);
  if (!options.read(arguments)) return ExitCode::kDone;
  objectives_of(options);
  std::vector<Condition> conditions;
  for (const std::string& text : options.find<Texts>("where").value_or(Texts{}))
    conditions.emplace_back(text);
  const Sweep sweep = sweep_of(options);
  const std::string& path = options.get<std::string>("store");

  const WorkFolder work(path);
  Store store(path);
  struct sigaction catching {};
  catching.sa_handler = [](int number) { stop_signal = number; };
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &catching, nullptr);
  const Progress progress =
      run_sweep(sweep, store, work, show_progress, [] { return stop_signal != 0; });
  for (const int number : {SIGINT, SIGTERM}) signal(number, SIG_DFL);
  std::cerr << progress.simulated() << " points simulated in " << plain(progress.seconds) << " s ("
            << std::lround(progress.points_per_hour()) << " points/h), " << progress.stored
            << " taken from the store\n";
  if (stop_signal != 0) {
    throw Error(static_cast<ExitCode>(128 + stop_signal),
                "m3sim sweep: interrupted at " + std::to_string(progress.finished()) + " of " +
                    std::to_string(progress.points) + " points; the same command goes on");
  }
  print_results(options, sweep, store, conditions);
  return ExitCode::kDone;
}

ExitCode run_merge(const Arguments& arguments) {
  Options options("merge",
                  "Take the points of other stores into a store, which is made where there is none",
                  "STORE PART...");
  options.add()("store", po::value<std::string>()->required(), "the store (first argument)")(
      "part", po::value<Texts>()->required(), "a store of a part of the sweep (further arguments)");
  options.positional("store", 1).positional("part", -1);
  if (!options.read(arguments)) return ExitCode::kDone;
  const std::string& path = options.get<std::string>("store");
  for (const std::string& part : options.get<Texts>("part")) {
    if (!std::filesystem::is_regular_file(part)) throw InputError(part, "no such file");
    Store checked(part);
  }
  const WorkFolder lock(path);
  Store store(path);
  for (const std::string& part : options.get<Texts>("part")) store.merge(part);
  return ExitCode::kDone;
}

const RegisterCommand kSweep({"sweep", "simulate many design points and show the best",
                              run_sweep_command});
const RegisterCommand kMerge({"merge", "join the stores of a sweep's parts", run_merge});

}  // namespace
}  // namespace m3sim::cli
