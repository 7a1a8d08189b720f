// Every kernel in the dialect that simulation, HLS tools and the RTL tracer accept: it compiles
// with a family that allows nothing else, and computes the same with it.
#include <gtest/gtest.h>

#include <type_traits>

#include "tests/kernels/checked.hpp"
#include "tests/kernels/engines.hpp"
#include "tests/kernels/reference.hpp"

namespace m3sim::kernels::test {
namespace {

using reference::Random;

static_assert(!std::is_convertible<Checked::Bool, bool>::value, "no branch on a truth value");
static_assert(!std::is_constructible<bool, Checked::Bool>::value, "no branch on a truth value");
static_assert(!std::is_convertible<int, Checked::I32>::value, "literals are typed");
static_assert(!std::is_convertible<Checked::Index, Checked::I32>::value, "indexes are not values");

TEST(Dialect, Linear) {
  Random random(1);
  for (int in_tile : {4, 16, 32})
    for (int out_tile : {4, 16, 32})
      for (bool single : {false, true})
        for (int mode = 0; mode < 3; ++mode) {
          LinearCase c;
          c.shape = {4, in_tile, out_tile, single};
          c.tokens = 3, c.ins = 40, c.outs = 48, c.slice_rows = 32;
          c.gelu = mode == 0, c.attention_bias = mode == 1, c.indirect = mode > 0,
          c.scaled = mode == 2;
          if (c.indirect) c.queue_tokens = {0, 2}, c.queue_scores = random.values(2, 22);
          if (c.ins % in_tile != 0 && in_tile < 8) continue;
          const Values x = random.values(3 * 40, 26), w = random.values(40 * 48, 16),
                       b = random.values(48, 16), out = random.values(3 * 48, 24);
          EXPECT_EQ(linear<Checked>(c, x, w, b, out), linear<Ints>(c, x, w, b, out));
        }
}

TEST(Dialect, Attention) {
  Random random(2);
  for (int tokens : {5, 7, 10})
    for (int rows : {1, 3, 4})
      for (int slots : {1, 2}) {
        if (rows % slots != 0) continue;
        AttentionShape s;
        s.features = 4, s.rows = rows, s.heads = 3, s.head_words = 2, s.softmax_slots = slots;
        s.single = tokens == 7;
        const auto count = std::size_t(tokens * 24);
        const Values q = random.values(count, 25), k = random.values(count, 25),
                     v = random.values(count, 25);
        const auto checked = attention<Checked>(s, tokens, 1 << 20, q, k, v);
        const auto plain = attention<Ints>(s, tokens, 1 << 20, q, k, v);
        EXPECT_EQ(checked.out, plain.out);
        EXPECT_EQ(checked.info, plain.info);
        EXPECT_EQ(checked.scores, plain.scores);
      }
}

TEST(Dialect, Gate) {
  Random random(3);
  for (int experts : {1, 3, 8})
    for (int task_words : {0, 2}) {
      GateShape s;
      s.features = 4, s.words = 4, s.task_words = task_words, s.experts = experts,
      s.top_k = std::min(2, experts);
      const Values x = random.values(6 * 16, 24),
                   w = random.values(std::size_t(experts * 4 * (4 + task_words)), 15),
                   task = random.values(std::size_t(4 * task_words), 24);
      const auto checked = gate<Checked>(s, 6, x, w, task);
      const auto plain = gate<Ints>(s, 6, x, w, task);
      EXPECT_EQ(checked.logits, plain.logits);
      EXPECT_EQ(checked.softmax, plain.softmax);
      EXPECT_EQ(checked.top_experts, plain.top_experts);
      EXPECT_EQ(checked.top_scores, plain.top_scores);
      EXPECT_EQ(checked.queue_tokens, plain.queue_tokens);
      EXPECT_EQ(checked.queue_scores, plain.queue_scores);
      EXPECT_EQ(checked.active, plain.active);
    }
}

TEST(Dialect, LayerNormResidualAndPatchEmbedding) {
  Random random(4);
  const Values x = random.values(3 * 16, 24), scale = random.values(16, 14),
               shift = random.values(16, 14);
  EXPECT_EQ(layer_norm<Checked>(4, 3, 16, x, scale, shift).out,
            layer_norm<Ints>(4, 3, 16, x, scale, shift).out);
  for (bool single : {false, true}) {
    const AddShape s{4, single, !single, single};
    EXPECT_EQ(add<Checked>(s, x, x), add<Ints>(s, x, x));
  }
  for (int features : {1, 2, 4}) {
    PatchShape s;
    s.features = features, s.words = 8 / features, s.patch = 8, s.channels = 2, s.width = 32;
    const Values image = random.pixels(2 * 16 * 32), w = random.values(8 * 2 * 64, 16),
                 b = random.values(8, 16), position = random.values(9 * 8, 24);
    EXPECT_EQ(patch_embedding<Checked>(s, 16, image, w, b, position),
              patch_embedding<Ints>(s, 16, image, w, b, position));
  }
}

TEST(Dialect, TaskEmbedding) {
  Random random(5);
  const Values b1 = random.values(16, 13), columns = random.values(32, 16),
               b2 = random.values(8, 13), w2 = random.values(16 * 8, 15);
  for (int task : {0, 1})
    EXPECT_EQ(task_embedding<Checked>({4, 16, 8}, task, b1, columns, b2, w2),
              task_embedding<Ints>({4, 16, 8}, task, b1, columns, b2, w2));
}

// state() visits every register: restoring what it has seen restores the actor.
TEST(Dialect, StateHoldsAllRegisters) {
  Random random(6);
  const AttentionShape s;
  auto params = BlockLoop<Ints>::Params::of(9, s.rows);
  Finalize<Ints> actor(s), other(s);
  actor.start(params);
  std::vector<std::int32_t> info(8), score(4), info2(8), score2(4);
  auto fire = [](Finalize<Ints>& a, const Values& item, Values& scores, Values& row) {
    const std::int32_t* in[] = {item.data()};
    std::int32_t* out[] = {scores.data(), row.data()};
    a.fire(in, nullptr, out, nullptr);
    a.next();
  };
  for (int i = 0; i < 29; ++i) fire(actor, random.values(16, 24), score, info);
  Values registers;
  actor.state([&](const char*, auto& r) { registers.push_back(int(r)); });
  std::size_t next = 0;
  other.state([&](const char*, auto& r) { r = registers[next++]; });
  for (; !actor.done();) {
    const Values item = random.values(16, 24);
    fire(actor, item, score, info);
    fire(other, item, score2, info2);
    ASSERT_EQ(score, score2);
    ASSERT_EQ(info, info2);
  }
  EXPECT_TRUE(other.done());
}

}  // namespace
}  // namespace m3sim::kernels::test
