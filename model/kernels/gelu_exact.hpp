// GELU by its definition, x * Phi(x), as designs without the table compute it: a unit behind the
// linear unit's MAC tile.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/arithmetic.hpp"
#include "model/kernels/counter.hpp"
#include "model/kernels/repack.hpp"

namespace m3sim {
namespace kernels {

/// ReLU(x) - |x| * Phi(-|x|), with Phi(-a) = erfc(a / sqrt(2)) / 2 and erfc by the rational
/// approximation 7.1.26 of Abramowitz and Stegun (error below 1.5e-7, less than a unit of Q10.22):
/// erfc(z) = t * (a1 + t * (a2 + ... )) * exp(-z^2), t = 1 / (1 + p * z). From 5.5 on ReLU.
template <class N>
typename N::I32 gelu_exact(typename N::I32 x) {
  using I32 = typename N::I32;
  using Bool = typename N::Bool;
  constexpr std::int32_t kPOverRoot2 = 971576;  // floor(0.3275911 / sqrt(2) * 2^22 + 0.5)
  constexpr std::int32_t kCoefficients[5] = {4451857, -6094961, 5961841, -1193266, 1068833};
  const Bool negative = N::less(x, I32(0));
  const I32 relu = N::select(negative, I32(0), x);
  const I32 magnitude = N::select(negative, N::sub_wrap(I32(0), x), x);
  const Bool beyond =
      N::either(N::less_equal(I32(11 << 21), magnitude), N::less(magnitude, I32(0)));
  const I32 a = N::select(beyond, I32(0), magnitude);
  const I32 t =
      reciprocal<N>(N::add_wrap(I32(kOne), N::template mul_floor<22>(a, I32(kPOverRoot2))));
  I32 polynomial = I32(0);
  for (int i = 0; i < 5; ++i)
    polynomial = N::template mul_floor<22>(t, N::add_wrap(I32(kCoefficients[i]), polynomial));
  const I32 half_square = N::template shift_right<1>(N::template mul_floor<22>(a, a));
  const I32 e = exponential<N>(N::sub_wrap(I32(0), half_square));
  const I32 erfc = N::template mul_floor<22>(polynomial, e);
  const I32 delta = N::template shift_right<1>(N::template mul_floor<22>(a, erfc));
  return N::select(beyond, relu, N::sub_wrap(relu, delta));
}

/// Output tiles of the MAC array on their way to the writer: activated, or as they are.
template <class N>
struct ActivateTiles : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;

  struct Params {
    Index tiles = Index(0);
    template <class F>
    void state(F& visit) {
      visit("tiles", tiles);
    }
  };

  int lanes;
  bool activates;  // this loop applies GELU
  Params params;
  Counter<N> tile;

  ActivateTiles(int tile_lanes, bool gelu) : lanes(tile_lanes), activates(gelu) {}
  void start(const Params& p) {
    params = p;
    tile.start(p.tiles);
  }
  int input_lanes(int) const { return lanes; }
  int output_lanes(int) const { return lanes; }
  Bool done() const { return tile.done(); }
  Bool reads(int) const { return N::yes(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    for (int i = 0; i < lanes; ++i) out[0][i] = activates ? gelu_exact<N>(in[0][i]) : in[0][i];
  }
  void next() { tile.step(N::yes()); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    tile.state(visit, "tile");
  }
};

}  // namespace kernels
}  // namespace m3sim
