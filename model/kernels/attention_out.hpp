// Attention times V and what prepares its scores: see attention.hpp for the processes around it.
#pragma once
#include "model/kernels/attention.hpp"

namespace m3sim {
namespace kernels {

/// Gathers the scores of p rows and one key.
template <class N>
struct Prepare : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;

  struct Params {
    Index items = Index(0);  // score items
    template <class F>
    void state(F& visit) {
      visit("items", items);
    }
  };

  AttentionShape shape;
  Params params;
  Counter<N> item;
  Repack<N, kMaxScoreLanes> repack;

  explicit Prepare(const AttentionShape& s) : shape(s), repack(s.score_lanes(), s.packed_lanes()) {}
  void start(const Params& p) {
    params = p;
    item.start(p.items);
    repack.start();
  }
  int input_lanes(int) const { return shape.score_lanes(); }
  int output_lanes(int) const { return shape.packed_lanes(); }
  Bool done() const { return item.done(); }
  Bool reads(int) const { return N::yes(); }
  Bool writes(int) const { return repack.gives(N::no()); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    repack.fire(in[0], out[0]);
  }
  void next() {
    repack.next(N::no());
    item.step(N::yes());
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    item.state(visit, "item");
    repack.state(visit);
  }
};

/// Adds floor(P * v) of p rows and one value token to the rows' sums; P = floor(exp(s - max) * (1 /
/// sum)). Inputs: scores of p rows, info of the row that comes in, word of V. Sums: token_words()
/// words of p * F lanes.
template <class N>
struct AttnxV : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 3;
  static constexpr int kOutputs = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  typename N::Memory sum_memory;
  BlockLoop<N> loop;
  Counter<N> head_word;
  Counter<N> head;
  Index word = Index(0);
  Regs<N, I32, 2 * kMaxScoreLanes> info;       // [slot][head][reciprocal, maximum]
  Regs<N, I32, kMaxScoreLanes> probabilities;  // [head][slot]

  AttnxV(const AttentionShape& s, typename N::Memory sums) : shape(s), sum_memory(sums) {
    info.count = s.rows * 2 * s.heads;
    probabilities.count = s.rows * s.heads;
  }
  void start(const Params& p) {
    loop.start(p);
    head_word.start(Index(shape.head_words));
    head.start(Index(shape.heads));
    word = Index(0);
  }
  int input_lanes(int k) const {
    return k == 0 ? shape.packed_lanes() : k == 1 ? shape.info_lanes() : shape.features;
  }
  int output_lanes(int) const { return shape.features; }
  Bool done() const { return loop.done(); }
  Bool reads(int k) const {
    if (k == 2) return N::yes();
    return k == 0 ? word == Index(0) : N::both(word == Index(0), loop.loads_row(shape.rows));
  }
  /// Slot 0 ends with key N - 1, slot o with key o - 1 of the next block.
  Bool writes(int) const { return N::either(loop.key.last(), ends_later_slot()); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    const int p = shape.rows;
    N::when(reads(1), [&] { load_info(in[1]); });
    N::when(reads(0), [&] { load_probabilities(in[0]); });
    I32 factors[kMaxRows];
    for (int o = 0; o < p; ++o) factors[o] = probabilities.read(head.at * Index(p) + Index(o));
    I32 sums[kMaxRows * kMaxLanes];
    const I32* before = sum_memory.read(word);
    for (int i = 0; i < p * shape.features; ++i) sums[i] = before[i];
    for (int o = 0; o < p; ++o) {
      const Bool begins = loop.key.at == Index(o);
      N::when(begins, [&] {
        for (int i = o * shape.features; i < (o + 1) * shape.features; ++i)
          sums[i] = N::select(begins, I32(0), sums[i]);
      });
    }
    N::mac_rows(sums, factors, in[2], p, shape.features);
    sum_memory.write_word(N::yes(), word, sums);
    N::when(writes(0), [&] {
      for (int i = 0; i < shape.features; ++i) out[0][i] = sums[i];
      for (int o = 1; o < p; ++o) {
        const Bool ends = N::both(N::negate(loop.key.last()), loop.key.at + Index(1) == Index(o));
        N::select_lanes(ends, sums + o * shape.features, out[0], out[0], shape.features);
      }
    });
  }
  void next() {
    const Bool head_end = head_word.wrap(N::yes());
    const Bool token_end = head.wrap(head_end);
    word = N::select(token_end, Index(0), word + Index(1));
    loop.next(token_end, shape.rows);
  }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    head_word.state(visit, "head_word");
    head.state(visit, "head");
    visit("word", word);
    info.state(visit, "info");
    probabilities.state(visit, "probabilities");
  }

 private:
  Bool ends_later_slot() const {
    return N::both(loop.key.at + Index(1) < Index(shape.rows), N::negate(loop.block.first()));
  }
  void load_info(const I32* item) {
    const int width = 2 * shape.heads;
    for (int o = 0; o < shape.rows; ++o) {
      const Bool here = N::both(reads(1), loop.key.at == Index(o));
      N::select_lanes(here, item, &info[o * width], &info[o * width], width);
    }
  }
  void load_probabilities(const I32* scores) {
    for (int o = 0; o < shape.rows; ++o)
      for (int h = 0; h < shape.heads; ++h) {
        const int row = (o * shape.heads + h) * 2;
        const I32 score = scores[o * shape.heads_p2() + h];
        const I32 e = exponential<N>(N::sub_wrap(score, info[row + 1]));
        I32& probability = probabilities[h * shape.rows + o];
        probability = N::select(reads(0), N::template mul_floor<22>(e, info[row]), probability);
      }
  }
};

}  // namespace kernels
}  // namespace m3sim
