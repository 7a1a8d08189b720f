// The published design with its published weights: bits, errors and latency, all from one run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using Json = nlohmann::json;

/// What the hardware computes and never stores: norm statistics stay in registers, probabilities in
/// the pipeline.
const std::set<std::string> kNotStored{"l0_norm1_stats", "l0_norm2_stats", "l0_attn_prob",
                                       "l1_norm1_stats", "l1_norm2_stats", "l1_attn_prob"};

class PublishedDesign : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData + "/golden/manifest.json"))
      GTEST_SKIP() << "no published weights and tensors here";
    const test::Outcome outcome = test::run_program(
        "run --weights '" + kData + "/weights' --image '" + kData +
            "/weights/image.float32.bin' --fill-missing seed:0" + " --check --dump '" +
            folder_.path("dump") + "' --report '" + folder_.path("report.json") + "'",
        folder_);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    report_ = Json::parse(test::read_file(folder_.path("report.json")));
  }
  const std::string kData = std::string(M3SIM_SHARED_DATA) + "/edge-moe";
  const test::ScratchFolder folder_;
  Json report_;
};

TEST_F(PublishedDesign, HasThePublishedBitsErrorsAndLatency) {
  int equal = 0;
  const Json golden = Json::parse(test::read_file(kData + "/golden/manifest.json"));
  for (const Json& tensor : golden["tensors"]) {
    const std::string name = tensor["name"];
    if (kNotStored.contains(name)) continue;
    const std::string ours = test::read_file(folder_.path("dump/semseg/" + name + ".bin"));
    EXPECT_FALSE(ours.empty()) << name << " is missing";
    EXPECT_TRUE(ours == test::read_file(kData + "/golden/" + name + ".bin")) << name << " differs";
    ++equal;
  }
  EXPECT_EQ(equal, 36);
  EXPECT_EQ(golden["tensors"].size(), 42u);

  const Json& last = report_["check"][0]["stages"].back();
  EXPECT_EQ(last["stage"], "end_to_end.l11_out");
  EXPECT_LE(last["max_error"], 7e-3) << "quantised weights and the same routing, in double";

  ASSERT_EQ(report_["tasks"].size(), 2u);
  for (const Json& task : report_["tasks"]) {
    EXPECT_GE(task["latency_ms"], 29.4) << task["task"] << ": 34.64 ms - 15 %";
    EXPECT_LE(task["latency_ms"], 39.8) << task["task"] << ": 34.64 ms + 15 %";
  }
}

}  // namespace
}  // namespace m3sim
