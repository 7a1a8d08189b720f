// Engines built from the kernels against straightforward loops, over shapes: bits do not depend on
// tiles, words, slices or softmax slots; they do depend on the rows in flight.
#include <gtest/gtest.h>

#include "tests/kernels/engines.hpp"
#include "tests/kernels/reference.hpp"

namespace m3sim::kernels::test {
namespace {

using reference::Random;

TEST(Linear, DirectForAllTilesAndWords) {
  Random random(1);
  const int ins = 128, outs = 128, tokens = 5;
  const Values x = random.values(tokens * ins, 28), w = random.values(ins * outs, 16),
               b = random.values(outs, 16);
  for (bool attention : {false, true})
    for (bool use_gelu : {false, true}) {
      const Values expected = reference::linear(x, w, b, attention ? 13 : 11, ins, outs, use_gelu);
      for (int features : {2, 4, 8, 16})
        for (int in_tile : {4, 8, 16, 32, 64})
          for (int out_tile : {4, 8, 16, 32, 64}) {
            LinearCase c;
            c.shape = {features, in_tile, out_tile, (in_tile & 8) != 0};
            c.tokens = tokens;
            c.ins = ins;
            c.outs = outs;
            c.gelu = use_gelu;
            c.attention_bias = attention;
            EXPECT_EQ(linear<Ints>(c, x, w, b, Values(tokens * outs)), expected)
                << features << " " << in_tile << " x " << out_tile;
          }
    }
}

TEST(Linear, ValuesThatWrap) {
  Random random(2);
  LinearCase c;
  c.tokens = 3, c.ins = 192, c.outs = 64;
  const Values x = random.values(3 * 192, 32), w = random.values(192 * 64, 16),
               b = random.values(64, 16);
  EXPECT_EQ(linear<Ints>(c, x, w, b, Values(3 * 64)),
            reference::linear(x, w, b, 11, 192, 64, false));
}

TEST(Linear, DimensionsThatTheTileDoesNotDivide) {
  Random random(3);
  for (int ins : {48, 80, 208})
    for (int outs : {48, 112}) {
      const Values x = random.values(std::size_t(4 * ins), 26),
                   w = random.values(std::size_t(ins * outs), 16),
                   b = random.values(std::size_t(outs), 16);
      for (int tile : {16, 32, 64}) {
        LinearCase c;
        c.shape.in_tile = c.shape.out_tile = tile;
        c.tokens = 4, c.ins = ins, c.outs = outs;
        EXPECT_EQ(linear<Ints>(c, x, w, b, Values(std::size_t(4 * outs))),
                  reference::linear(x, w, b, 11, ins, outs, false))
            << outs << " x " << ins << ", tile " << tile;
      }
    }
}

TEST(Linear, SlicesOfAMatrixLargerThanTheBuffer) {
  Random random(4);
  const Values x = random.values(6 * 64, 26), w = random.values(64 * 96, 16),
               b = random.values(96, 16);
  const Values expected = reference::linear(x, w, b, 11, 64, 96, true);
  for (int rows : {16, 32, 64, 96})
    for (bool single : {false, true}) {
      LinearCase c;
      c.shape.single = single;
      c.tokens = 6, c.ins = 64, c.outs = 96, c.gelu = true, c.slice_rows = rows;
      EXPECT_EQ(linear<Ints>(c, x, w, b, Values(6 * 96)), expected) << rows;
    }
}

TEST(Linear, ExpertQueuesOfAnyLength) {
  Random random(5);
  const int tokens = 7, ins = 32, outs = 48;
  const Values x = random.values(tokens * ins, 26), w = random.values(ins * outs, 16),
               b = random.values(outs, 16);
  const Values y = reference::linear(x, w, b, 11, ins, outs, false);
  const Values before = random.values(tokens * outs, 24);
  for (int length = 0; length <= tokens; ++length)  // none to all tokens
    for (bool scaled : {false, true})
      for (bool single : {false, true})
        for (int slice : {0, 16}) {
          LinearCase c;
          c.shape.single = single;
          c.tokens = tokens, c.ins = ins, c.outs = outs, c.indirect = true, c.scaled = scaled;
          c.slice_rows = slice;
          Values expected = before;
          for (int i = 0; i < length; ++i) {
            const int token = tokens - length + i;
            const std::int32_t score = random.values(1, 22)[0];
            c.queue_tokens.push_back(token);
            c.queue_scores.push_back(score);
            for (int o = 0; o < outs; ++o) {
              const auto at = std::size_t(token * outs + o);
              expected[at] =
                  scaled ? Ints::add_wrap(before[at], Ints::mul_floor<22>(y[at], score)) : y[at];
            }
          }
          EXPECT_EQ(linear<Ints>(c, x, w, b, before), expected)
              << length << (scaled ? " scaled" : "");
        }
}

struct AttentionCase {
  int tokens, rows, heads, head_width, features, slots;
  bool single;
  int bits;
};

class AttentionShapes : public testing::TestWithParam<AttentionCase> {};

TEST_P(AttentionShapes, EqualTheRule) {
  const AttentionCase c = GetParam();
  Random random(std::uint64_t(c.tokens * 100 + c.rows));
  const auto count = std::size_t(c.tokens * c.heads * c.head_width);
  const Values q = random.values(count, c.bits), k = random.values(count, c.bits),
               v = random.values(count, c.bits);
  const std::int32_t scale = int(4194304 / std::sqrt(double(c.head_width)));
  AttentionShape s;
  s.features = c.features, s.rows = c.rows, s.heads = c.heads,
  s.head_words = c.head_width / c.features;
  s.softmax_slots = c.slots, s.single = c.single;
  const auto r = attention<Ints>(s, c.tokens, scale, q, k, v);
  const auto expected =
      reference::attention(q, k, v, c.tokens, c.heads, c.head_width, c.features, c.rows, scale);
  EXPECT_EQ(r.out, expected.out);
  for (int t = 0; t < c.tokens; ++t)
    for (int i = 0; i < 2 * c.heads; ++i)
      EXPECT_EQ(r.info[std::size_t(t * s.info_lanes() + i)],
                expected.info[std::size_t(t * 2 * c.heads + i)])
          << t;
  for (int h = 0; h < c.heads; ++h)
    for (int row = 0; row < c.tokens; ++row)
      for (int key = 0; key < c.tokens; ++key) {
        const int o = row % c.rows, block = row / c.rows + (key >= o ? 0 : 1);
        const int item = (block * c.tokens + key) * c.rows + o;
        ASSERT_EQ(r.scores[std::size_t(item * s.heads_p2() + h)],
                  expected.logits[std::size_t((h * c.tokens + row) * c.tokens + key)])
            << "head " << h << ", row " << row << ", key " << key;
      }
}

INSTANTIATE_TEST_SUITE_P(Attention, AttentionShapes,
                         testing::Values(AttentionCase{130, 4, 3, 16, 8, 1, false, 24},
                                         AttentionCase{131, 4, 3, 16, 8, 4, true, 24},
                                         AttentionCase{7, 3, 2, 16, 8, 1, false, 25},
                                         AttentionCase{7, 3, 5, 8, 8, 3, false, 25},
                                         AttentionCase{2, 1, 1, 8, 8, 1, false, 25},
                                         AttentionCase{9, 8, 12, 32, 8, 2, false, 25},
                                         AttentionCase{33, 32, 6, 16, 4, 8, true, 25},
                                         AttentionCase{40, 16, 3, 16, 16, 2, false, 25},
                                         AttentionCase{21, 5, 3, 16, 2, 5, false, 26},
                                         AttentionCase{17, 4, 3, 16, 8, 2, false, 32}));  // wraps

TEST(Gate, AnyNumberOfExpertsAndOfChosenOnes) {
  Random random(7);
  const int tokens = 9, width = 32;
  for (int experts : {1, 2, 5, 16, 64})
    for (int top_k : {1, 2, 4, 5, 64}) {
      if (top_k > experts) continue;
      for (int task_width : {0, 16, 64})
        for (int features : {4, 8}) {
          GateShape s;
          s.features = features, s.words = width / features, s.task_words = task_width / features;
          s.experts = experts, s.top_k = top_k;
          Values x = random.values(tokens * width, 24);
          const Values w = random.values(std::size_t(experts * (width + task_width)), 15);
          const Values task = random.values(std::size_t(task_width), 24);
          const auto r = gate<Ints>(s, tokens, x, w, task);
          const auto expected = reference::gate(x, task, w, width, experts, top_k);
          ASSERT_EQ(r.top_experts, expected.experts) << experts << " choose " << top_k;
          ASSERT_EQ(r.top_scores, expected.scores) << experts << " choose " << top_k;
          Values active;
          for (int e = 0; e < experts; ++e) {
            Values queue, scores;
            for (std::size_t i = 0; i < expected.experts.size(); ++i)
              if (expected.experts[i] == e) {
                queue.push_back(int(i) / top_k);
                scores.push_back(expected.scores[i]);
              }
            EXPECT_EQ(r.queue_tokens[std::size_t(e)], queue);
            EXPECT_EQ(r.queue_scores[std::size_t(e)], scores);
            if (!queue.empty()) active.push_back(e);
          }
          EXPECT_EQ(r.active, active);
        }
    }
}

TEST(Gate, EqualAndLowestLogitsGoToTheLowerExpertFirst) {
  GateShape s;
  s.words = 2, s.experts = 8, s.top_k = 8;
  const auto r = gate<Ints>(s, 1, Values(16, 0), Values(16 * 8, 0), {});
  EXPECT_EQ(r.top_experts, (Values{0, 1, 2, 3, 4, 5, 6, 7}));
  Values x(16, 0), w(16 * 8, 0);
  x[0] = kLowest;
  for (std::size_t e = 0; e < 8; ++e) w[e * 16] = 1 << 14;  // every logit is -512
  EXPECT_EQ(gate<Ints>(s, 1, x, w, {}).top_experts, (Values{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(LayerNorm, AnyWidth) {
  Random random(8);
  for (int features : {2, 4, 8, 16})
    for (int width : {32, 64, 192, 384})
      for (int bits : {20, 24, 32}) {
        const Values x = random.values(std::size_t(3 * width), bits),
                     scale = random.values(std::size_t(width), 14),
                     shift = random.values(std::size_t(width), 14);
        EXPECT_EQ(layer_norm<Ints>(features, 3, width, x, scale, shift).out,
                  reference::layer_norm(x, scale, shift, width))
            << width << " in words of " << features;
      }
}

TEST(PatchEmbedding, AnyWord) {
  Random random(9);
  const int height = 32, width = 256, features = 64;
  for (int patch : {8, 16, 32}) {
    const auto patches = std::size_t(height / patch * (width / patch));
    const Values image = random.pixels(3 * height * width);
    const Values w = random.values(std::size_t(features * 3 * patch * patch), 16),
                 b = random.values(features, 16);
    const Values position = random.values((1 + patches) * features, 24);
    const Values expected =
        reference::patch_embedding(image, w, b, position, 3, height, width, patch, features);
    for (int f : {2, 4, 8, 16}) {
      PatchShape s;
      s.features = f, s.words = features / f, s.patch = patch, s.width = width;
      EXPECT_EQ(patch_embedding<Ints>(s, height, image, w, b, position), expected)
          << patch << " " << f;
    }
  }
}

TEST(Residual, AddsAndWraps) {
  Random random(10);
  const Values x = random.values(96, 32), y = random.values(96, 32);
  Values expected;
  for (std::size_t i = 0; i < x.size(); ++i)
    expected.push_back(reference::wrap(std::int64_t(x[i]) + y[i]));
  for (bool single : {false, true})
    EXPECT_EQ(add<Ints>({8, single, !single, single}, x, y), expected);
}

TEST(WriteZeros, ClearsTheTensorAlone) {
  Random random(12);
  for (bool single : {false, true}) {
    const TransferShape t{8, 8, single};
    const Values before = random.values(10 * 8, 32);
    Dram<Ints> dram(8, before);
    WriteZeros<Ints> actor(t);
    actor.start(t.tokens<Ints>(2, 3, 2, 2));
    Network<Ints> net;
    EXPECT_EQ(net.add(actor, {}, {}, {}, {&dram}).firings, 0);
    net.run();
    Values expected = before;
    std::fill(expected.begin() + 2 * 8, expected.begin() + 8 * 8, 0);
    EXPECT_EQ(dram.values(), expected);
  }
}

TEST(TaskEmbedding, IsATwoLayerNetworkOfAOneHotTask) {
  Random random(11);
  const int tasks = 3;
  for (int hidden : {16, 64, 96})
    for (int outputs : {32, 64}) {
      const Values b1 = random.values(std::size_t(hidden), 13),
                   w1 = random.values(std::size_t(hidden * tasks), 16),
                   b2 = random.values(std::size_t(outputs), 13),
                   w2 = random.values(std::size_t(outputs * hidden), 15);
      Values columns;
      for (int t = 0; t < tasks; ++t)
        for (int h = 0; h < hidden; ++h) columns.push_back(w1[std::size_t(h * tasks + t)]);
      for (int task = 0; task < tasks; ++task) {
        Values one_hot(tasks, 0);
        one_hot[std::size_t(task)] = 1 << 22;
        const Values middle = reference::linear(one_hot, w1, b1, 11, tasks, hidden, true);
        EXPECT_EQ(task_embedding<Ints>({8, hidden, outputs}, task, b1, columns, b2, w2),
                  reference::linear(middle, w2, b2, 11, hidden, outputs, false));
      }
    }
}

}  // namespace
}  // namespace m3sim::kernels::test
