// The arithmetic units against exact definitions.
#include "model/kernels/arithmetic.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "model/kernels/gelu.hpp"
#include "tests/kernels/reference.hpp"

namespace m3sim::kernels {
namespace {

constexpr std::int32_t kVanishes =
    -64'000'000;  // exp * 2^22 is 0.9902... here: below it the result is 0

__extension__ typedef unsigned __int128 Wide;

// exp(x / 2^22) * 2^22 for x = 0, +-1, +-2, ... as a fixed-point number with 96 fraction bits, each
// from the one before by a factor of exp(+-2^-22). The factor's distance from 1 is known to 2^-86,
// so after 2^26 steps the relative error is below 2^-60, and the error of the value below 2^-29
// upwards (less than 2^31) and 2^-38 downwards (less than 2^22): `decided` says that no integer is
// that close.
class ExpChain {
 public:
  explicit ExpChain(bool up) : up_(up) {}
  void step() {
    const std::uint64_t distance =
        up_ ? 9223373136366490965ULL : 9223370937343235413ULL;  // |exp(+-2^-22) - 1| * 2^85
    const Wide high = static_cast<std::uint64_t>(value_ >> 64),
               low = static_cast<std::uint64_t>(value_);
    const Wide change = ((high * distance) + ((low * distance) >> 64)) >> 21;
    value_ = up_ ? value_ + change : value_ - change;
  }
  std::int32_t floor() const { return static_cast<std::int32_t>(value_ >> 96); }
  bool decided() const {
    const Wide fraction = value_ & ((Wide(1) << 96) - 1), close = Wide(1) << (96 - (up_ ? 29 : 38));
    return fraction > close && fraction < (Wide(1) << 96) - close;
  }

