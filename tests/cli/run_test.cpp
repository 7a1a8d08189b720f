// `m3sim run` with input that cannot be used: one clear line, exit code 2, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <regex>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using testing::HasSubstr;

constexpr const char* kTiny =
    " --set network.image_channels=1 --set network.image_height=32 --set network.image_width=64 "
    "--set network.width=32"
    " --set network.heads=2 --set network.layers=2 --set network.mlp_hidden=32 --set "
    "network.experts=3"
    " --set network.expert_hidden=32 ";

class RunCommand : public testing::Test {
 protected:
  test::Outcome run(const std::string& options) {
    return test::run_program(std::string("run") + kTiny + "--report '" +
                                 folder_.path("report.json") + "' --dump '" + folder_.path("dump") +
                                 "' " + options,
                             folder_);
  }
  void expect_refused(const std::string& options, const std::string& message) {
    const test::Outcome outcome = run(options);
    EXPECT_EQ(outcome.exit_code, 2) << options;
    EXPECT_EQ(outcome.out, "") << options;
    EXPECT_THAT(outcome.err, HasSubstr(message)) << options;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path("report.json"))) << options;
    EXPECT_FALSE(std::filesystem::exists(folder_.path("dump"))) << options;
  }
  /// An image file of `count` pixels, the last of them `last`.
  std::string image(std::size_t count, float last) {
    std::string bytes(count * sizeof(float), '\0');
    std::memcpy(bytes.data() + bytes.size() - sizeof last, &last, sizeof last);
    return "--image '" + folder_.write("image.float32.bin", bytes) + "'";
  }
  const test::ScratchFolder folder_;
};

TEST_F(RunCommand, WritesReportAndTensors) {
  const test::Outcome outcome = run(image(32 * 64, 0.5F) + " --task semseg");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::StartsWith("m3sim ")) << "the table and nothing before it";
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(std::filesystem::exists(folder_.path("report.json")));
  EXPECT_TRUE(std::filesystem::exists(folder_.path("dump/l1_out.bin")));
}

TEST_F(RunCommand, RecordsTheRoutingThatItTakesBack) {
  const auto routed = [&](const std::string& routing, const std::string& recorded) {
    const std::string file = folder_.path(recorded);
    const test::Outcome outcome = test::run_program(
        "run --config network/tiny.cfg --record-routing '" + file + "' " + routing, folder_);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return test::read_file(file);
  };
  const std::string gates = routed("", "gates.routing");
  EXPECT_THAT(gates, testing::StartsWith("m3sim.routing/1 tokens=9 experts=4 top_k=2\n"));
  EXPECT_EQ(routed("--data off --routing '" + folder_.path("gates.routing") + "'", "again"), gates);
  const std::string zipf = routed("--data off --routing zipf:2:7", "zipf");
  EXPECT_EQ(routed("--data off --routing '" + folder_.path("zipf") + "'", "again"), zipf);
  EXPECT_NE(routed("--data off --routing zipf:2:8", "again"), zipf);
  // Without scores these are the choices that the golden model made for traces/tiny.routing.
  const std::string shipped = M3SIM_SOURCE_DIR "/traces/tiny.routing";
  EXPECT_EQ(std::regex_replace(gates, std::regex(":[0-9]+"), ""), test::read_file(shipped));
}

TEST_F(RunCommand, StatesTheRoutingThatWasProduced) {
  const auto stated = [&](const std::string& routing) {
    const std::string file = folder_.path("stated.json");
    const test::Outcome outcome =
        test::run_program("run --config network/tiny.cfg --task first --data off --routing " +
                              routing + " --report '" + file + "'",
                          folder_);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return test::read_file(file);
  };
  // 9 tokens to 2 of 4 experts in 2 layers.
  EXPECT_THAT(stated("all-to-one"),
              testing::AllOf(HasSubstr("\"choices\": 36"), HasSubstr("\"active_experts\": 4"),
                             HasSubstr("\"longest_queue\": 9"),
                             HasSubstr("\"effective_experts\": 2.0"), HasSubstr("\"gini\": 0.5")));
  EXPECT_THAT(stated("uniform"),
              testing::AllOf(HasSubstr("\"active_experts\": 8"), HasSubstr("\"longest_queue\": 5"),
                             HasSubstr("\"effective_experts\": 3.95122")));  // 18^2 / 82
}

TEST_F(RunCommand, RefusesImages) {
  expect_refused(image(32 * 64, std::numeric_limits<float>::quiet_NaN()), "image.float32.bin");
  expect_refused(image(32 * 64 - 1, 0.5F), "image.float32.bin");
  expect_refused("--image '" + folder_.path("none.npy") + "'", "none.npy");
}

TEST_F(RunCommand, RefusesWeights) {
  expect_refused("--weights '" + folder_.path("none") + "'", "none");
  std::filesystem::create_directories(folder_.path("empty"));
  expect_refused("--weights '" + folder_.path("empty") + "'", "empty");
}

TEST_F(RunCommand, RefusesARoutingTraceOfAnotherNetwork) {
  const std::string trace = folder_.path("routing");
  ASSERT_EQ(
      test::run_program(std::string("run") + kTiny + "--record-routing '" + trace + "'", folder_)
          .exit_code,
      0);
  expect_refused("--set network.experts=4 --routing '" + trace + "'", "routing");
}

TEST_F(RunCommand, RefusesKeysAndCombinations) {
  expect_refused("--set linear.in_tiles=16", "linear.in_tile");
  expect_refused("--set network.heads=3", "network.width");
  expect_refused("--data off --routing uniform", "--data off");
  expect_refused("--task driving", "driving");
}

TEST_F(RunCommand, EndsADeadlockWithItsReport) {
  const test::Outcome outcome =
      run("--set ports.scores=inout4 --set port.max_burst_beats=4 --set port.read_buffer_beats=8");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("deadlock: nothing can proceed after cycle"));
  EXPECT_THAT(outcome.err, HasSubstr("multiply_v waits for a value in stream info_stream"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("report.json")));
}

TEST(Fits, RefusesADesignThatADeviceCannotHoldBeforeSimulatingIt) {
  test::ScratchFolder folder;
  const auto refused = test::run_program(
      "run --fits zcu102 --set linear.in_tile=64 --set linear.out_tile=64", folder);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("--fits zcu102: does not fit xczu9eg (estimate): dsp: "));
  EXPECT_THAT(refused.err, HasSubstr("; bram18: "));
  const auto fits = test::run_program(
      "run --fits zcu102 --config network/tiny.cfg --data off --routing uniform", folder);
  EXPECT_EQ(fits.exit_code, 0) << fits.err;
  EXPECT_THAT(fits.out, HasSubstr("fits xczu9eg"));
}

TEST(Calibrate, WritesATableThatARunCanUse) {
  test::ScratchFolder folder;
  const std::string table = folder.path("fitted.csv");
  const auto fit = test::run_program(
      "calibrate --config network/tiny.cfg --milliwatts 9000 --measurement 'a test' --output '" +
          table + "'",
      folder);
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, HasSubstr("true by construction"));
  const auto run = test::run_program(
      "run --config network/tiny.cfg --data off --routing uniform --set energy.table='" + table +
          "'",
      folder);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("9.00 W"));
}

}  // namespace
}  // namespace m3sim
