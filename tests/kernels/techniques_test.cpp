// Kernels of techniques that the published design does not use: the exact GELU, and softmax in
// passes over stored scores, against double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model/kernels/gelu_exact.hpp"
#include "model/kernels/softmax_passes.hpp"
#include "tests/kernels/reference.hpp"

namespace m3sim::kernels::test {
namespace {

constexpr double kUnit = 4194304.0;  // of Q10.22

TEST(GeluExact, StaysWithinFourUnitsOfItsDefinition) {
  for (std::int64_t x = -(std::int64_t{6} << 22); x <= std::int64_t{6} << 22; x += 1009) {
    const double value = static_cast<double>(x) / kUnit;
    const double exact = 0.5 * value * std::erfc(-value / std::sqrt(2.0));
    const double got = gelu_exact<Ints>(static_cast<std::int32_t>(x)) / kUnit;
    ASSERT_NEAR(got, exact, 4 / kUnit + 1.2e-7) << value;  // ReLU from 5.5 on
  }
}

TEST(GeluExact, FarValuesAreRelu) {
  const std::int32_t lowest = INT32_MIN, highest = INT32_MAX;
  EXPECT_EQ(gelu_exact<Ints>(lowest), 0);
  EXPECT_EQ(gelu_exact<Ints>(highest), highest);
}

struct Rows {
  int tokens, rows, heads, slots;
};

/// Scores of [block][key][slot], and where the score of (query, key) lies.
struct Scores {
  AttentionShape shape;
  int tokens;
  std::vector<std::int32_t> lanes;

