// GELU by a table of its distance from ReLU (Edge-MoE, section IV-C; src/gelu.cpp).
#pragma once
#include "model/kernels/number.hpp"

namespace m3sim {
namespace kernels {

constexpr int kGeluSteps = 177;

/// floor(0.5 + 2^22 * x * Phi(-x)) at x = i / 32, x = 0 ... 5.5: ReLU(x) - gelu(x) in Q10.22.
template <class Unused = void>
struct GeluTable {
  static constexpr std::int32_t kDelta[kGeluSteps] = {
      0,      63902,  124540, 181923, 236067, 286994, 334732, 379317, 420787, 459189, 494574,
      527000, 556527, 583222, 607157, 628407, 647050, 663170, 676853, 688187, 697265, 704180,
      709027, 711903, 712908, 712140, 709698, 705682, 700191, 693325, 685182, 675858, 665448,
      654048, 641748, 628639, 614807, 600337, 585312, 569811, 553909, 537680, 521192, 504513,
      487705, 470827, 453935, 437081, 420315, 403680, 387220, 370973, 354973, 339252, 323839,
      308759, 294035, 279687, 265730, 252180, 239047, 226341, 214068, 202235, 190842, 179892,
      169382, 159312, 149677, 140472, 131690, 123323, 115365, 107804, 100631, 93836,  87407,
      81332,  75600,  70197,  65113,  60334,  55847,  51640,  47700,  44016,  40574,  37362,
      34370,  31584,  28995,  26590,  24360,  22294,  20383,  18616,  16986,  15482,  14097,
      12823,  11653,  10578,  9593,   8691,   7866,   7112,   6423,   5796,   5225,   4705,
      4232,   3804,   3415,   3063,   2744,   2457,   2197,   1962,   1751,   1561,   1391,
      1237,   1100,   977,    866,    768,    680,    601,    531,    469,    414,    364,
      321,    282,    248,    217,    191,    167,    146,    128,    111,    97,     85,
      74,     64,     56,     48,     42,     36,     31,     27,     23,     20,     17,
      15,     13,     11,     10,     8,      7,      6,      5,      4,      4,      3,
      3,      2,      2,      2,      1,      1,      1,      1,      1,      1,      1,
      0};
};
template <class Unused>
constexpr std::int32_t GeluTable<Unused>::kDelta[kGeluSteps];

/// gelu(x) = ReLU(x) - delta(|x|), linear between the table's steps; ReLU from 5.5 on.
template <class N>
typename N::I32 gelu(typename N::I32 x) {
  using I32 = typename N::I32;
  using Bool = typename N::Bool;
  using Index = typename N::Index;
  const Bool negative = N::less(x, I32(0));
  const I32 relu = N::select(negative, I32(0), x);
  const I32 magnitude = N::select(negative, N::sub_wrap(I32(0), x), x);
  // The magnitude of -512 wraps to -512.
  const Bool beyond =
      N::either(N::less_equal(I32(11 << 21), magnitude), N::less(magnitude, I32(0)));
  const I32 inside = N::select(beyond, I32(0), magnitude);
  const Index step = N::index(N::template shift_right<17>(inside));
  const I32 low = N::rom(GeluTable<>::kDelta, kGeluSteps, step);
  const I32 high = N::rom(GeluTable<>::kDelta, kGeluSteps, step + Index(1));
  const I32 between = N::template shift_left<5>(N::template bits<0, 17>(inside));
  const I32 delta = N::add_wrap(low, N::template mul_floor<22>(between, N::sub_wrap(high, low)));
  return N::select(beyond, relu, N::sub_wrap(relu, delta));
}

}  // namespace kernels
}  // namespace m3sim
