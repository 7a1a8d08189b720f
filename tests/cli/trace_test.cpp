// `m3sim run --perfetto` and `--vcd`: what they show is what the report counts, in both executions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using nlohmann::json;
using test::Outcome;
using testing::HasSubstr;

constexpr const char* kTiny =
    "run --config network/tiny.cfg --data off --routing uniform --task first ";

class Trace : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return folder_.path(name); }
  Outcome run(const std::string& options) const {
    return test::run_program(kTiny + options, folder_);
  }
  std::string text(const std::string& name) const { return test::read_file(file(name)); }

  /// The names of a trace's groups and rows.
  struct Names {
    std::map<int, std::string> groups;
    std::map<std::pair<int, int>, std::string> rows;
    explicit Names(const json& trace) {
      for (const json& e : trace["traceEvents"]) {
        if (e["name"] == "process_name") groups[e["pid"]] = e["args"]["name"];
        if (e["name"] == "thread_name") rows[{e["pid"], e["tid"]}] = e["args"]["name"];
      }
    }
  };
  const test::ScratchFolder folder_;
};

TEST_F(Trace, IsTheSameBytesInBothExecutions) {
  for (const std::string design :
       {"--trace-resolution 1", "--trace-resolution 64", "--set experts.cache=lru",
        "--set experts.order=by-token", "--set memory.kind=simple --trace-layer 3",
        "--set linear.weight_banks=3 --set linear.overlap_dense_loads=true"}) {
    for (const std::string time : {"lockstep", "decoupled"}) {
      const Outcome outcome = run("--time " + time + " " + design + " --perfetto '" +
                                  file(time + ".json") + "' --vcd '" + file(time + ".vcd") + "'");
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    }
    EXPECT_GT(text("lockstep.json").size(), 10'000u);
    EXPECT_EQ(text("lockstep.json"), text("decoupled.json")) << design;
    EXPECT_EQ(text("lockstep.vcd"), text("decoupled.vcd")) << design;
  }
}

TEST_F(Trace, StatesOfProcessesAddUpToTheReportsStalls) {
  ASSERT_EQ(run("--trace-task first --trace-resolution 1 --perfetto '" + file("trace.json") +
                "' --report '" + file("report.json") + "'")
                .exit_code,
            0);
  const json trace = json::parse(text("trace.json")), report = json::parse(text("report.json"));
  std::map<std::string, std::int64_t> expected, shown;
  for (const json& kernel : report["tasks"][0]["kernels"])
    for (const json& process : kernel["processes"])
      for (const auto& [cause, cycles] : process["stalls"].items())
        if (cause != "idle")
          expected[kernel["engine"].get<std::string>() + "." + process["name"].get<std::string>() +
                   " " + cause] += cycles.get<std::int64_t>();
  const Names names(trace);
  const double hz = trace["otherData"]["clock_hz"];
  for (const json& e : trace["traceEvents"]) {
    if (e["ph"] != "X") continue;
    const std::string row = names.rows.at({e["pid"], e["tid"]}), group = names.groups.at(e["pid"]);
    if (row == "kernels" || group == "experts" || group == "weight banks") continue;
    shown[group + "." + row + " " + e["name"].get<std::string>()] +=
        std::llround(e["dur"].get<double>() * hz / 1e6);
  }
  EXPECT_GT(expected.size(), 50u);
  EXPECT_EQ(shown, expected);
}

TEST_F(Trace, TrafficIsThatOfThePorts) {
  ASSERT_EQ(run("--trace-task first --trace-resolution 1 --perfetto '" + file("trace.json") +
                "' --report '" + file("report.json") + "'")
                .exit_code,
            0);
  const json trace = json::parse(text("trace.json")), report = json::parse(text("report.json"));
  const double hz = trace["otherData"]["clock_hz"];
  std::map<std::string, double> bytes, since, rate;
  for (const json& e : trace["traceEvents"]) {
    if (e["ph"] != "C" || !e["args"].contains("GB/s")) continue;
    const std::string name = e["name"];
    const double now = e["ts"];
    bytes[name] += rate[name] * (now - since[name]) * 1e3;
    since[name] = now;
    rate[name] = e["args"]["GB/s"];
  }
  EXPECT_GT(hz, 0);
  for (const json& port : report["tasks"][0]["dram"]["ports"])
    for (const std::string way : {"read", "write"}) {
      const double expected = port["bytes_" + (way == "read" ? way : std::string("written"))];
      const std::string name = port["port"].get<std::string>() + " " + way;
      EXPECT_NEAR(bytes[name], expected, expected * 1e-3) << name;
      EXPECT_EQ(rate[name], 0) << name << " ends at rest";
    }
  const double dram = report["tasks"][0]["dram"]["bytes_read"];
  EXPECT_NEAR(bytes["dram read"], dram, dram * 1e-3);
}

TEST_F(Trace, AWindowHoldsItsLayerOrCyclesAlone) {
  ASSERT_EQ(run("--trace-layer 1 --perfetto '" + file("layer.json") + "' --report '" +
                file("report.json") + "'")
                .exit_code,
            0);
  const json layer = json::parse(text("layer.json")), report = json::parse(text("report.json"));
  const Names names(layer);
  std::set<std::string> kernels, expected;
  for (const json& e : layer["traceEvents"])
    if (e["ph"] == "X" && names.rows.at({e["pid"], e["tid"]}) == "kernels")
      kernels.insert(e["name"]);
  for (const json& kernel : report["tasks"][0]["kernels"])
    if (kernel["layer"] == 1) expected.insert(kernel["name"]);
  EXPECT_EQ(kernels, expected);

  ASSERT_EQ(run("--trace-cycles 10000:10100 --trace-resolution 1 --perfetto '" +
                file("cycles.json") + "'")
                .exit_code,
            0);
  const json cycles = json::parse(text("cycles.json"));
  const double us = 1e6 / cycles["otherData"]["clock_hz"].get<double>();
  for (const json& e : cycles["traceEvents"]) {
    if (e["ph"] == "M") continue;
    EXPECT_GE(e["ts"].get<double>(), 9999.9 * us);
    EXPECT_LE(e["ts"].get<double>() + e.value("dur", 0.0), 10100.1 * us);
  }
}

TEST_F(Trace, ChangesNothingInTheRun) {
  ASSERT_EQ(run("--report '" + file("without.json") + "'").exit_code, 0);
  ASSERT_EQ(run("--report '" + file("with.json") + "' --vcd '" + file("x.vcd") + "' --perfetto '" +
                file("x.json") + "' --memory-trace '" + file("x.csv") + "'")
                .exit_code,
            0);
  EXPECT_EQ(text("with.json"), text("without.json"));
  EXPECT_GT(text("x.csv").size(), 1000u) << "the memory trace goes on";
}

TEST_F(Trace, GtkWaveReadsTheVcd) {
  if (std::system("command -v vcd2fst >/dev/null && command -v fst2vcd >/dev/null") != 0)
    GTEST_SKIP() << "gtkwave is not installed";
  ASSERT_EQ(run("--trace-resolution 1 --vcd '" + file("a.vcd") + "'").exit_code, 0);
  const std::string command = "vcd2fst '" + file("a.vcd") + "' '" + file("a.fst") +
                              "' && fst2vcd '" + file("a.fst") + "' > '" + file("b.vcd") + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  // The same changes at the same times, under the codes of the other file.
  const auto changes = [&](const std::string& name) {
    std::map<std::string, std::string> scoped;
    std::multiset<std::string> all;
    std::istringstream lines(text(name));
    std::string scope, start, time, line;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string first, second, third, fourth, fifth;
      words >> first >> second >> third >> fourth >> fifth;
      if (first == "$scope") scope = third;
      if (first == "$var") scoped[fourth] = scope + "." + fifth;
      if (first[0] == '#') time = first;
      if (start.empty()) start = time;
      // What changes at the first time is another file's initial value.
      if ((first[0] == 's' || first[0] == 'b') && time != start) {
        const std::size_t one = first.find('1');
        const std::string value =
            first[0] == 'b' ? (one == std::string::npos ? "0" : first.substr(one)) : first;
        all.insert(time + " " + scoped.at(second) + " " + value);
      }
    }
    return all;
  };
  const auto ours = changes("a.vcd"), theirs = changes("b.vcd");
  EXPECT_GT(ours.size(), 10'000u);
  std::size_t found = 0;
  for (const std::string& change : ours) found += theirs.count(change) > 0;
  EXPECT_EQ(found, ours.size());
}

TEST_F(Trace, BadInputIsOneLine) {
  const auto refused = [&](const std::string& options, const std::string& message) {
    const Outcome outcome = run(options);
    EXPECT_EQ(outcome.exit_code, 2) << options;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  };
  refused("--perfetto '" + file("none/x.json") + "'", "its folder does not exist");
  refused("--vcd /proc/x.vcd", "/proc/x.vcd: cannot be written");
  refused("--trace-layer 1", "needs --perfetto or --vcd");
  refused("--trace-layer 99 --vcd x", "--trace-layer 99: the network has layers 0 to ");
  refused("--trace-cycles 5:5 --vcd x", "holds no cycle");
  refused("--trace-cycles 5:a --vcd x", "'a' is no cycle number");
  refused("--trace-resolution 0 --vcd x", "must be at least 1");
  refused("--trace-cycles 999999999:1000000000 --vcd '" + file("late.vcd") + "'",
          "the traced window holds no kernel of this run");
  EXPECT_FALSE(std::filesystem::exists(file("late.vcd")));
}

}  // namespace
}  // namespace m3sim