 private:
  bool up_;
  Wide value_ = Wide(1) << (22 + 96);
};

TEST(Exponential, IsExactForEveryArgumentThatDoesNotUnderflowOrSaturate) {
  std::int64_t wrong = 0, undecided = 0;
  std::uint64_t hash[2] = {14695981039346656037ULL,
                           14695981039346656037ULL};  // FNV-1a over 32-bit results
  for (bool up : {false, true}) {
    ExpChain chain(up);
    const std::int32_t end = up ? kExpSaturates : kVanishes - 1;
    for (std::int32_t x = up ? 1 : -1; x != end; x += up ? 1 : -1) {
      chain.step();
      const std::int32_t e = exponential<Ints>(x);
      wrong += e != chain.floor();
      undecided += !chain.decided();
      hash[up] = (hash[up] ^ static_cast<std::uint32_t>(e)) * 1099511628211ULL;
    }
  }
  EXPECT_EQ(exponential<Ints>(0), kOne);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(undecided, 0);
  EXPECT_EQ(hash[0], 8704042774145641187ULL) << "results for -1 ... " << kVanishes;
  EXPECT_EQ(hash[1], 9311480598439758533ULL) << "results for 1 ... " << kExpSaturates - 1;
}

TEST(Exponential, VanishesBelowAndSaturatesAbove) {
  EXPECT_LT(std::exp(kVanishes / 4194304.0L) * 4194304.0L, 1.0L);
  EXPECT_GE(std::exp(kExpSaturates / 4194304.0L), 512.0L);
  EXPECT_LT(std::exp((kExpSaturates - 1) / 4194304.0L), 512.0L);
  reference::Random random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::int32_t x = random.values(1, 32)[0];
    if (x < kVanishes) {
      EXPECT_EQ(exponential<Ints>(x), 0) << x;
    }
    if (x >= kExpSaturates) {
      EXPECT_EQ(exponential<Ints>(x), kHighest) << x;
    }
  }
  EXPECT_EQ(exponential<Ints>(kLowest), 0);
  EXPECT_EQ(exponential<Ints>(kHighest), kHighest);
  EXPECT_EQ(exponential<Ints>(kVanishes - 1), 0);
  EXPECT_EQ(exponential<Ints>(kExpSaturates), kHighest);
}

TEST(RunningSoftmax, FirstStepKeepsTheScoreWhateverTheWrappedExponentialIs) {
  reference::Random random(2);
  Ints::I32 edges[] = {kLowest, kLowest + 1, -1, 0, 1, kExpSaturates, kHighest - 1, kHighest};
  auto check = [](std::int32_t score) {
    const auto s = softmax_step<Ints>(softmax_start<Ints>(), score);
    EXPECT_EQ(s.sum, kOne) << score;
    EXPECT_EQ(s.max, score);
  };
  for (std::int32_t score : edges) check(score);
  for (std::int32_t score : random.values(1'000'000, 32)) check(score);
}

TEST(RunningSoftmax, FollowsTheRule) {
  reference::Random random(3);
  for (int bits : {23, 26, 30, 32}) {
    reference::Softmax expected;
    auto s = softmax_start<Ints>();
    for (std::int32_t score : random.values(5000, bits)) {
      expected.add(score);
      s = softmax_step<Ints>(s, score);
      ASSERT_EQ(s.sum, expected.sum) << bits;
      ASSERT_EQ(s.max, expected.max) << bits;
    }
  }
}

TEST(SquareRoot, RoundsToNearest) {
  auto check = [](std::int32_t x) {
    const std::int64_t s = square_root<Ints>(x);
    if (x <= 0) {
      EXPECT_EQ(s, 0) << x;
      return;
    }
    const std::int64_t four_x = static_cast<std::int64_t>(x) << 24;  // (2 s)^2 at the exact root
    EXPECT_LE((2 * s - 1) * (2 * s - 1), four_x) << x;
    EXPECT_GT((2 * s + 1) * (2 * s + 1), four_x) << x;
  };
  for (std::int32_t x : {kLowest, -1, 0, 1, 2, 3, 4, 1 << 22, kHighest - 1, kHighest}) check(x);
  reference::Random random(4);
  for (int bits : {8, 16, 24, 32})
    for (std::int32_t x : random.values(50'000, bits)) check(x);
}

TEST(Divide, TruncatesTowardsZeroAndWraps) {
  reference::Random random(5);
  for (int bits : {2, 8, 16, 24, 32}) {
    const auto a = random.values(20'000, 32), b = random.values(20'000, bits);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::int64_t numerator = static_cast<std::int64_t>(a[i]) * kOne;
      EXPECT_EQ(divide<Ints>(a[i], b[i]), reference::quotient(numerator, b[i]))
          << a[i] << " / " << b[i];
      EXPECT_EQ(reciprocal<Ints>(b[i]), reference::quotient(std::int64_t(1) << 44, b[i])) << b[i];
    }
  }
  EXPECT_EQ(divide<Ints>(kLowest, -1), reference::wrap(std::int64_t(1) << 53));
  EXPECT_EQ(divide<Ints>(kLowest, kLowest), kOne);
}

TEST(Gelu, TableHoldsTheDistanceFromRelu) {
  for (int i = 0; i < kGeluSteps; ++i) {
    const long double x = i / 32.0L;
    const long double tail = 0.5L * std::erfc(x / std::sqrt(2.0L));
    EXPECT_EQ(GeluTable<>::kDelta[i],
              static_cast<std::int32_t>(std::floor(0.5L + 4194304.0L * x * tail)))
        << i;
  }
}

TEST(Gelu, InterpolatesAndIsReluBeyondTheTable) {
  reference::Random random(6);
  for (int bits : {16, 24, 26, 28, 32})
    for (std::int32_t x : random.values(100'000, bits))
      if (x != kLowest) {
        ASSERT_EQ(gelu<Ints>(x), reference::gelu(x)) << x;
      }
  EXPECT_EQ(gelu<Ints>(kLowest), 0);
  EXPECT_EQ(gelu<Ints>(kHighest), kHighest);
  for (std::int32_t x = -(11 << 21) - 5; x <= (11 << 21) + 5; x += 4001) {
    const long double v = x / 4194304.0L;
    const long double exact = 0.5L * v * std::erfc(-v / std::sqrt(2.0L));
    EXPECT_NEAR(double(gelu<Ints>(x) / 4194304.0L), double(exact), 1.1e-4) << x;
  }
}

}  // namespace
}  // namespace m3sim::kernels
