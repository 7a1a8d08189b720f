// The unified linear unit: y = W x + b over tokens, direct or by expert queue (Edge-MoE, section
// IV-D; src/linear.cpp).
//
//   actor          inputs       outputs      read port  write port
//   WeightLoad     -            -            weights    -           fills a weight buffer, tile by tile
//   BiasLoad       -            -            biases     -           fills a bias buffer
//   ReadDirect     -            item         tokens     -           = ReadItems
//   ReadIndirect   -            item, token  tokens     -           tokens of an expert queue
//   LinearCompute  item         item         -          -           a MAC tile per firing, GELU at the end
//   WriteDirect    item         -            -          tokens      = WriteItems
//   WriteIndirect  item, token  -            tokens     tokens      by queue; score-weighted add
//
// An input item is in_tile lanes, an output item out_tile lanes, a token stream carries its number
// in one lane. A word of weights or biases is 2F halves, low half first. The weight buffer holds
// word `out_block * in_blocks + in_block` with lane i * out_tile + o = W[out_block * out_tile +
// o][in_block * in_tile + i]; what a tile has beyond the matrix is zero. A matrix larger than the
// buffer is worked off in slices of rows: the tokens stream again, and the write ports write the
// slice's words of every token.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/gelu.hpp"
#include "model/kernels/linear_load.hpp"
#include "model/kernels/repack.hpp"
#include "model/kernels/transfer.hpp"

namespace m3sim {
namespace kernels {

template <class N>
using ReadDirect = ReadItems<N>;
template <class N>
using WriteDirect = WriteItems<N>;

/// Reads the tokens of an expert queue. Queues: word `first_entry + position` holds (token, score).
template <class N>
struct ReadIndirect : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kOutputs = 2;
  static constexpr int kReadPorts = 1;
  static constexpr bool kControl = true;

  struct Params {
    Index first_word = Index(0);   // of token 0
    Index first_entry = Index(0);  // of the queue
    Index length = Index(0);
    Index token_words = Index(0);
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("first_entry", first_entry);
      visit("length", length);
      visit("token_words", token_words);
    }
  };

  LinearShape shape;
  typename N::Memory queues;
  Params params;
  Repack<N> repack;
  Counter<N> chunk;  // of the token
  Index word = Index(0);
  Counter<N> entry;

  ReadIndirect(const LinearShape& s, typename N::Memory queue_memory)
      : shape(s), queues(queue_memory), repack(s.features, s.in_tile) {}
  void start(const Params& p) {
    params = p;
    repack.start();
    chunk.start(p.token_words * Index(shape.features / repack.chunk));
    word = Index(0);
    entry.start(p.length);
  }
  int output_lanes(int k) const { return k == 0 ? shape.in_tile : 1; }
  Bool done() const { return entry.done(); }
  Bool requests(int) const { return shape.single ? repack.takes() : chunk.first(); }
  Request<N> request(int) const {
    const Index base = params.first_word + N::index(token()) * params.token_words;
    if (shape.single) return {base + word, Index(1)};
    return {base, params.token_words};
  }
  Bool takes(int) const { return repack.takes(); }
  Bool writes(int k) const { return k == 0 ? repack.gives(chunk.last()) : chunk.first(); }
  void fire(const I32* const*, const I32* const* taken, I32* const* out, I32* const*) {
    repack.fire(taken[0], out[0]);
    out[1][0] = token();
  }
  void next() {
    word = N::select(repack.in_part.last(), word + Index(1), word);
    repack.next(chunk.last());
    const Bool wraps = chunk.wrap(N::yes());
    word = N::select(wraps, Index(0), word);
    entry.step(wraps);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    repack.state(visit);
    chunk.state(visit, "chunk");
    visit("word", word);
    entry.state(visit, "entry");
  }

 private:
  I32 token() const { return queues.read(params.first_entry + entry.at)[0]; }
};

