#include "model/golden/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "model/config/error.hpp"
#include "tests/network/tiny_network.hpp"

namespace m3sim::golden {
namespace {

using test::tiny_network;
using testing::Contains;
using testing::Key;
using testing::Not;

constexpr Precision kFloat = Precision::kFloat;

Parameters seeded(const Dimensions& d) { return Parameters(d, ParameterSource::parse("seed:11")); }

// Every stage's values by name, put together from their parts.
std::map<std::string, std::vector<double>> all_stages(const Parameters& parameters,
                                                      const Image& image, int task) {
  std::map<std::string, std::vector<double>> stages;
  Model(parameters, kFloat).forward(image, task, [&](const Stage& stage) -> const Tensor* {
    std::vector<double>& values = stages[stage.name];
    values.resize(element_count(stage.shape));
    std::ranges::copy(stage.values, values.begin() + static_cast<std::ptrdiff_t>(stage.offset));
    return nullptr;
  });
  return stages;
}

std::vector<float> zeros(const Parameters& parameters, const ParameterId& id) {
  return std::vector<float>(element_count(parameters.spec(id).shape));
}

// One patch-weight is 1 (feature 5; channel 2, row 1, column 3): the feature is that pixel.
TEST(GoldenModel, PatchEmbeddingTakesPixelsOfItsPatch) {
  const Dimensions d = tiny_network();
  Parameters parameters = seeded(d);
  const ParameterId weight{ParameterKind::kPatchWeight};
  std::vector<float> one = zeros(parameters, weight);
  one[((5 * 3 + 2) * 4 + 1) * 4 + 3] = 1;
  parameters.set(weight, one);
  parameters.set({ParameterKind::kPatchBias}, std::vector<float>(16, 0.5f));
  const Image image = read_image("seed:4", d);
  const auto stages = all_stages(parameters, image, 0);
  const std::vector<float> position = parameters.floats({ParameterKind::kPosEmbed});
  const std::vector<double>& x = stages.at("patch_embed");
  EXPECT_EQ(x[5], position[5]) << "the class token is its position embedding";
  for (int patch = 0; patch < 6; ++patch) {
    const int row = patch / 3 * 4 + 1;
    const int column = patch % 3 * 4 + 3;
    const auto pixel = static_cast<std::size_t>((2 * 8 + row) * 12 + column);
    const auto at = static_cast<std::size_t>((patch + 1) * 16 + 5);
    EXPECT_DOUBLE_EQ(x[at], double{image.values[pixel]} + 0.5 + double{position[at]}) << patch;
  }
}

// Equal keys: every token attends to all alike, so attention is the mean of the values.
TEST(GoldenModel, AttentionToEqualKeysIsTheMeanOfTheValues) {
  const Dimensions d = tiny_network();
  Parameters parameters = seeded(d);
  const ParameterId id{ParameterKind::kQkvWeight, 0};
  std::vector<float> weight = parameters.floats(id);
  std::fill(weight.begin() + 16 * 16, weight.begin() + 32 * 16, 0.0f);
  parameters.set(id, weight);
  const auto stages = all_stages(parameters, read_image("seed:4", d), 0);
  for (const double p : stages.at("l0_attn_prob")) EXPECT_NEAR(p, 1.0 / 7, 1e-15);
  for (std::size_t feature = 0; feature < 16; ++feature) {
    double mean = 0;
    for (std::size_t token = 0; token < 7; ++token) {
      mean += stages.at("l0_v")[token * 16 + feature] / 7;
    }
    EXPECT_NEAR(stages.at("l0_attn_out")[3 * 16 + feature], mean, 1e-14);
  }
}

TEST(GoldenModel, StagesAreThoseOfADumpAndResidualsAddUp) {
  const Dimensions d = tiny_network();
  const auto stages = all_stages(seeded(d), read_image("seed:4", d), 1);
  for (const char* stage :
       {"norm1_stats", "norm1", "q", "k", "v", "attn_logits", "softmax_info", "attn_prob",
        "attn_out", "proj", "resid1", "norm2_stats", "norm2", "out"}) {
    EXPECT_THAT(stages, Contains(Key(std::string("l0_") + stage)));
    EXPECT_THAT(stages, Contains(Key(std::string("l1_") + stage)));
  }
  for (const char* stage :
       {"gate_logits", "gate_softmax", "topk_idx", "topk_logit", "topk_score", "queue_len",
        "queue_tokens", "queue_scores", "metaqueue", "expert_hidden", "moe"}) {
    EXPECT_THAT(stages, Contains(Key(std::string("l1_") + stage)));
    EXPECT_THAT(stages, Not(Contains(Key(std::string("l0_") + stage))));
  }
  EXPECT_THAT(stages, Contains(Key("l0_mlp")));
  EXPECT_THAT(stages, Not(Contains(Key("l1_mlp"))));
  for (std::size_t i = 0; i < stages.at("l1_out").size(); ++i) {
    EXPECT_DOUBLE_EQ(stages.at("l1_out")[i], stages.at("l1_resid1")[i] + stages.at("l1_moe")[i]);
    EXPECT_DOUBLE_EQ(stages.at("l0_resid1")[i],
                     stages.at("patch_embed")[i] + stages.at("l0_proj")[i]);
  }
}

// Parameters of a network with E equal experts, and of the dense one that has that expert as its
// MLP.
struct EqualExperts {
  explicit EqualExperts(Dimensions d) : moe(seeded(d)), dense(seeded(as_dense(d))) {
    for (const auto& [of_expert, of_mlp] :
         {std::pair{ParameterKind::kExpertFc1Weight, ParameterKind::kFc1Weight},
          std::pair{ParameterKind::kExpertFc1Bias, ParameterKind::kFc1Bias},
          std::pair{ParameterKind::kExpertFc2Weight, ParameterKind::kFc2Weight},
          std::pair{ParameterKind::kExpertFc2Bias, ParameterKind::kFc2Bias}}) {
      const std::vector<float> one = dense.floats({of_mlp, 1});
      std::vector<float> all;
      for (int expert = 0; expert < d.experts; ++expert)
        all.insert(all.end(), one.begin(), one.end());
      moe.set({of_expert, 1}, all);
    }
  }
  static Dimensions as_dense(Dimensions d) {
    d.moe_layers.kind = LayerSelection::Kind::kNone;
    return d;
  }
  Parameters moe;
  Parameters dense;
};

// All scores of a token add up to 1, so equal experts, all chosen, are a dense MLP.
TEST(GoldenModel, AllOfEqualExpertsAreADenseMlp) {
  for (const int experts : {1, 2, 5}) {
    Dimensions d = tiny_network();
    d.mlp_hidden = d.expert_hidden;
    d.experts = d.top_k = experts;
    const EqualExperts networks(d);
    const Image image = read_image("seed:4", d);
    const Matrix moe = Model(networks.moe, kFloat).forward(image, 0).out;
    const Matrix dense = Model(networks.dense, kFloat).forward(image, 0).out;
    EXPECT_LT((moe - dense).cwiseAbs().maxCoeff(), 1e-13) << experts << " experts";
  }
}

TEST(GoldenModel, ScoresAreNotRenormalised) {
  const Dimensions d = tiny_network();
  const auto stages = all_stages(seeded(d), read_image("seed:4", d), 0);
  for (std::size_t token = 0; token < 7; ++token) {
    const double sum =
        stages.at("l1_topk_score")[2 * token] + stages.at("l1_topk_score")[2 * token + 1];
    EXPECT_LT(sum, 1);
    EXPECT_GT(sum, 0.5) << "the best 2 of 4";
  }
}

TEST(GoldenModel, TiesGoToTheLowerExpert) {
  const Dimensions d = tiny_network();
  Parameters parameters = seeded(d);
  const ParameterId gate{ParameterKind::kGateWeight, 1, 0};
  parameters.set(gate, zeros(parameters, gate));
  const auto stages = all_stages(parameters, read_image("seed:4", d), 0);
  for (std::size_t token = 0; token < 7; ++token) {
    EXPECT_EQ(stages.at("l1_topk_idx")[2 * token], 0);
    EXPECT_EQ(stages.at("l1_topk_idx")[2 * token + 1], 1);
    EXPECT_DOUBLE_EQ(stages.at("l1_topk_score")[2 * token], 0.25);
  }
  EXPECT_EQ(stages.at("l1_queue_len"), (std::vector<double>{7, 7, 0, 0}));
  EXPECT_EQ(stages.at("l1_metaqueue"), (std::vector<double>{0, 1}));
}

// With the embedding's columns zero, a task-conditioned gate is one gate for all tasks.
TEST(GoldenModel, TaskConditionedGateAddsTheTasksEmbedding) {
  Dimensions d = tiny_network();
  d.gating = Gating::kTaskConditioned;
  d.task_embedding = 8;
  d.task_hidden = 6;
  Parameters parameters = seeded(d);
  const Image image = read_image("seed:4", d);
  const auto left = all_stages(parameters, image, 0);
  const auto right = all_stages(parameters, image, 1);
  EXPECT_NE(left.at("task_embedding"), right.at("task_embedding"));
  const ParameterId id{ParameterKind::kGateWeight, 1};
  const std::vector<float> gate = parameters.floats(id);
  for (std::size_t expert = 0; expert < 4; ++expert) {
    double difference = 0;  // of the tasks, the same for every token
    for (std::size_t i = 0; i < 8; ++i) {
      difference += double{gate[expert * 24 + 16 + i]} *
                    (right.at("task_embedding")[i] - left.at("task_embedding")[i]);
    }
    for (std::size_t token = 0; token < 7; ++token) {
      EXPECT_NEAR(right.at("l1_gate_logits")[token * 4 + expert],
                  left.at("l1_gate_logits")[token * 4 + expert] + difference, 1e-14);
    }
  }
}

TEST(GoldenModel, ForcedRoutingReplacesExpertsAndIfAskedScores) {
  const Dimensions d = tiny_network();
  const Parameters parameters = seeded(d);
  const Model model(parameters, kFloat);
  const Image image = read_image("seed:4", d);
  const Result own = model.forward(image, 0);
  EXPECT_EQ(model.forward(image, 0, {}, {&own.routing, false}).out, own.out);

  const Routing first_two = all_to_one_routing(d);
  const Result gate_scores = model.forward(image, 0, {}, {&first_two, false});
  const Result even_scores = model.forward(image, 0, {}, {&first_two, true});
  EXPECT_NE(gate_scores.out, own.out);
  EXPECT_NE(gate_scores.out, even_scores.out);
  EXPECT_EQ(even_scores.routing.layer(0, 1), first_two.layer(0, 1));
  EXPECT_EQ(gate_scores.routing.layer(0, 1).choices(6)[1].expert, 1);
}

TEST(GoldenModel, RunsNetworksAtTheLimits) {
  struct Case {
    const char* what;
    int height, heads, experts, top_k;
  };
  for (const Case& c : {Case{"two tokens", 4, 2, 4, 2}, Case{"one expert", 8, 2, 1, 1},
                        Case{"every expert", 8, 2, 4, 4}, Case{"512 experts", 8, 2, 512, 3},
                        Case{"one head", 8, 1, 4, 2}, Case{"a head per feature", 8, 16, 4, 1}}) {
    Dimensions d = tiny_network();
    d.image_height = c.height;
    if (c.height == 4) d.image_width = 4;
    d.heads = c.heads;
    d.experts = c.experts;
    d.top_k = c.top_k;
    const Parameters parameters = seeded(d);
    const Result result = Model(parameters, kFloat).forward(read_image("seed:4", d), 1);
    EXPECT_EQ(result.out.rows(), d.tokens()) << c.what;
    EXPECT_TRUE(result.out.allFinite()) << c.what;
    EXPECT_EQ(result.routing.layer(1, 1).top_k(), c.top_k) << c.what;
  }
}

TEST(GoldenModel, QuantizedParametersMatterALittle) {
  const Dimensions d = tiny_network();
  Parameters parameters = seeded(d);
  const ParameterId id{ParameterKind::kFc1Bias, 0};
  parameters.set(id, std::vector<float>(32, 0.1f));  // 204.8 in Q5.11
  const Image image = read_image("seed:4", d);
  const Matrix real = Model(parameters, kFloat).forward(image, 0).out;
  const Matrix raw = Model(parameters, Precision::kQuantized).forward(image, 0).out;
  EXPECT_NE(real, raw);
  EXPECT_LT((real - raw).cwiseAbs().maxCoeff(), 1e-2);
}

TEST(GoldenModel, RefusesWhatIsOfAnotherNetwork) {
  const Dimensions d = tiny_network();
  const Parameters parameters = seeded(d);
  const Model model(parameters, kFloat);
  EXPECT_THROW(model.forward(read_image("seed:4", Dimensions{}), 0), InputError);
  const Image image = read_image("seed:4", d);
  EXPECT_THROW(model.forward(image, 2), UsageError);
  const Routing other = uniform_routing(Dimensions{});
  EXPECT_THROW(model.forward(image, 0, {}, {&other, false}), InputError);
  Dimensions more = d;
  more.experts = 9;
  const Routing beyond = uniform_routing(more);
  EXPECT_THROW(model.forward(image, 0, {}, {&beyond, false}), InputError);
}

}  // namespace
}  // namespace m3sim::golden
