// The arithmetic units: exponential, square root, reciprocal and division, all in integers (no libm
// decides a bit).
#pragma once
#include "model/kernels/exp_table.hpp"
#include "model/kernels/number.hpp"

namespace m3sim {
namespace kernels {

constexpr std::int32_t kOne = 1 << 22;             // 1.0 in Q10.22
constexpr std::int32_t kLowest = -2147483647 - 1;  // -512.0
constexpr std::int32_t kHighest = 2147483647;      // 512 - 2^-22
constexpr std::int32_t kExpSaturates = 26165430;   // ceil(ln(512) * 2^22)

/// min(floor(exp(x / 2^22) * 2^22), 2^31 - 1): the exponential of Q10.22, exact for every argument.
/// x is split into quarters, 2^-9, 2^-16 and 2^-22; four table look-ups and three products with 33
/// guard bits.
template <class N>
typename N::I32 exponential(typename N::I32 x) {
  using I32 = typename N::I32;
  using I64 = typename N::I64;
  using Bool = typename N::Bool;
  using Index = typename N::Index;
  using Table = ExpTable<>;
  // exp(-15.25) * 2^22 < 1; in between every quarter is in the table.
  const Bool vanishes = N::less(x, I32(Table::kFirstQuarter * (1 << 20)));
  const Bool saturates = N::less_equal(I32(kExpSaturates), x);
  const I32 inside = N::select(N::either(vanishes, saturates), I32(0), x);
  const Index quarter =
      N::index(N::sub_wrap(N::template shift_right<20>(inside), I32(Table::kFirstQuarter)));
  const Index fine = N::index(N::template bits<13, 7>(inside));
  const Index finer = N::index(N::template bits<6, 7>(inside));
  const Index finest = N::index(N::template bits<0, 6>(inside));
  I64 y = N::wide_rom(Table::kCoarse, Table::kQuarters, quarter);
  y = N::wide_add(y, N::wide_mul_high(y, N::wide_rom(Table::kFine, Table::kFineSteps, fine)));
  y = N::wide_add(y, N::wide_mul_high(y, N::wide_rom(Table::kFiner, Table::kFineSteps, finer)));
  y = N::wide_add(y, N::wide_mul_high(y, N::wide_rom(Table::kFinest, Table::kFinestSteps, finest)));
  const I32 result = N::low_word(N::template wide_shift_right<33>(y));
  return N::select(vanishes, I32(0), N::select(saturates, I32(kHighest), result));
}

/// floor(numerator / denominator) of unsigned numbers, denominator < 2^63, bit by bit.
template <class N, int Bits>
typename N::I64 divide_unsigned(typename N::I64 numerator, typename N::I64 denominator) {
  using I64 = typename N::I64;
  I64 rest = N::wide_constant(0);
  I64 quotient = N::wide_constant(0);
  I64 digits = N::template wide_shift_left<64 - Bits>(numerator);
  for (int i = 0; i < Bits; ++i) {
    rest =
        N::wide_add(N::template wide_shift_left<1>(rest), N::template wide_shift_right<63>(digits));
    digits = N::template wide_shift_left<1>(digits);
    const typename N::Bool fits = N::negate(N::wide_less(rest, denominator));
    rest = N::select(fits, N::wide_sub(rest, denominator), rest);
    quotient = N::wide_add(N::template wide_shift_left<1>(quotient),
                           N::select(fits, N::wide_constant(1), N::wide_constant(0)));
  }
  return quotient;
}

/// trunc(numerator * 2^22 / denominator), wrapped to 32 bits; 0 where the denominator is 0.
template <class N>
typename N::I32 divide(typename N::I32 numerator, typename N::I32 denominator) {
  using I32 = typename N::I32;
  using I64 = typename N::I64;
  using Bool = typename N::Bool;
  const I64 zero = N::wide_constant(0);
  const Bool top_negative = N::less(numerator, I32(0));
  const Bool bottom_negative = N::less(denominator, I32(0));
  const I64 top = N::wide(numerator);
  const I64 bottom = N::wide(denominator);
  const I64 magnitude = divide_unsigned<N, 54>(
      N::template wide_shift_left<22>(N::select(top_negative, N::wide_sub(zero, top), top)),
      N::select(bottom_negative, N::wide_sub(zero, bottom), bottom));
  const Bool same = N::either(N::both(top_negative, bottom_negative),
                              N::negate(N::either(top_negative, bottom_negative)));
  const I32 quotient = N::low_word(N::select(same, magnitude, N::wide_sub(zero, magnitude)));
  return N::select(N::equal(denominator, I32(0)), I32(0), quotient);
}

/// trunc(2^44 / x), wrapped to 32 bits; 0 for 0.
template <class N>
typename N::I32 reciprocal(typename N::I32 x) {
  return divide<N>(typename N::I32(kOne), x);
}

/// floor(sqrt(x * 2^22) + 0.5), 0 for negative x: half of (isqrt(x * 2^24) + 1).
template <class N>
typename N::I32 square_root(typename N::I32 x) {
  using I32 = typename N::I32;
  using I64 = typename N::I64;
  const typename N::Bool negative = N::less(x, I32(0));
  I64 digits = N::template wide_shift_left<24 + 8>(N::wide(N::select(negative, I32(0), x)));
  I64 rest = N::wide_constant(0);
  I64 root = N::wide_constant(0);
  for (int i = 0; i < 28; ++i) {  // two digits of the 56 a step
    rest =
        N::wide_add(N::template wide_shift_left<2>(rest), N::template wide_shift_right<62>(digits));
    digits = N::template wide_shift_left<2>(digits);
    const I64 trial = N::wide_add(N::template wide_shift_left<2>(root), N::wide_constant(1));
    const typename N::Bool fits = N::negate(N::wide_less(rest, trial));
    rest = N::select(fits, N::wide_sub(rest, trial), rest);
    root = N::wide_add(N::template wide_shift_left<1>(root),
                       N::select(fits, N::wide_constant(1), N::wide_constant(0)));
  }
  return N::low_word(N::template wide_shift_right<1>(N::wide_add(root, N::wide_constant(1))));
}

/// A running softmax: sum of exp(s - max) over the scores seen, and their maximum (Edge-MoE,
/// section IV-B).
template <class N>
struct RunningSoftmax {
  typename N::I32 sum;
  typename N::I32 max;
};

/// Before the first score. The first step wraps on purpose: exp(max - s) may be anything, the sum
/// is 0.
template <class N>
RunningSoftmax<N> softmax_start() {
  return {typename N::I32(0), typename N::I32(kLowest)};
}

template <class N>
RunningSoftmax<N> softmax_step(const RunningSoftmax<N>& before, typename N::I32 score) {
  using I32 = typename N::I32;
  const typename N::Bool rises = N::less(before.max, score);
  const I32 argument =
      N::select(rises, N::sub_wrap(before.max, score), N::sub_wrap(score, before.max));
  const I32 e = exponential<N>(argument);
  const I32 rescaled = N::add_wrap(N::template mul_floor<22>(before.sum, e), I32(kOne));
  return {N::select(rises, rescaled, N::add_wrap(before.sum, e)),
          N::select(rises, score, before.max)};
}

}  // namespace kernels
}  // namespace m3sim
