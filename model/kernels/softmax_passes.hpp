// Softmax in passes of its own over the stored scores, as designs without the single-pass softmax
// do it: three passes (maximum, sum, normalise), or two (running maximum and sum, normalise).
//
//   actor            inputs  outputs      per row
//   SplitScores      p rows  score        -               p rows of raw scores, item by item, to memory
//   SoftmaxMaximum   score   -            maximum
//   SoftmaxSum       score   -            1 / sum of exp(s - maximum)
//   SoftmaxRunning   score   -            both, by the single-pass rule
//   SoftmaxNormalize score   probability  -               floor(exp(s - maximum) * (1 / sum))
//   ProbabilityxV    p rows, -, word  word  -            AttnxV whose scores are probabilities
//
// Items come in the order in which QxK gave them (attention.hpp). Row statistics: a word of (1 / sum,
// maximum) per head for every row.
#pragma once
#include "model/kernels/attention_out.hpp"

namespace m3sim {
namespace kernels {

/// Gives the scores of p rows one item after the other.
template <class N>
struct SplitScores : ActorBase<N> {
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

  explicit SplitScores(const AttentionShape& s)
      : shape(s), repack(s.packed_lanes(), s.score_lanes()) {}
  void start(const Params& p) {
    params = p;
    item.start(p.items);
    repack.start();
  }
  int input_lanes(int) const { return shape.packed_lanes(); }
  int output_lanes(int) const { return shape.score_lanes(); }
  Bool done() const { return item.done(); }
  Bool reads(int) const { return repack.takes(); }
  Bool writes(int) const { return N::yes(); }
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

/// Score items, and the rows whose scores they hold.
template <class N>
struct ItemLoop {
  using Bool = typename N::Bool;
  using Index = typename N::Index;

  AttentionShape shape;
  BlockLoop<N> loop;
  Counter<N> group;  // of slots

  explicit ItemLoop(const AttentionShape& s) : shape(s) {}
  void start(const typename BlockLoop<N>::Params& p) {
    loop.start(p);
    group.start(Index(shape.rows / shape.softmax_slots));
  }
  Bool done() const { return loop.done(); }
  Index slot(int s) const { return group.at * Index(shape.softmax_slots) + Index(s); }
  Bool begins(Index o) const { return loop.key.at == o; }
  /// Row in slot o; 0 where there is none.
  Index row(Index o) const {
    const Index now = loop.first_row + o;
    const Bool before = N::both(N::negate(current(o)), N::negate(loop.block.first()));
    const Index candidate = N::select(current(o), now, N::select(before, now - rows(), Index(0)));
    return N::select(candidate < loop.params.tokens, candidate, Index(0));
  }
  /// The slot holds a row, which sees its last key: N - 1 for slot 0, o - 1 for slot o.
  Bool completes(Index o) const {
    const Bool first_slot = o == Index(0);
    const Bool ends = N::either(N::both(first_slot, loop.key.last()), loop.key.at + Index(1) == o);
    const Index now = loop.first_row + o;
    const Bool exists_now = N::both(current(o), now < loop.params.tokens);
    const Bool exists_before =
        N::both(N::negate(current(o)),
                N::both(N::negate(loop.block.first()), now < loop.params.tokens + rows()));
    return N::both(ends, N::either(exists_now, exists_before));
  }
  void next() { loop.next(group.wrap(N::yes()), shape.rows); }
  template <class F>
  void state(F& visit) {
    loop.state(visit);
    group.state(visit, "group");
  }

 private:
  Index rows() const { return Index(shape.rows); }
  Bool current(Index o) const { return N::negate(loop.key.at < o); }  // of this block
};

/// A pass that gathers statistics of every row. Rule: see the structs that derive from it.
template <class N, class Rule>
struct StatisticsPass : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  typename N::Memory rows;  // words of 2 * heads lanes
  ItemLoop<N> items;
  Regs<N, I32, kMaxScoreLanes> sums;    // [slot][head]
  Regs<N, I32, kMaxScoreLanes> maxima;  // [slot][head]

