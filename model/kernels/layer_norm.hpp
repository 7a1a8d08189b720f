// Layer norm over the features of a token (Edge-MoE, src/layernorm.cpp), a region repeated per
// token.
//
//   actor           inputs  outputs  read port   write port
//   LoadNorms       -       -        parameters  -           a vector into a buffer (four loops)
//   NormAccumulate  -       -        tokens      -           token and its sums into their buffers
//   NormOutput      -       -        -           tokens      normalises, scales, shifts
//
// Between NormAccumulate and NormOutput lies a ping-pong channel: a token buffer of banks * B words
// of F lanes and a sum buffer of `banks` words of two lanes (mean, mean of squares).
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/arithmetic.hpp"
#include "model/kernels/counter.hpp"
#include "model/kernels/repack.hpp"

namespace m3sim {
namespace kernels {

struct LayerNormShape {
  int features = 8;
  int words = 24;  // B
};

/// 1e-6 in Q10.22, added to the variance.
constexpr int kNormEpsilon = 4;

/// Loads B groups of F halves, two groups per memory word. Buffer: B words of F lanes.
template <class N>
struct LoadNorms : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  using I16 = typename N::I16;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
    }
  };

  LayerNormShape shape;
  typename N::Memory16 buffer;
  Params params;
  Counter<N> half;  // of the memory word
  Counter<N> group;
  Regs<N, I32, kMaxLanes> held;

  LoadNorms(const LayerNormShape& s, typename N::Memory16 parameter_buffer)
      : shape(s), buffer(parameter_buffer) {
    held.count = s.features;
  }
  void start(const Params& p) {
    params = p;
    half.start(Index(2));
    group.start(Index(shape.words));
  }
  Bool done() const { return group.done(); }
  Bool requests(int) const { return group.first(); }
  Request<N> request(int) const { return {params.first_word, Index((shape.words + 1) / 2)}; }
  Bool takes(int) const { return half.first(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    N::select_lanes(half.first(), taken[0], held.values, held.values, shape.features);
    I16 values[kMaxLanes];
    for (int i = 0; i < shape.features; ++i) {
      const I32 low = held[i / 2];
      const I32 high = held[(shape.features + i) / 2];
      const I32 lane = N::select(half.first(), low, high);
      values[i] = N::narrow(i % 2 == 0 ? N::low_half(lane) : N::high_half(lane));
    }
    buffer.write_word(N::yes(), group.at, values);
  }
  void next() {
    half.wrap(N::yes());
    group.step(N::yes());
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    half.state(visit, "half");
    group.state(visit, "group");
    held.state(visit, "held");
  }
};

/// First pass over a token: mean = sum of floor(x / D), mean square = sum of floor(x * floor(x /
/// D)).
template <class N>
struct NormAccumulate : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);  // of the token
    Index bank = Index(0);
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("bank", bank);
    }
  };

  LayerNormShape shape;
  typename N::Memory tokens;
  typename N::Memory sums;
  Params params;
  Counter<N> word;
  I32 mean = I32(0);
  I32 mean_square = I32(0);

  NormAccumulate(const LayerNormShape& s, typename N::Memory token_buffer,
                 typename N::Memory sum_buffer)
      : shape(s), tokens(token_buffer), sums(sum_buffer) {}
  void start(const Params& p) {
    params = p;
    word.start(Index(shape.words));
    mean = mean_square = I32(0);
  }
  Bool done() const { return word.done(); }
  Bool requests(int) const { return word.first(); }
  Request<N> request(int) const { return {params.first_word, Index(shape.words)}; }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    const I32 share = I32(kOne / (shape.words * shape.features));  // floor(2^22 / D)
    const I32* x = taken[0];
    for (int i = 0; i < shape.features; ++i) {
      const I32 term = N::template mul_floor<22>(x[i], share);
      mean = N::add_wrap(mean, term);
      mean_square = N::add_wrap(mean_square, N::template mul_floor<22>(x[i], term));
    }
    tokens.write_word(N::yes(), params.bank * Index(shape.words) + word.at, x);
    sums.write(word.last(), params.bank, 0, mean);
    sums.write(word.last(), params.bank, 1, mean_square);
  }
  void next() { word.step(N::yes()); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
    visit("mean", mean);
    visit("mean_square", mean_square);
  }
};

/// Second pass: y = (x - mean) / sqrt(variance) * scale + shift. Scale and shift are Q5.11.
template <class N>
struct NormOutput : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  using I16 = typename N::I16;
  static constexpr int kWritePorts = 1;
  using Params = typename NormAccumulate<N>::Params;

  LayerNormShape shape;
  typename N::Memory tokens;
  typename N::Memory sums;
  typename N::Memory16 scales;
  typename N::Memory16 shifts;
  Params params;
  Counter<N> word;
  I32 mean = I32(0);
  I32 variance = I32(0);  // with epsilon
  I32 deviation_reciprocal = I32(0);

  NormOutput(const LayerNormShape& s, typename N::Memory token_buffer,
             typename N::Memory sum_buffer, typename N::Memory16 scale_buffer,
             typename N::Memory16 shift_buffer)
      : shape(s),
        tokens(token_buffer),
        sums(sum_buffer),
        scales(scale_buffer),
        shifts(shift_buffer) {}
  void start(const Params& p) {
    params = p;
    word.start(Index(shape.words));
  }
  Bool done() const { return word.done(); }
  Bool requests(int) const { return word.first(); }
  Request<N> request(int) const { return {params.first_word, Index(shape.words)}; }
  Bool puts(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const* put) {
    N::when(word.first(), [&] { load_statistics(); });
    const I32* x = tokens.read(params.bank * Index(shape.words) + word.at);
    const I16* scale = scales.read(word.at);
    const I16* shift = shifts.read(word.at);
    for (int i = 0; i < shape.features; ++i) {
      const I32 normal = N::template mul_floor<22>(N::sub_wrap(x[i], mean), deviation_reciprocal);
      const I32 scaled = N::template mul_floor<11>(normal, N::widen(scale[i]));
      put[0][i] = N::add_wrap(scaled, N::template shift_left<11>(N::widen(shift[i])));
    }
  }
  void next() { word.step(N::yes()); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
    visit("mean", mean);
    visit("variance", variance);
    visit("deviation_reciprocal", deviation_reciprocal);
  }

 private:
  void load_statistics() {
    const Bool first = word.first();
    const I32* pair = sums.read(params.bank);
    const I32 spread = N::add_wrap(
        N::sub_wrap(pair[1], N::template mul_floor<22>(pair[0], pair[0])), I32(kNormEpsilon));
    mean = N::select(first, pair[0], mean);
    variance = N::select(first, spread, variance);
    deviation_reciprocal =
        N::select(first, reciprocal<N>(square_root<N>(spread)), deviation_reciprocal);
  }
};

}  // namespace kernels
}  // namespace m3sim
