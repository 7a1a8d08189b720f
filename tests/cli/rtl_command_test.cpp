// `m3sim rtl`: what it writes, and parameters that cannot be built: exit code 2, the rule by name,
// nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using testing::HasSubstr;

class RtlCommand : public testing::Test {
 protected:
  test::Outcome rtl(const std::string& options) {
    return test::run_program("rtl --out '" + folder_.path("sv") + "' " + options, folder_);
  }
  void expect_refused(const std::string& options, const std::string& rule) {
    const test::Outcome outcome = rtl(options);
    EXPECT_EQ(outcome.exit_code, 2) << options;
    EXPECT_EQ(outcome.out, "") << options;
    EXPECT_THAT(outcome.err, HasSubstr(rule)) << options;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path("sv"))) << options;
  }
  std::string module(const std::string& kernel) const {
    return test::read_file(folder_.path("sv/" + kernel + ".sv"));
  }
  const test::ScratchFolder folder_;
};

TEST_F(RtlCommand, WritesTheKernelsOfAGroup) {
  const test::Outcome outcome =
      rtl("--kernel linear --set linear.in_tile=8 --set linear.out_tile=8");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::StartsWith("7 kernels in "));
  EXPECT_THAT(module("linear_compute"), HasSubstr("tiles of 8 x 8"));
  EXPECT_THAT(module("m3sim_modules"), HasSubstr("module m3sim_fifo"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("sv/finalize.sv")));
}

TEST_F(RtlCommand, RefusesATileThatDoesNotDivideTheWord) {
  expect_refused("--set linear.in_tile=6",
                 "linear.in_tile = 6: must be a multiple of 8 (features in a 256-bit word)");
  expect_refused("--set linear.out_tile=12",
                 "linear.out_tile = 12: must be a multiple of 8 (features in a 256-bit word)");
}

TEST_F(RtlCommand, RefusesADepthThatPortLatenciesDoNotFitInto) {
  expect_refused("--set loops.attention_read_kv.depth=71",
                 "loops.attention_read_kv.depth = 71: must be more than 71 (port latencies inside "
                 "the depth)");
  expect_refused("--set loops.residual_add.depth=139",
                 "loops.residual_add.depth = 139: must be more than 139 (port latencies inside the "
                 "depth)");
}

TEST_F(RtlCommand, RefusesADepthBelowTheLastStageThatAMemoryForces) {
  // q_times_k reads its query from a memory: a stage after the address.
  expect_refused("--kernel q_times_k --set loops.attention_q_matmul_k.depth=1",
                 "q_times_k: depth 1 is smaller than the last stage 1 that memory latencies force, "
                 "plus 1");
}

/// Depths of the published sources' pipelined functions, one of each loop that calls some.
TEST_F(RtlCommand, RefusesADepthBelowTheOperatorsOfAFiring) {
  expect_refused("--set loops.linear_compute.depth=5",
                 "linear_compute: depth 5 is smaller than what lies in one firing "
                 "(linear_gelu_function 6 = 6)");
  expect_refused("--set loops.attention_finalize.depth=68",
                 "finalize: depth 68 is smaller than what lies in one firing "
                 "(attention_exp_function 19 + attention_recip_function 50 = 69)");
  expect_refused("--set loops.attention_attn_matmul_v.depth=18",
                 "attention_times_v: depth 18 is smaller than what lies in one firing "
                 "(attention_exp_function 19 = 19)");
  expect_refused("--set loops.gate_softmax_update.depth=18",
                 "softmax_update: depth 18 is smaller than what lies in one firing "
                 "(gate_exp_function 19 = 19)");
  expect_refused("--set loops.layer_norm_output.depth=139",
                 "norm_output: depth 139 is smaller than what lies in one firing "
                 "(layer_norm_sqrt_function 23 + layer_norm_divide_function 49 + write response 68 "
                 "= 140)");
}

TEST_F(RtlCommand, NamesTheSmallestDepthThatCanBeBuilt) {
  EXPECT_EQ(rtl("--kernel finalize --set loops.attention_finalize.depth=69").exit_code, 0);
  EXPECT_EQ(rtl("--kernel linear_compute --set loops.linear_compute.depth=6").exit_code, 0);
  EXPECT_EQ(rtl("--kernel q_times_k --set loops.attention_q_matmul_k.depth=2").exit_code, 0);
}

TEST_F(RtlCommand, RefusesWhatItDoesNotKnow) {
  expect_refused("--kernel softmax", "--kernel softmax: must be a group (");
  const test::Outcome outcome = test::run_program("rtl", folder_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--out DIR is missing"));
}

}  // namespace
}  // namespace m3sim