  StatisticsPass(const AttentionShape& s, typename N::Memory row_statistics)
      : shape(s), rows(row_statistics), items(s) {
    sums.count = maxima.count = s.rows * s.heads;
  }
  void start(const Params& p) { items.start(p); }
  int input_lanes(int) const { return shape.score_lanes(); }
  Bool done() const { return items.done(); }
  Bool reads(int) const { return N::yes(); }
  void fire(const I32* const* in, const I32* const*, I32* const*, I32* const*) {
    for (int s = 0; s < shape.softmax_slots; ++s) {
      const Index o = items.slot(s);
      const Index row = items.row(o);
      const Bool begins = items.begins(o);
      I32 word[2 * kMaxHeads];
      const I32* known = rows.read(row);
      for (int h = 0; h < shape.heads; ++h) {
        const Index at = o * Index(shape.heads) + Index(h);
        const RunningSoftmax<N> fresh = softmax_start<N>();
        const RunningSoftmax<N> after =
            Rule::step({N::select(begins, fresh.sum, sums.read(at)),
                        N::select(begins, fresh.max, maxima.read(at))},
                       known[2 * h + 1], in[0][s * shape.heads_p2() + h]);
        sums.write(N::yes(), at, after.sum);
        maxima.write(N::yes(), at, after.max);
        word[2 * h] = reciprocal<N>(after.sum);
        word[2 * h + 1] = after.max;
      }
      rows.write_word(items.completes(o), row, word);
    }
  }
  void next() { items.next(); }
  template <class F>
  void state(F visit) {
    items.state(visit);
    sums.state(visit, "sums");
    maxima.state(visit, "maxima");
  }
};

template <class N>
struct MaximumRule {
  static RunningSoftmax<N> step(const RunningSoftmax<N>& before, typename N::I32,
                                typename N::I32 score) {
    return {before.sum, N::select(N::less(before.max, score), score, before.max)};
  }
};
template <class N>
struct SumRule {
  static RunningSoftmax<N> step(const RunningSoftmax<N>& before, typename N::I32 maximum,
                                typename N::I32 score) {
    return {N::add_wrap(before.sum, exponential<N>(N::sub_wrap(score, maximum))), maximum};
  }
};
template <class N>
struct RunningRule {
  static RunningSoftmax<N> step(const RunningSoftmax<N>& before, typename N::I32,
                                typename N::I32 score) {
    return softmax_step<N>(before, score);
  }
};

template <class N>
using SoftmaxMaximum = StatisticsPass<N, MaximumRule<N>>;
template <class N>
using SoftmaxSum = StatisticsPass<N, SumRule<N>>;
template <class N>
using SoftmaxRunning = StatisticsPass<N, RunningRule<N>>;

template <class N>
struct SoftmaxNormalize : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;
  using Params = typename BlockLoop<N>::Params;

  AttentionShape shape;
  typename N::Memory rows;  // as the statistics passes wrote them
  ItemLoop<N> items;

  SoftmaxNormalize(const AttentionShape& s, typename N::Memory row_statistics)
      : shape(s), rows(row_statistics), items(s) {}
  void start(const Params& p) { items.start(p); }
  int input_lanes(int) const { return shape.score_lanes(); }
  int output_lanes(int) const { return shape.score_lanes(); }
  Bool done() const { return items.done(); }
  Bool reads(int) const { return N::yes(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    const int width = shape.heads_p2();
    for (int s = 0; s < shape.softmax_slots; ++s) {
      const I32* known = rows.read(items.row(items.slot(s)));
      for (int h = 0; h < width; ++h) out[0][s * width + h] = I32(0);
      for (int h = 0; h < shape.heads; ++h) {
        const I32 e = exponential<N>(N::sub_wrap(in[0][s * width + h], known[2 * h + 1]));
        out[0][s * width + h] = N::template mul_floor<22>(e, known[2 * h]);
      }
    }
  }
  void next() { items.next(); }
  template <class F>
  void state(F visit) {
    items.state(visit);
  }
};

/// AttnxV without its exponential. What it computes stays AttnxV's: with the probability in the place
/// of both the score's maximum and 1 / sum, exp(0) * probability is the probability, exactly.
template <class N>
struct ProbabilityxV : AttnxV<N> {
  using typename AttnxV<N>::Bool;
  using typename AttnxV<N>::I32;
  using typename AttnxV<N>::Index;

  using AttnxV<N>::AttnxV;
  Bool reads(int k) const { return k == 1 ? N::no() : AttnxV<N>::reads(k); }
  void fire(const I32* const* in, const I32* const* taken, I32* const* out, I32* const* put) {
    const int heads = this->shape.heads;
    I32 item[2 * kMaxHeads];  // for the row that comes in
    for (int i = 0; i < 2 * heads; ++i) item[i] = I32(0);
    for (int o = 0; o < this->shape.rows; ++o) {
      const Bool comes_in = this->loop.key.at == Index(o);
      for (int i = 0; i < 2 * heads; ++i) {
        const I32 probability = in[0][o * this->shape.heads_p2() + i / 2];
        I32& kept = this->info[o * 2 * heads + i];
        kept = N::select(this->reads(0), probability, kept);
        item[i] = N::select(comes_in, probability, item[i]);
      }
    }
    const I32* const inputs[] = {in[0], item, in[2]};
    AttnxV<N>::fire(inputs, taken, out, put);
  }
};

}  // namespace kernels
}  // namespace m3sim
