// Reordered attention with single-pass softmax (Edge-MoE, sections IV-A and IV-B;
// src/attention.cpp).
//
//   actor             inputs              outputs      read port  write port
//   ReadTokens        -                   word         tokens     -           = ReadItems
//   ReadRotated       -                   word         tokens     -           K or V, once per block of p rows
//   QxK               q word, k word      p rows       -          -           p * heads_p2 lanes
//   Finalize          p rows              score, info  -          -           running maximum and sum
//   WriteScores       score               -            -          scores      = WriteItems, packed
//   WriteSoftmaxInfo  info                -            -          info        = WriteItems, packed
//   ReadScores        -                   score        scores     -           = ReadItems, packed
//   ReadSoftmaxInfo   -                   info         info       -           = ReadItems, packed
//   Prepare           score               p rows       -          -
//   AttnxV            p rows, info, word  word         -          -
//   WriteTokens       word                -            -          tokens      = WriteItems
//
// p query rows are in flight while every key passes by once. The row in slot o of them is replaced
// when key o passes, so query q visits the keys in the rotated order o, o + 1, ..., N - 1, 0, ...,
// o - 1 with o = q mod p. In block b, slot o holds row p * b + o from key o on and row p * (b - 1)
// + o before it. There are floor((N + p - 1) / p) whole blocks of N keys and a last one of (N + p -
// 1) mod p keys. p < N.
//
// Score: slots * heads_p2 lanes, lane head of each; info: (1 / sum, maximum) per head, 2 * heads
// lanes rounded up to a power of two. Scores of rows that do not exist are given too (memory:
// [block][key][slot]) and mean nothing.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/arithmetic.hpp"
#include "model/kernels/transfer.hpp"

namespace m3sim {
namespace kernels {

constexpr int kMaxRows = 32;
constexpr int kMaxHeads = 64;
constexpr int kMaxScoreLanes = kMaxRows * kMaxHeads;

inline int power_of_two(int at_least) {
  int p = 1;
  for (int bit = 0; bit < 30 && p < at_least; ++bit) p *= 2;  // counted: every tool sees its end
  return p;
}

/// Parallelism and dimensions.
struct AttentionShape {
  int features = 8;
  int rows = 4;  // p
  int heads = 3;
  int head_words = 8;     // words of a token per head
  int softmax_slots = 1;  // score items finalized per firing; divides p
  bool single = false;    // ReadRotated: a request per word, else per block

  int token_words() const { return heads * head_words; }
  int heads_p2() const { return power_of_two(heads); }
  int packed_lanes() const { return rows * heads_p2(); }
  int score_lanes() const { return softmax_slots * heads_p2(); }
  int info_lanes() const { return power_of_two(2 * heads); }
  /// Score items of N tokens.
  int scores(int tokens) const {
    const int visits = tokens + rows - 1;
    return (visits / rows * tokens + visits % rows) * (rows / softmax_slots);
  }
};

/// Blocks of p rows over keys.
template <class N>
struct BlockLoop {
  using Bool = typename N::Bool;
  using Index = typename N::Index;

  struct Params {
    Index tokens = Index(0);                     // N
    Index whole_blocks = Index(0);               // floor((N + p - 1) / p)
    Index rest_keys = Index(0);                  // (N + p - 1) mod p
    Index first_word = Index(0);                 // of the tensor read, where one is
    typename N::I32 scale = typename N::I32(0);  // QxK: 1 / sqrt(head width) in Q10.22

    static Params of(int tokens, int rows) {
      const int visits = tokens + rows - 1;
      Params p;
      p.tokens = Index(tokens);
      p.whole_blocks = Index(tokens > 0 ? visits / rows : 0);
      p.rest_keys = Index(tokens > 0 ? visits % rows : 0);
      return p;
    }
    template <class F>
    void state(F& visit) {
      visit("tokens", tokens);
      visit("whole_blocks", whole_blocks);
      visit("rest_keys", rest_keys);
      visit("first_word", first_word);
      visit("scale", scale);
    }
  };

  Params params;
  Counter<N> key;
  Counter<N> block;
  Index first_row = Index(0);  // p * block

