// `m3sim run` with input that cannot be used: one clear line, exit code 2, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>

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

}  // namespace
}  // namespace m3sim
