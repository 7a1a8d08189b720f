// The bias loader for output tiles that share no border with words of biases.
//
//   actor       inputs  outputs  read port  write port
//   BiasGather  -       -        biases     -           fills a bias buffer, block by block
#pragma once
#include "model/kernels/linear_load.hpp"

namespace m3sim {
namespace kernels {

/// As BiasLoad, for out_tile an odd number of F biases, at least 3: a word of 2F biases ends a block
/// with its first half, with its second, or with neither.
template <class N>
struct BiasGather : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 1;
  using Params = typename BiasLoad<N>::Params;

  LinearShape shape;
  int parts;  // of F biases in a block
  typename N::Memory biases;
  Params params;
  Counter<N> part;
  Counter<N> word;
  Index block = Index(0);
  Regs<N, I32, kMaxLanes> gathered;

  BiasGather(const LinearShape& s, typename N::Memory bias_buffer)
      : shape(s), parts(s.out_tile / s.features), biases(bias_buffer) {
    gathered.count = s.out_tile;
  }
  void start(const Params& p) {
    params = p;
    part.start(Index(parts));
    word.start(p.words);
    block = p.first_block;
  }
  Bool done() const { return word.done(); }
  Bool requests(int) const { return word.first(); }
  Request<N> request(int) const { return {params.first_word, params.words}; }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    for (int half = 0; half < 2; ++half) {
      I32 lanes[kMaxLanes];
      for (int i = 0; i < shape.features; ++i) lanes[i] = bias(taken[0], half * shape.features + i);
      for (int p = 0; p < parts; ++p) {
        const Bool wrapped = N::both(part.last(), Index(p) == Index(0));
        const Bool here = half == 0 ? part.at == Index(p)
                                    : N::either(wrapped, part.at + Index(1) == Index(p));
        I32* to = &gathered[p * shape.features];
        N::select_lanes(here, lanes, to, to, shape.features);
      }
      const Bool ends = half == 0 ? part.last() : part.at + Index(2) == Index(parts);
      biases.write_word(ends, block, gathered.values);
    }
  }
  void next() {
    for (int half = 0; half < 2; ++half)
      block = N::select(part.wrap(N::yes()), block + Index(1), block);
    word.step(N::yes());
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    part.state(visit, "part");
    word.state(visit, "word");
    visit("block", block);
    gathered.state(visit, "gathered");
  }

 private:
  I32 bias(const I32* lanes, int half) const {
    const I32 raw = half % 2 == 0 ? N::low_half(lanes[half / 2]) : N::high_half(lanes[half / 2]);
    return N::select(params.attention, N::template shift_left<13>(raw),
                     N::template shift_left<11>(raw));
  }
};

}  // namespace kernels
}  // namespace m3sim
