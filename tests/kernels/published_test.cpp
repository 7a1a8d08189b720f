// The kernels against a C simulation of the published Edge-MoE sources: layers 0 and 1 of task 0,
// every tensor, every bit.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/kernels/engines.hpp"

namespace m3sim::kernels::test {
namespace {

const std::filesystem::path kData = std::filesystem::path(M3SIM_SHARED_DATA) / "edge-moe";
constexpr int kTokens = 129, kWidth = 192, kHeads = 3, kExperts = 16, kTopK = 2,
              kExpertHidden = 384;

template <class T>
std::vector<T> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  file.read(reinterpret_cast<char*>(values.data()), std::streamsize(values.size() * sizeof(T)));
  return values;
}

/// A parameter file as raw integers: floor(w * 2^fraction_bits).
Values parameter(const std::string& name, int fraction_bits) {
  Values raw;
  for (float w : read_file<float>(kData / "weights" / (name + ".float32.bin")))
    raw.push_back(int(std::floor(double(w) * double(1 << fraction_bits))));
  return raw;
}

int compared = 0;

void expect_golden(const std::string& name, const Values& values) {
  ++compared;
  const auto golden = read_file<std::int32_t>(kData / "golden" / (name + ".bin"));
  ASSERT_EQ(golden.size(), values.size()) << name;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) wrong += golden[i] != values[i];
  EXPECT_EQ(wrong, 0U) << name << ": values that differ, of " << golden.size();
}

/// SplitMix64, as the golden manifest defines the missing expert matrices.
Values expert_matrix(int layer, int matrix, std::size_t count) {
  Values raw;
  raw.reserve(count);
  std::uint64_t state = std::uint64_t(layer) * 256 + std::uint64_t(matrix);
  for (std::size_t i = 0; i < count; ++i) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    raw.push_back(int(z >> 53) - 1024);
  }
  return raw;
}

Values slice(const Values& v, std::size_t first, std::size_t count) {
  return Values(v.begin() + std::ptrdiff_t(first), v.begin() + std::ptrdiff_t(first + count));
}