  void start(const Params& p) {
    params = p;
    key.start(p.tokens);
    block.start(p.whole_blocks);
    first_row = Index(0);
  }
  Bool done() const { return N::both(block.done(), key.at == params.rest_keys); }
  /// A new row comes into slot `key`.
  Bool loads_row(int rows) const {
    return N::both(key.at < Index(rows), first_row + key.at < params.tokens);
  }
  void next(Bool enable, int rows) {
    const Bool wraps = key.wrap(enable);
    first_row = N::select(wraps, first_row + Index(rows), first_row);
    block.step(wraps);
  }
  template <class F>
  void state(F& visit) {
    params.state(visit);
    key.state(visit, "key");
    block.state(visit, "block");
    visit("first_row", first_row);
  }
};

template <class N>
using ReadTokens = ReadItems<N>;
template <class N>
using WriteTokens = WriteItems<N>;
template <class N>
using WriteScores = WriteItems<N>;
template <class N>
using WriteSoftmaxInfo = WriteItems<N>;
template <class N>
using ReadScores = ReadItems<N>;
template <class N>
using ReadSoftmaxInfo = ReadItems<N>;

/// Streams K or V once per block of rows.
template <class N>
struct ReadRotated : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kOutputs = 1;
  static constexpr int kReadPorts = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  BlockLoop<N> loop;
  Counter<N> word;
  Index address = Index(0);

  explicit ReadRotated(const AttentionShape& s) : shape(s) {}
  void start(const Params& p) {
    loop.start(p);
    word.start(Index(shape.token_words()));
    address = p.first_word;
  }
  int output_lanes(int) const { return shape.features; }
  Bool done() const { return loop.done(); }
  Bool requests(int) const {
    return shape.single ? N::yes() : N::both(loop.key.first(), word.first());
  }
  Request<N> request(int) const {
    if (shape.single) return {address, Index(1)};
    const Index keys = N::select(loop.block.done(), loop.params.rest_keys, loop.params.tokens);
    return {address, keys * Index(shape.token_words())};
  }
  Bool takes(int) const { return N::yes(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const* out, I32* const*) {
    for (int i = 0; i < shape.features; ++i) out[0][i] = taken[0][i];
  }
  void next() {
    const Bool token_end = word.wrap(N::yes());
    const Bool block_end = N::both(token_end, loop.key.last());
    address = N::select(block_end, loop.params.first_word, address + Index(1));
    loop.next(token_end, shape.rows);
  }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    word.state(visit, "word");
    visit("address", address);
  }
};

/// Logits of p rows and one key: per head, the sum over the head's words of floor(scale * sum of
/// floor(q * k)). q memory: token_words() words of p * F lanes, one bank per slot (part = slot).
template <class N>
struct QxK : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 2;
  static constexpr int kOutputs = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  typename N::Memory q_memory;
  BlockLoop<N> loop;
  Counter<N> head_word;
  Counter<N> head;
  Index word = Index(0);
  Regs<N, I32, kMaxScoreLanes> logits;  // [head][slot]

