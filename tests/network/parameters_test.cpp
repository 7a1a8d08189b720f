#include "model/network/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "model/config/error.hpp"
#include "tests/network/temporary_directory.hpp"
#include "tests/network/tiny_network.hpp"

namespace m3sim {
namespace {

using test::bytes_of;
using test::TemporaryDirectory;
using test::tiny_network;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

std::size_t value_count(const Dimensions& dimensions) {
  std::size_t count = 0;
  for (const ParameterSpec& spec : parameter_specs(dimensions)) count += element_count(spec.shape);
  return count;
}

std::set<std::string> names(const Dimensions& dimensions) {
  std::set<std::string> result;
  for (const ParameterSpec& spec : parameter_specs(dimensions)) result.insert(spec.name);
  return result;
}

// Writes every parameter of a network, all values 0.25.
void write_all(const TemporaryDirectory& directory, const Dimensions& dimensions) {
  for (const ParameterSpec& spec : parameter_specs(dimensions)) {
    const std::vector<float> values(element_count(spec.shape), 0.25f);
    directory.write(spec.name + ".float32.bin", bytes_of(values));
  }
}

TEST(ParameterSpecs, MultiGateHasAGatePerTaskAndLayer) {
  const std::set<std::string> found = names(tiny_network());
  for (const char* name :
       {"patch_embed_weight", "patch_embed_bias", "pos_embed", "l0_qkv_weight", "l0_qkv_bias",
        "l0_attn_proj_weight", "l0_norm1_weight", "l1_norm2_bias", "l0_fc1_weight", "l0_fc2_bias",
        "l1_w_gate_T_task0", "l1_w_gate_T_task1", "l1_htoh4_weight", "l1_htoh4_bias",
        "l1_h4toh_weight", "l1_h4toh_bias"}) {
    EXPECT_THAT(found, Contains(name));
  }
  EXPECT_THAT(found, Not(Contains("l1_fc1_weight")));
  EXPECT_THAT(found, Not(Contains("l0_htoh4_weight")));
  EXPECT_THAT(found, Not(Contains("task_fc1_weight")));
}

TEST(ParameterSpecs, TaskConditionedSharesAWiderGate) {
  Dimensions d = tiny_network();
  d.gating = Gating::kTaskConditioned;
  d.task_embedding = 8;
  d.task_hidden = 5;
  const Parameters parameters(d, ParameterSource::parse("seed:1"));
  EXPECT_EQ(parameters.spec({ParameterKind::kGateWeight, 1, 0}).shape, (Shape{4, 16 + 8}));
  EXPECT_EQ(&parameters.spec({ParameterKind::kGateWeight, 1, 0}),
            &parameters.spec({ParameterKind::kGateWeight, 1, 1}));
  EXPECT_EQ(parameters.spec({ParameterKind::kTaskFc1Weight}).shape, (Shape{5, 2}));
  EXPECT_EQ(parameters.spec({ParameterKind::kTaskFc2Weight}).shape, (Shape{8, 5}));
}

// hardware.md's weight bytes at 16 bits: 7.08 MB dense and 28.3 MB of experts are read per image.
TEST(ParameterSpecs, WeightBytesOfThePublishedNetwork) {
  std::size_t dense = 0;
  std::size_t experts = 0;
  for (const ParameterSpec& spec : parameter_specs(Dimensions{})) {
    const ParameterKind kind = spec.id.kind;
    const std::size_t bytes = 2 * element_count(spec.shape);
    if (kind == ParameterKind::kExpertFc1Weight || kind == ParameterKind::kExpertFc2Weight) {
      experts += bytes;
    } else if (spec.shape.size() == 2 && spec.format == kLinearWeightFormat &&
               kind != ParameterKind::kGateWeight) {
      dense += bytes;
    }
  }
  EXPECT_EQ(dense, 2u * 12 * (4 * 192 * 192) + 2u * 6 * (2 * 192 * 768));
  EXPECT_EQ(experts, 2u * 6 * 16 * (2 * 192 * 384));
}

TEST(SeededParameters, StayInsideTheirFormatsAndDifferByTensor) {
  for (const Gating gating : {Gating::kMultiGate, Gating::kTaskConditioned}) {
    Dimensions d = tiny_network();
    d.gating = gating;
    const Parameters parameters(d, ParameterSource::parse("seed:3"));
    std::set<std::vector<std::int32_t>> seen;
    for (const ParameterSpec& spec : parameters.specs()) {
      const Tensor raw = parameters.quantized(spec.id);
      EXPECT_EQ(raw.shape, spec.shape);
      EXPECT_TRUE(seen.insert(raw.raw).second) << spec.name << " repeats another tensor";
      for (std::size_t i = 0; i < raw.size(); ++i) {
        EXPECT_TRUE(spec.format.holds(raw.value(i))) << spec.name;
      }
      EXPECT_EQ(quantize(spec.shape, parameters.floats(spec.id), spec.format), raw)
          << spec.name << ": a generated float is exactly its raw number";
    }
  }
}

TEST(SeededParameters, RowsArePartsOfTheWhole) {
  const Parameters parameters(tiny_network(), ParameterSource::parse("seed:3"));
  const ParameterId id{ParameterKind::kExpertFc2Weight, 1, 0};
  const Tensor whole = parameters.quantized(id);
  for (int expert = 0; expert < 4; ++expert) {
    const Tensor one = parameters.quantized(id, expert);
    EXPECT_EQ(one.shape, (Shape{16, 24}));
    EXPECT_TRUE(std::ranges::equal(one.raw, whole.row(expert)));
    EXPECT_EQ(quantize(one.shape, parameters.floats(id, expert), kLinearWeightFormat), one);
  }
  EXPECT_THROW(parameters.quantized(id, 4), std::out_of_range);
}

TEST(SeededParameters, CoverEveryPublishedNetwork) {
  Dimensions d;
  d.name = "m3vit-pascal";
  d.image_height = d.image_width = 512;
  d.width = 384;
  d.heads = 12;
  d.mlp_hidden = 1536;
  d.top_k = 4;
  d.tasks = {"semseg", "normals", "parts", "saliency", "edge"};
  EXPECT_EQ(d.tokens(), 1025);
  EXPECT_EQ(value_count(d), 43'462'656u);
  const Parameters parameters(d, ParameterSource::parse("seed:0"));
  EXPECT_EQ(parameters.quantized({ParameterKind::kGateWeight, 11, 4}).shape, (Shape{16, 384}));
}

TEST(ParameterFiles, AreQuantizedWhenRead) {
  const TemporaryDirectory directory;
  const Dimensions d = tiny_network();
  write_all(directory, d);
  std::vector<float> bias(16, -0.3f);
  bias[1] = 16.5f;  // outside Q5.11
  directory.write("l0_norm1_bias.float32.bin", bytes_of(bias));
  const Parameters parameters(d, ParameterSource::parse(directory.path().string()));
  EXPECT_EQ(parameters.quantized({ParameterKind::kQkvWeight, 1}).raw[7], 1 << 12);
  EXPECT_EQ(parameters.floats({ParameterKind::kQkvWeight, 1})[7], 0.25f);
  const Tensor norm = parameters.quantized({ParameterKind::kNorm1Bias, 0});
  EXPECT_EQ(norm.raw[0], -615) << "floor(-0.3 * 2048)";
  EXPECT_EQ(norm.value(1), -15.5) << "wraps";
  EXPECT_THAT(parameters.wrapped(), ElementsAre("l0_norm1_bias"));
  EXPECT_THAT(parameters.filled(), IsEmpty());
}

TEST(ParameterFiles, MissingOnesAreAllNamedOrFilled) {
  const TemporaryDirectory directory;
  const Dimensions d = tiny_network();
  write_all(directory, d);
  std::filesystem::remove(directory.path() / "l1_htoh4_weight.float32.bin");
  std::filesystem::remove(directory.path() / "l0_qkv_bias.float32.bin");
  EXPECT_THAT([&] { Parameters(d, ParameterSource::parse(directory.path().string())); },
              ThrowsMessage<InputError>(
                  AllOf(HasSubstr("l0_qkv_bias, l1_htoh4_weight"), HasSubstr("--fill-missing"))));
  const Parameters filled(d, ParameterSource::parse(directory.path().string(), "seed:0"));
  EXPECT_THAT(filled.filled(), ElementsAre("l0_qkv_bias", "l1_htoh4_weight"));
  const Parameters seeded(d, ParameterSource::parse("seed:0"));
  const ParameterId id{ParameterKind::kExpertFc1Weight, 1};
  EXPECT_EQ(filled.quantized(id), seeded.quantized(id));
}

TEST(ParameterFiles, FaultyOnesAreFoundWhenOpened) {
  const TemporaryDirectory directory;
  const Dimensions d = tiny_network();
  write_all(directory, d);
  const auto refuses = [&](const std::vector<float>& values, const std::string& message) {
    directory.write("l1_h4toh_bias.float32.bin", bytes_of(values));
    EXPECT_THAT([&] { Parameters(d, ParameterSource::parse(directory.path().string(), "seed:0")); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("l1_h4toh_bias"), HasSubstr(message))));
  };
  refuses(std::vector<float>(63), "has 252 bytes, expected 256 (float32 [4, 16])");
  std::vector<float> values(64);
  values[9] = std::numeric_limits<float>::quiet_NaN();
  refuses(values, "value 9 is NaN");
  EXPECT_THROW(Parameters(d, ParameterSource::parse("/nowhere")), InputError);
  EXPECT_THROW(ParameterSource::parse("seed:one"), UsageError);
  EXPECT_THROW(ParameterSource::parse(".", "0"), UsageError);
}

TEST(Parameters, CanBeReplaced) {
  Parameters parameters(tiny_network(), ParameterSource::parse("seed:0"));
  const ParameterId id{ParameterKind::kPatchBias};
  parameters.set(id, std::vector<float>(16, 0.5f));
  EXPECT_EQ(parameters.quantized(id).raw[3], 1 << 10);
  EXPECT_THROW(parameters.set(id, std::vector<float>(15)), InputError);
  EXPECT_THROW(parameters.floats({ParameterKind::kFc1Weight, 1}), std::out_of_range);
}

}  // namespace
}  // namespace m3sim
