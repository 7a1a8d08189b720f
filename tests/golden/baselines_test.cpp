// The program's cycles, counts and energies do not change unnoticed: stored reports of small design
// points and of the published accelerator, compared by the script that CI and users run.
// `tests/golden/update` renews them, with a reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/cli/program.hpp"

namespace m3sim::test {
namespace {

using testing::HasSubstr;

const std::string kSource = M3SIM_SOURCE_DIR;
const std::string kBaselines = kSource + "/tests/golden/baselines";

/// bench/regression as a user types it.
Outcome regression(const ScratchFolder& folder, const std::string& baselines,
                   const std::string& program, const std::string& options) {
  const std::string command = "'" + kSource + "/bench/regression' '" + baselines + "' --program '" +
                              program + "' " + options + " >'" + folder.path("out") + "' 2>'" +
                              folder.path("err") + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder.path("out")),
          read_file(folder.path("err"))};
}

TEST(Baselines, EveryFigureIsAsStored) {
  const ScratchFolder folder;
  const Outcome outcome = regression(folder, kBaselines, M3SIM_PROGRAM, "");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  const auto lines = std::count(outcome.out.begin(), outcome.out.end(), '\n');
  EXPECT_GE(lines, 15) << "12 small presets and 3 full ones";
}

// The planted fault: model/engines/residual_engine.cpp starts its region a cycle late
// (tests/golden/CMakeLists.txt builds that program).
TEST(Baselines, AProgramThatIsOneCycleLateFails) {
  const ScratchFolder folder;
  const Outcome outcome = regression(folder, kBaselines, M3SIM_CYCLE_LATE,
                                     "--only tiny --junit '" + folder.path("junit.xml") + "'");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("first diverging kernel: first: layer0.residual1"));
  EXPECT_THAT(read_file(folder.path("junit.xml")), HasSubstr("failures=\"1\""));
}

TEST(Baselines, AFigureOneMoreThanStoredIsNamed) {
  const ScratchFolder folder;
  std::string baseline = read_file(kBaselines + "/tiny.json");
  const std::size_t kernel = baseline.find("\"name\":\"layer1.experts.0.fc1\"");
  ASSERT_NE(kernel, std::string::npos);
  const std::string key = "\"cycles\":";
  const std::size_t digits = baseline.find(key, kernel) + key.size();
  const std::size_t end = baseline.find(',', digits);
  const long cycles = std::stol(baseline.substr(digits, end - digits));
  baseline.replace(digits, end - digits, std::to_string(cycles + 1));
  folder.write("b/tiny.json", baseline);
  folder.write("b/tolerances", read_file(kBaselines + "/tolerances"));
  folder.write("b/points", "# one\ntiny: --config network/tiny.cfg\n");
  const Outcome outcome = regression(folder, folder.path("b"), M3SIM_PROGRAM, "");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("tiny.json: 1 of "));
  EXPECT_THAT(outcome.out, HasSubstr("first diverging kernel: first: layer1.experts.0.fc1"));
  EXPECT_THAT(outcome.out, HasSubstr(std::to_string(cycles + 1)));
  EXPECT_EQ(
      regression(folder, folder.path("b"), M3SIM_PROGRAM, "--update 'a cycle less'").exit_code, 0);
  EXPECT_EQ(regression(folder, folder.path("b"), M3SIM_PROGRAM, "").exit_code, 0);
  EXPECT_EQ(read_file(folder.path("b/reasons.txt")), "tiny.json: a cycle less\n");
}

/// The step of bench/github-actions.yml, as its service would run it.
TEST(Baselines, TheExampleForAPublicServiceComparesThem) {
  const ScratchFolder folder;
  const std::string workflow = read_file(kSource + "/bench/github-actions.yml");
  const std::string start = "run: m3sim/bench/";
  const std::size_t at = workflow.find(start);
  ASSERT_NE(at, std::string::npos);
  std::string step =
      workflow.substr(at + start.size(), workflow.find('\n', at) - at - start.size());
  const std::string pipe = " | ";
  step.insert(step.find(pipe), std::string(" --program '") + M3SIM_PROGRAM + "'");
  folder.write("baselines/points", "tiny: --config network/tiny.cfg\n");
  folder.write("baselines/tiny.json", read_file(kBaselines + "/tiny.json"));
  folder.write("baselines/tolerances", read_file(kBaselines + "/tolerances"));
  const auto run = [&] {
    const std::string script =
        folder.write("step.sh", "set -eo pipefail\ncd '" + folder.path() +
                                    "'\nexport GITHUB_STEP_SUMMARY=summary\n'" + kSource +
                                    "/bench/'" + step + "\n");
    return std::system(("bash '" + script + "' >/dev/null").c_str());
  };
  EXPECT_EQ(WEXITSTATUS(run()), 0) << step;
  EXPECT_THAT(read_file(folder.path("summary")), HasSubstr("equal or within tolerance"));
  EXPECT_THAT(read_file(folder.path("regression.xml")), HasSubstr("failures=\"0\""));
  folder.write("baselines/points", "tiny: --config network/tiny.cfg --set control.done_cycles=2\n");
  EXPECT_EQ(WEXITSTATUS(run()), 1);
  EXPECT_THAT(read_file(folder.path("regression.xml")), HasSubstr("failures=\"1\""));
}

TEST(Baselines, WhatCannotBeToldIsExitCodeTwo) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& program, const std::string& options,
                           const std::string& message) {
    const Outcome outcome = regression(folder, folder.path("b"), program, options);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  };
  refused(M3SIM_PROGRAM, "", "points: no such file");
  folder.write("b/points", "bad: --config none.cfg\n");
  refused(folder.path("none"), "", "none: no such program");
  refused(M3SIM_PROGRAM, "--only tiny", "no point matches tiny");
  refused(M3SIM_PROGRAM, "", "bad: none.cfg: no such file");
}

}  // namespace
}  // namespace m3sim::test