  Scores(const Rows& r, reference::Random& random) : tokens(r.tokens) {
    shape.rows = r.rows, shape.heads = r.heads, shape.softmax_slots = r.slots;
    lanes = random.values(static_cast<std::size_t>(items() * shape.score_lanes()), 25);
  }
  int items() const { return shape.scores(tokens); }
  std::int32_t& at(int q, int k, int head) {
    const int slot = q % shape.rows;
    const int block = k >= slot ? q / shape.rows : q / shape.rows + 1;
    return lanes[static_cast<std::size_t>(
        ((block * tokens + k) * shape.rows + slot) * shape.heads_p2() + head)];
  }
};

template <class Pass>
void run(Pass pass, Scores& scores, std::vector<std::int32_t>* out) {
  pass.start(BlockLoop<Ints>::Params::of(scores.tokens, scores.shape.rows));
  std::int32_t item[kMaxScoreLanes];
  for (int i = 0; !pass.done(); ++i, pass.next()) {
    ASSERT_LT(i, scores.items());
    const std::int32_t* in[] = {scores.lanes.data() + i * scores.shape.score_lanes()};
    std::int32_t* to[] = {item};
    pass.fire(in, nullptr, to, nullptr);
    if (out) out->insert(out->end(), item, item + scores.shape.score_lanes());
  }
}

const Rows kShapes[] = {{7, 1, 3, 1}, {7, 3, 2, 1}, {10, 4, 1, 2}, {9, 4, 3, 4}};

/// Probabilities of every row by two or three passes, against the softmax in double precision.
void expect_softmax(bool running) {
  reference::Random random(5);
  for (const Rows& r : kShapes) {
    Scores scores(r, random);
    std::vector<std::int32_t> statistics(static_cast<std::size_t>(2 * r.heads * r.tokens));
    const Ints::Memory rows{statistics.data(), 2 * r.heads};
    if (running) {
      run(SoftmaxRunning<Ints>(scores.shape, rows), scores, nullptr);
    } else {
      run(SoftmaxMaximum<Ints>(scores.shape, rows), scores, nullptr);
      run(SoftmaxSum<Ints>(scores.shape, rows), scores, nullptr);
    }
    Scores probabilities = scores;
    probabilities.lanes.clear();
    run(SoftmaxNormalize<Ints>(scores.shape, rows), scores, &probabilities.lanes);
    for (int q = 0; q < r.tokens; ++q)
      for (int h = 0; h < r.heads; ++h) {
        double sum = 0;
        for (int k = 0; k < r.tokens; ++k) sum += std::exp(scores.at(q, k, h) / kUnit);
        for (int k = 0; k < r.tokens; ++k)
          EXPECT_NEAR(probabilities.at(q, k, h) / kUnit, std::exp(scores.at(q, k, h) / kUnit) / sum,
                      2e-5)
              << "tokens " << r.tokens << " rows " << r.rows << " query " << q << " key " << k;
      }
  }
}

TEST(SoftmaxPasses, ThreePassesGiveTheSoftmaxOfEveryRow) { expect_softmax(false); }
TEST(SoftmaxPasses, TwoPassesGiveTheSoftmaxOfEveryRow) { expect_softmax(true); }

/// The maximum is known before the first exponential, so the order of the keys does not matter.
TEST(SoftmaxPasses, ThreePassesGiveTheSameBitsForAnyRowsInFlight) {
  std::vector<std::vector<std::int32_t>> seen;
  for (int p : {1, 2, 4}) {
    reference::Random random(6);
    const auto wanted = random.values(9 * 9, 25);
    Scores scores({9, p, 1, 1}, random);
    for (int q = 0; q < 9; ++q)
      for (int k = 0; k < 9; ++k) scores.at(q, k, 0) = wanted[static_cast<std::size_t>(9 * q + k)];
    std::vector<std::int32_t> statistics(18);
    const Ints::Memory rows{statistics.data(), 2};
    run(SoftmaxMaximum<Ints>(scores.shape, rows), scores, nullptr);
    run(SoftmaxSum<Ints>(scores.shape, rows), scores, nullptr);
    seen.push_back(statistics);
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
}

/// Sum over keys of floor(P * v), product by product, for every row of every head.
TEST(SoftmaxPasses, ProbabilitiesTimesVAreSummedAsTheyAre) {
  reference::Random random(7);
  for (const Rows& r : kShapes) {
    Scores p(r, random);
    p.shape.softmax_slots = 1;
    p.shape.features = 2, p.shape.head_words = 2;
    const int width = 4 * r.heads;
    const auto v = random.values(static_cast<std::size_t>(r.tokens * width), 24);
    std::vector<std::int32_t> memory(static_cast<std::size_t>(width * r.rows));
    ProbabilityxV<Ints> actor(p.shape, {memory.data(), r.rows * 2});
    actor.start(BlockLoop<Ints>::Params::of(r.tokens, r.rows));
    std::vector<std::int32_t> got;
    const int row_words = p.shape.token_words();
    std::vector<std::int32_t> group(static_cast<std::size_t>(p.shape.packed_lanes()));
    for (int i = 0; !actor.done(); ++i, actor.next()) {
      const int key = i / row_words % r.tokens, item = i / row_words;
      std::copy_n(p.lanes.begin() + item * p.shape.packed_lanes(), group.size(), group.begin());
      const std::int32_t* in[] = {group.data(), nullptr,
                                  v.data() + key * width + i % row_words * 2};
      std::int32_t word[2];
      std::int32_t* out[] = {word};
      ASSERT_FALSE(actor.reads(1));
      const bool gives = actor.writes(0);
      actor.fire(in, nullptr, out, nullptr);
      if (gives) got.insert(got.end(), word, word + 2);
    }
    ASSERT_EQ(got.size(), static_cast<std::size_t>(r.tokens * width));
    for (int q = 0; q < r.tokens; ++q)
      for (int f = 0; f < width; ++f) {
        std::uint32_t sum = 0;
        for (int k = 0; k < r.tokens; ++k) {
          const std::int64_t product =
              std::int64_t{p.at(q, k, f / 4)} * v[static_cast<std::size_t>(k * width + f)];
          sum += static_cast<std::uint32_t>(product >> 22);
        }
        EXPECT_EQ(got[static_cast<std::size_t>(q * width + f)], static_cast<std::int32_t>(sum))
            << "query " << q << " feature " << f;
      }
  }
}

}  // namespace
}  // namespace m3sim::kernels::test
