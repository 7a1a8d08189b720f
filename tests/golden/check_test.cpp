#include "model/golden/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "tests/network/tiny_network.hpp"

namespace m3sim::golden {
namespace {

using test::tiny_network;

TEST(Compare, GivesLargestMeanAndPlace) {
  const Tensor tensor({4}, 1, {2, 4, 6, 8});  // 1, 2, 3, 4
  const std::vector<double> golden = {1, 2.5, 3, 3.75};
  const Error error = compare(tensor, golden);
  EXPECT_DOUBLE_EQ(error.max, 0.5);
  EXPECT_DOUBLE_EQ(error.mean, 0.75 / 4);
  EXPECT_EQ(error.worst, 1u);
  EXPECT_THROW(compare(tensor, std::vector<double>{1, 2}), std::invalid_argument);
}

TEST(Compare, PartsAddUpToTheWhole) {
  const Tensor tensor({4}, 0, {1, 2, 3, 4});
  ErrorMeter meter;
  meter.add(tensor, 2, std::vector<double>{3, 6});
  meter.add(tensor, 0, std::vector<double>{1, 1});
  EXPECT_EQ(meter.error().max, 2);
  EXPECT_EQ(meter.error().worst, 3u);
  EXPECT_EQ(meter.error().mean, 0.75);
  EXPECT_THROW(meter.add(tensor, 3, std::vector<double>{4, 5}), std::out_of_range);
}

TEST(Compare, NotANumberIsNoMatch) {
  const Tensor tensor({2}, 0, {1, 2});
  const Error error = compare(tensor, std::vector<double>{1, std::nan("")});
  EXPECT_FALSE(error.max <= 1.0);
}

// A hardware that computes every stage as the golden model does, rounds it down to Q10.22 and goes
// on with that.
class CheckStages : public testing::Test {
 protected:
  CheckStages() { run_hardware(""); }

  // An element of stage `faulty` comes out 1e-3 too large.
  void run_hardware(const std::string& faulty) {
    tensors_.clear();
    Model(parameters_, Precision::kQuantized)
        .forward(image_, 0, [&](const Stage& stage) -> const Tensor* {
          Tensor& tensor = tensors_.try_emplace(stage.name, Tensor(stage.shape)).first->second;
          for (std::size_t i = 0; i < stage.values.size(); ++i) {
            tensor.raw[stage.offset + i] = kActivationFormat.quantize(stage.values[i]);
          }
          if (stage.name == faulty && stage.offset == 0) tensor.raw[3] += 1 << 12;
          return &tensor;
        });
  }

  std::vector<StageCheck> check() const {
    return check_stages(parameters_, image_, 0, [this](const std::string& name) -> const Tensor* {
      const auto found = tensors_.find(name);
      return found == tensors_.end() ? nullptr : &found->second;
    });
  }

  std::vector<std::string> failed() const {
    std::vector<std::string> names;
    for (const StageCheck& stage : check()) {
      if (!stage.passed()) names.push_back(stage.name);
    }
    return names;
  }

  Parameters parameters_{tiny_network(), ParameterSource::parse("seed:11")};
  Image image_ = read_image("seed:4", tiny_network());
  std::map<std::string, Tensor> tensors_;
};

TEST_F(CheckStages, RoundedGoldenStagesPass) {
  const std::vector<StageCheck> checks = check();
  EXPECT_EQ(checks.size(), tensors_.size());
  EXPECT_EQ(checks.front().name, "patch_embed");
  EXPECT_EQ(checks.back().name, "l1_out");
  for (const StageCheck& stage : checks) EXPECT_LT(stage.error.max, 2e-6) << stage.name;
}

TEST_F(CheckStages, AnErrorIsOfItsStageAlone) {
  for (const char* name : {"patch_embed", "l0_q", "l0_attn_prob", "l0_resid1", "l0_fc1_gelu",
                           "l1_v", "l1_expert_hidden", "l1_moe", "l1_out"}) {
    run_hardware(name);
    EXPECT_THAT(failed(), testing::ElementsAre(name));
  }
}

TEST_F(CheckStages, StagesTheHardwareLacksAreNotChecked) {
  tensors_.erase("l0_attn_prob");
  tensors_.erase("l1_expert_hidden");
  EXPECT_EQ(check().size(), tensors_.size());
  EXPECT_THAT(failed(), testing::IsEmpty());
}

TEST_F(CheckStages, AnotherShapeIsRefused) {
  tensors_.at("l0_q") = Tensor({7, 8});
  EXPECT_THROW(check(), std::invalid_argument);
}

TEST(StageBound, IsThePublishedOneAndGrowsWithTheLongestSum) {
  Dimensions d;
  EXPECT_EQ(stage_bound(d, "l0_proj"), 2e-4);
  EXPECT_EQ(stage_bound(d, "patch_embed"), 2e-4);
  EXPECT_EQ(stage_bound(d, "l9_norm2"), 1.1e-3);  // 1.02e-3 and 1.08e-3 in the two tasks
  EXPECT_EQ(stage_bound(d, "l11_topk_idx"), 0);
  d.mlp_hidden = 1536;
  EXPECT_EQ(stage_bound(d, "l10_mlp"), 4e-4);
}

}  // namespace
}  // namespace m3sim::golden