class PublishedSources : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData)) GTEST_SKIP() << "reference data not found: " << kData;
  }

  Values norm(const std::string& layer, int which, const Values& x) {
    const std::string name = layer + "_norm" + std::to_string(which);
    const auto r = layer_norm<Ints>(8, kTokens, kWidth, x, parameter(name + "_weight", 11),
                                    parameter(name + "_bias", 11));
    expect_golden(name + "_stats", r.statistics);
    expect_golden(name, r.out);
    return r.out;
  }

  Values dense(const Values& x, int ins, int outs, const Values& weight, const Values& bias,
               bool attention, bool gelu) {
    LinearCase c;
    c.tokens = kTokens;
    c.ins = ins;
    c.outs = outs;
    c.attention_bias = attention;
    c.gelu = gelu;
    return linear<Ints>(c, x, weight, bias, Values(std::size_t(kTokens * outs)));
  }

  Values attention_block(const std::string& layer, const Values& x) {
    const Values normal = norm(layer, 1, x);
    const Values weights = parameter(layer + "_qkv_weight", 14),
                 biases = parameter(layer + "_qkv_bias", 9);
    Values qkv[3];
    const char* names[3] = {"_q", "_k", "_v"};
    for (std::size_t m = 0; m < 3; ++m) {
      qkv[m] = dense(normal, kWidth, kWidth, slice(weights, m * kWidth * kWidth, kWidth * kWidth),
                     slice(biases, m * kWidth, kWidth), true, false);
      expect_golden(layer + names[m], qkv[m]);
    }
    AttentionShape shape;
    const auto r = attention<Ints>(shape, kTokens, 1 << 19, qkv[0], qkv[1], qkv[2]);
    check_scores(layer, shape, r);
    expect_golden(layer + "_attn_out", r.out);
    const Values projected =
        dense(r.out, kWidth, kWidth, parameter(layer + "_attn_proj_weight", 14),
              parameter(layer + "_attn_proj_bias", 9), true, false);
    expect_golden(layer + "_proj", projected);
    const Values sum = add<Ints>(AddShape(), x, projected);
    expect_golden(layer + "_resid1", sum);
    return sum;
  }

  void check_scores(const std::string& layer, const AttentionShape& s, const AttentionResult& r) {
    Values logits, probabilities, info;
    for (int h = 0; h < kHeads; ++h)
      for (int q = 0; q < kTokens; ++q)
        for (int k = 0; k < kTokens; ++k) {
          const int o = q % s.rows, block = q / s.rows + (k >= o ? 0 : 1);
          const auto at =
              std::size_t((block * kTokens + k) * s.rows + o) * std::size_t(s.heads_p2()) +
              std::size_t(h);
          logits.push_back(r.scores[at]);
          const auto row = std::size_t(q * s.info_lanes() + 2 * h);
          const std::int32_t e = exponential<Ints>(Ints::sub_wrap(r.scores[at], r.info[row + 1]));
          probabilities.push_back(Ints::mul_floor<22>(e, r.info[row]));
        }
    for (int q = 0; q < kTokens; ++q)
      for (int i = 0; i < 2 * kHeads; ++i)
        info.push_back(r.info[std::size_t(q * s.info_lanes() + i)]);
    expect_golden(layer + "_attn_logits", logits);
    expect_golden(layer + "_attn_prob", probabilities);
    expect_golden(layer + "_softmax_info", info);
  }

  Values mixture(const std::string& layer, const Values& x) {
    GateShape shape;
    const auto g = gate<Ints>(shape, kTokens, x, parameter(layer + "_w_gate_T_task0", 14), {});
    expect_golden(layer + "_gate_logits", g.logits);
    expect_golden(layer + "_gate_softmax", g.softmax);
    expect_golden(layer + "_topk_idx", g.top_experts);
    expect_golden(layer + "_topk_logit", g.top_logits);
    expect_golden(layer + "_topk_score", g.top_scores);
    Values lengths, tokens, scores, hidden_rows;
    for (std::size_t e = 0; e < kExperts; ++e) {
      lengths.push_back(int(g.queue_tokens[e].size()));
      tokens.insert(tokens.end(), g.queue_tokens[e].begin(), g.queue_tokens[e].end());
      scores.insert(scores.end(), g.queue_scores[e].begin(), g.queue_scores[e].end());
    }
    expect_golden(layer + "_queue_len", lengths);
    expect_golden(layer + "_queue_tokens", tokens);
    expect_golden(layer + "_queue_scores", scores);
    expect_golden(layer + "_metaqueue", g.active);

    constexpr std::size_t kMatrix = std::size_t(kWidth) * kExpertHidden;
    const Values first = expert_matrix(1, 0, kExperts * kMatrix),
                 second = expert_matrix(1, 1, kExperts * kMatrix);
    const Values bias1 = parameter(layer + "_htoh4_bias", 11),
                 bias2 = parameter(layer + "_h4toh_bias", 11);
    Values out(std::size_t(kTokens * kWidth)), hidden(std::size_t(kTokens * kExpertHidden));
    for (int active : g.active) {
      const auto e = std::size_t(active);
      LinearCase c;
      c.tokens = kTokens;
      c.indirect = true;
      c.queue_tokens = g.queue_tokens[e];
      c.queue_scores = g.queue_scores[e];
      c.shape.single = true;
      c.ins = kWidth;
      c.outs = kExpertHidden;
      c.gelu = true;
      hidden = linear<Ints>(c, x, slice(first, e * kMatrix, kMatrix),
                            slice(bias1, e * kExpertHidden, kExpertHidden), hidden);
      for (int t : g.queue_tokens[e])
        hidden_rows.insert(hidden_rows.end(), hidden.begin() + t * kExpertHidden,
                           hidden.begin() + (t + 1) * kExpertHidden);
      std::swap(c.ins, c.outs);
      c.gelu = false;
      c.scaled = true;
      out = linear<Ints>(c, hidden, slice(second, e * kMatrix, kMatrix),
                         slice(bias2, e * kWidth, kWidth), out);
    }
    expect_golden(layer + "_expert_hidden", hidden_rows);
    expect_golden(layer + "_moe", out);
    return out;
  }
};

TEST_F(PublishedSources, EveryTensorOfLayers0And1) {
  Values image;
  for (float p : read_file<float>(kData / "weights" / "image.float32.bin"))
    image.push_back(int(std::floor(double(p) * 256.0)));
  Values x = patch_embedding<Ints>(PatchShape(), 128, image, parameter("patch_embed_weight", 16),
                                   parameter("patch_embed_bias", 11), parameter("pos_embed", 22));
  expect_golden("patch_embed", x);

  x = attention_block("l0", x);
  const Values normal = norm("l0", 2, x);
  const Values hidden = dense(normal, kWidth, 768, parameter("l0_fc1_weight", 14),
                              parameter("l0_fc1_bias", 11), false, true);
  expect_golden("l0_fc1_gelu", hidden);
  const Values mlp = dense(hidden, 768, kWidth, parameter("l0_fc2_weight", 14),
                           parameter("l0_fc2_bias", 11), false, false);
  expect_golden("l0_mlp", mlp);
  x = add<Ints>(AddShape(), x, mlp);
  expect_golden("l0_out", x);

  x = attention_block("l1", x);
  x = add<Ints>(AddShape(), x, mixture("l1", norm("l1", 2, x)));
  expect_golden("l1_out", x);
  EXPECT_EQ(compared, 42) << "the golden set has 42 tensors";
}

}  // namespace
}  // namespace m3sim::kernels::test