/// One MAC tile a firing: out blocks outermost per token, so that the token's blocks are read once
/// and kept. in_blocks: max in / in_tile words of in_tile lanes. Biases and weights as the loaders
/// wrote them.
template <class N>
struct LinearCompute : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;

  struct Params {
    Index tokens = Index(0);
    Index in_blocks = Index(0);
    Index out_blocks = Index(0);
    Bool gelu = N::no();
    Index first_tile = Index(0);   // in the weight buffer
    Index first_block = Index(0);  // in the bias buffer
    template <class F>
    void state(F& visit) {
      visit("tokens", tokens);
      visit("in_blocks", in_blocks);
      visit("out_blocks", out_blocks);
      visit("gelu", gelu);
      visit("first_tile", first_tile);
      visit("first_block", first_block);
    }
  };

  LinearShape shape;
  typename N::Memory in_memory;
  typename N::Memory16 weights;
  typename N::Memory biases;
  Params params;
  Counter<N> in_block;
  Counter<N> out_block;
  Counter<N> token;
  Index tile = Index(0);
  Regs<N, I32, kMaxLanes> sums;

  LinearCompute(const LinearShape& s, typename N::Memory in_blocks,
                typename N::Memory16 weight_buffer, typename N::Memory bias_buffer)
      : shape(s), in_memory(in_blocks), weights(weight_buffer), biases(bias_buffer) {
    sums.count = s.out_tile;
  }
  void start(const Params& p) {
    params = p;
    in_block.start(p.in_blocks);
    out_block.start(p.out_blocks);
    token.start(p.tokens);
    tile = p.first_tile;
  }
  int input_lanes(int) const { return shape.in_tile; }
  int output_lanes(int) const { return shape.out_tile; }
  Bool done() const { return token.done(); }
  Bool reads(int) const { return out_block.first(); }
  Bool writes(int) const { return in_block.last(); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    I32 x[kMaxLanes];
    N::select_lanes(out_block.first(), in[0], in_memory.read(in_block.at), x, shape.in_tile);
    in_memory.write_word(out_block.first(), in_block.at, x);
    N::select_lanes(in_block.first(), biases.read(params.first_block + out_block.at), sums.values,
                    sums.values, shape.out_tile);
    N::mac_tile(sums.values, x, weights.read(tile), shape.in_tile, shape.out_tile);
    N::when(in_block.last(), [&] {
      for (int o = 0; o < shape.out_tile; ++o) out[0][o] = sums[o];
    });
    N::when(N::both(in_block.last(), params.gelu), [&] {
      for (int o = 0; o < shape.out_tile; ++o)
        out[0][o] = N::select(params.gelu, gelu<N>(sums[o]), sums[o]);
    });
  }
  void next() {
    const Bool out_end = in_block.wrap(N::yes());
    const Bool token_end = out_block.wrap(out_end);
    tile = N::select(token_end, params.first_tile, tile + Index(1));
    token.step(token_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    in_block.state(visit, "in_block");
    out_block.state(visit, "out_block");
    token.state(visit, "token");
    visit("tile", tile);
    sums.state(visit, "sums");
  }
};

/// Writes tokens to the addresses that the token stream names; scaled: out += floor(score * y), a
/// read-modify-write.
template <class N>
struct WriteIndirect : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 2;
  static constexpr int kReadPorts = 1;
  static constexpr int kWritePorts = 1;
  static constexpr bool kSteers = true;

  struct Params {
    Index first_word = Index(0);   // of token 0, plus the slice's first word
    Index first_entry = Index(0);  // of the queue
    Index length = Index(0);
    Index row_words = Index(0);   // of the slice
    Index row_stride = Index(0);  // of the whole token
    Bool scaled = N::no();
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("first_entry", first_entry);
      visit("length", length);
      visit("row_words", row_words);
      visit("row_stride", row_stride);
      visit("scaled", scaled);
    }
  };

  LinearShape shape;
  typename N::Memory queues;
  Params params;
  Repack<N> repack;
  Counter<N> chunk;  // of the token
  Index word = Index(0);
  Counter<N> entry;
  Index base = Index(0);  // word of the current token

  WriteIndirect(const LinearShape& s, typename N::Memory queue_memory)
      : shape(s), queues(queue_memory), repack(s.out_tile, s.features) {}
  void start(const Params& p) {
    params = p;
    repack.start();
    chunk.start(p.row_words * Index(shape.features / repack.chunk));
    word = Index(0);
    entry.start(p.length);
    base = Index(0);
  }
  int input_lanes(int k) const { return k == 0 ? shape.out_tile : 1; }
  Bool done() const { return entry.done(); }
  Bool reads(int k) const { return k == 0 ? repack.takes() : chunk.first(); }
  void steer(const I32* const* in) {
    const Index token = N::select(chunk.first(), N::index(in[1][0]), Index(0));
    base = N::select(chunk.first(), params.first_word + token * params.row_stride, base);
  }
  Bool requests(int m) const {
    const Bool now = shape.single ? puts(0) : chunk.first();
    return m == 0 ? N::both(now, params.scaled) : now;
  }
  Request<N> request(int) const {
    if (shape.single) return {base + word, Index(1)};
    return {base, params.row_words};
  }
  Bool takes(int) const { return N::both(puts(0), params.scaled); }
  Bool puts(int) const { return repack.gives(chunk.last()); }
  void fire(const I32* const* in, const I32* const* taken, I32* const*, I32* const* put) {
    I32 y[kMaxLanes];
    repack.fire(in[0], y);
    const I32 score = queues.read(params.first_entry + entry.at)[1];
    for (int i = 0; i < shape.features; ++i) {
      const I32 sum = N::add_wrap(taken[0][i], N::template mul_floor<22>(y[i], score));
      put[0][i] = N::select(params.scaled, sum, y[i]);
    }
  }
  void next() {
    word = N::select(puts(0), word + Index(1), word);
    repack.next(chunk.last());
    const Bool wraps = chunk.wrap(N::yes());
    word = N::select(wraps, Index(0), word);
    entry.step(wraps);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    repack.state(visit);
    chunk.state(visit, "chunk");
    visit("word", word);
    entry.state(visit, "entry");
    visit("base", base);
  }
};

}  // namespace kernels
}  // namespace m3sim
