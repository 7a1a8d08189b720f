// What head units need besides the actors of attention.hpp.
//
//   actor      inputs  outputs  read port  write port
//   ReadHeads  -       word     tokens     -           a unit's heads of K or V, once per block of p rows
#pragma once
#include "model/kernels/attention.hpp"

namespace m3sim {
namespace kernels {

/// As ReadRotated, where a token holds the words of other units' heads, too: a request per token.
template <class N>
struct ReadHeads : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kOutputs = 1;
  static constexpr int kReadPorts = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;  // of the unit
  int stride_words;      // from token to token
  BlockLoop<N> loop;
  Counter<N> word;
  Index address = Index(0);

  ReadHeads(const AttentionShape& s, int stride) : shape(s), stride_words(stride) {}
  void start(const Params& p) {
    loop.start(p);
    word.start(Index(shape.token_words()));
    address = p.first_word;
  }
  int output_lanes(int) const { return shape.features; }
  Bool done() const { return loop.done(); }
  Bool requests(int) const { return shape.single ? N::yes() : word.first(); }
  Request<N> request(int) const {
    if (shape.single) return {address, Index(1)};
    return {address, Index(shape.token_words())};
  }
  Bool takes(int) const { return N::yes(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const* out, I32* const*) {
    for (int i = 0; i < shape.features; ++i) out[0][i] = taken[0][i];
  }
  void next() {
    const Bool token_end = word.wrap(N::yes());
    const Bool block_end = N::both(token_end, loop.key.last());
    const Index skip = Index(1 + stride_words - shape.token_words());
    const Index following = address + N::select(token_end, skip, Index(1));
    address = N::select(block_end, loop.params.first_word, following);
    loop.next(token_end, shape.rows);
  }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    word.state(visit, "word");
    visit("address", address);
  }
};

}  // namespace kernels
}  // namespace m3sim