  QxK(const AttentionShape& s, typename N::Memory q_blocks) : shape(s), q_memory(q_blocks) {
    logits.count = s.heads * s.rows;
  }
  void start(const Params& p) {
    loop.start(p);
    head_word.start(Index(shape.head_words));
    head.start(Index(shape.heads));
    word = Index(0);
  }
  int input_lanes(int) const { return shape.features; }
  int output_lanes(int) const { return shape.packed_lanes(); }
  Bool done() const { return loop.done(); }
  Bool reads(int k) const { return k == 0 ? loop.loads_row(shape.rows) : N::yes(); }
  Bool writes(int) const { return N::both(head_word.last(), head.last()); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    const int p = shape.rows;
    const I32* kept = q_memory.read(word);
    for (int o = 0; o < p; ++o) {
      const Bool loads = N::both(reads(0), loop.key.at == Index(o));
      const int at = o * shape.features;
      N::select_lanes(loads, in[0], kept + at, q + at, shape.features);
    }
    q_memory.write_word(reads(0), word, q);
    I32 sums[kMaxRows];
    N::dot_rows(sums, q, in[1], p, shape.features);
    for (int o = 0; o < p; ++o) {
      const I32 addend = N::template mul_floor<22>(sums[o], loop.params.scale);
      const Index at = head.at * Index(p) + Index(o);
      const I32 before = N::select(head_word.first(), I32(0), logits.read(at));
      logits.write(N::yes(), at, N::add_wrap(before, addend));
    }
    N::when(writes(0), [&] {
      const int width = shape.heads_p2();
      for (int o = 0; o < p; ++o)
        for (int h = 0; h < width; ++h)
          out[0][o * width + h] = h < shape.heads ? logits[h * p + o] : I32(0);
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
    logits.state(visit, "logits");
  }

 private:
  I32 q[kMaxRows * kMaxLanes] = {};  // wires of a firing
};

/// Running softmax of every row, `softmax_slots` rows a firing. A row's info goes out with its last
/// key.
template <class N>
struct Finalize : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 2;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  BlockLoop<N> loop;
  Counter<N> group;                     // of slots
  Regs<N, I32, kMaxScoreLanes> held;    // [slot][head], the item in work
  Regs<N, I32, kMaxScoreLanes> sums;    // [slot][head]
  Regs<N, I32, kMaxScoreLanes> maxima;  // [slot][head]

  explicit Finalize(const AttentionShape& s) : shape(s) {
    held.count = s.packed_lanes();
    sums.count = maxima.count = s.rows * s.heads;
  }
  void start(const Params& p) {
    loop.start(p);
    group.start(Index(shape.rows / shape.softmax_slots));
  }
  int input_lanes(int) const { return shape.packed_lanes(); }
  int output_lanes(int k) const { return k == 0 ? shape.score_lanes() : shape.info_lanes(); }
  Bool done() const { return loop.done(); }
  Bool reads(int) const { return group.first(); }
  Bool writes(int k) const {
    if (k == 0) return N::yes();
    Bool any = N::no();
    for (int s = 0; s < shape.softmax_slots; ++s) any = N::either(any, completes(slot(s)));
    return any;
  }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    N::select_lanes(group.first(), in[0], held.values, held.values, shape.packed_lanes());
    const int width = shape.heads_p2();
    for (int s = 0; s < shape.softmax_slots; ++s) {
      const Index o = slot(s);
      const Bool begins = loop.key.at == o;
      for (int h = 0; h < width; ++h)
        out[0][s * width + h] = held.read(o * Index(width) + Index(h));
      for (int h = 0; h < shape.heads; ++h) {
        const Index at = o * Index(shape.heads) + Index(h);
        const RunningSoftmax<N> fresh = softmax_start<N>();
        const RunningSoftmax<N> after =
            softmax_step<N>({N::select(begins, fresh.sum, sums.read(at)),
                             N::select(begins, fresh.max, maxima.read(at))},
                            out[0][s * width + h]);
        sums.write(N::yes(), at, after.sum);
        maxima.write(N::yes(), at, after.max);
      }
    }
    N::when(writes(1), [&] { give_info(out[1]); });
  }
  void next() { loop.next(group.wrap(N::yes()), shape.rows); }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    group.state(visit, "group");
    held.state(visit, "held");
    sums.state(visit, "sums");
    maxima.state(visit, "maxima");
  }

 private:
  Index slot(int s) const { return group.at * Index(shape.softmax_slots) + Index(s); }
  /// The slot holds a row that sees its last key: N - 1 for slot 0, o - 1 for slot o.
  Bool completes(Index o) const {
    const Bool first_slot = o == Index(0);
    const Bool ends = N::either(N::both(first_slot, loop.key.last()), loop.key.at + Index(1) == o);
    const Bool current = N::negate(loop.key.at < o);  // of this block, not of the one before
    const Index row = loop.first_row + o;
    const Bool exists_now = N::both(current, row < loop.params.tokens);
    const Bool exists_before = N::both(
        N::negate(current),
        N::both(N::negate(loop.block.first()), row < loop.params.tokens + Index(shape.rows)));
    return N::both(ends, N::either(exists_now, exists_before));
  }
  void give_info(I32* info) {
    for (int i = 2 * shape.heads; i < shape.info_lanes(); ++i) info[i] = I32(0);
    for (int h = 0; h < shape.heads; ++h) {
      I32 sum = I32(0);
      I32 max = I32(0);
      for (int s = 0; s < shape.softmax_slots; ++s) {
        const Index at = slot(s) * Index(shape.heads) + Index(h);
        sum = N::select(completes(slot(s)), sums.read(at), sum);
        max = N::select(completes(slot(s)), maxima.read(at), max);
      }
      info[2 * h] = reciprocal<N>(sum);
      info[2 * h + 1] = max;
    }
  }
};

}  // namespace kernels
}  // namespace m3sim
