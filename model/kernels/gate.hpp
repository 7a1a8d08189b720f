// The router: softmax over all experts, top-k without renormalisation, expert queues (Edge-MoE,
// section IV-D; src/moe.cpp; M3ViT, section 3.2, for the task-conditioned gate).
//
//   actor           inputs           outputs          read port  write port
//   GateWeightLoad  -                -                weights    -           E * (B + task words) single words
//   GateRead        -                word             tokens     -           = ReadItems
//   MatVec          word             -                -          -           phases of one process, per token,
//   SoftmaxUpdate   -                -                -          -           over GateState
//   TopK            -                -                -          -
//   ExpDivide       -                experts, scores  -          -           k lanes each
//   WriteResults    experts, scores  -                -          -           phases of one process over QueueState
//   MetaQueue       -                -                -          -
//   ZeroOutput      -                -                -          tokens      = WriteZeros
//
// Queues: word expert * N + position holds (token, score); lengths and the meta-queue are registers
// of QueueState.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/arithmetic.hpp"
#include "model/kernels/transfer.hpp"

namespace m3sim {
namespace kernels {

constexpr int kMaxExperts = 512;

struct GateShape {
  int features = 8;
  int words = 24;      // B, of a token
  int task_words = 0;  // of the task embedding, where the gate is conditioned on it
  int experts = 16;
  int top_k = 2;

  int in_words() const { return words + task_words; }
};

template <class N>
using GateRead = ReadItems<N>;
template <class N>
using ZeroOutput = WriteZeros<N>;

/// Loads E rows of in_words() groups of F halves, experts innermost: one memory word per group, of
/// which half is used. Buffer: in_words() words of E * F lanes, one bank per expert (part =
/// expert).
template <class N>
struct GateWeightLoad : ActorBase<N> {
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

  GateShape shape;
  typename N::Memory16 buffer;
  Params params;
  Counter<N> expert;
  Counter<N> half;  // of the memory word
  Counter<N> group;
  Index word = Index(0);  // of the row
  Index row = Index(0);   // first word of the expert's row

  GateWeightLoad(const GateShape& s, typename N::Memory16 gate_weights)
      : shape(s), buffer(gate_weights) {}
  void start(const Params& p) {
    params = p;
    expert.start(Index(shape.experts));
    half.start(Index(2));
    group.start(Index(shape.in_words()));
    word = Index(0);
    row = p.first_word;
  }
  Bool done() const { return group.done(); }
  Bool requests(int) const { return N::yes(); }
  Request<N> request(int) const { return {row + word, Index(1)}; }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    I16 values[kMaxLanes];
    for (int i = 0; i < shape.features; ++i) {
      const I32 lane = N::select(half.first(), taken[0][i / 2], taken[0][(shape.features + i) / 2]);
      values[i] = N::narrow(i % 2 == 0 ? N::low_half(lane) : N::high_half(lane));
    }
    buffer.write_part(N::yes(), group.at, expert.at, shape.features, values);
  }
  void next() {
    const Bool group_end = expert.wrap(N::yes());
    row = N::select(group_end, params.first_word, row + Index((shape.in_words() + 1) / 2));
    const Bool word_end = half.wrap(group_end);
    word = N::select(word_end, word + Index(1), word);
    group.step(group_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    expert.state(visit, "expert");
    half.state(visit, "half");
    group.state(visit, "group");
    visit("word", word);
    visit("row", row);
  }
};

/// What the phases of the gate share for one token.
template <class N>
struct GateState {
  using I32 = typename N::I32;
  using Index = typename N::Index;

  Regs<N, I32, kMaxExperts> logits;
  RunningSoftmax<N> softmax = softmax_start<N>();
  Regs<N, I32, kMaxExperts> top_logits;  // of the k best so far, descending
  Regs<N, Index, kMaxExperts> top_experts;

  explicit GateState(const GateShape& s) {
    logits.count = s.experts;
    top_logits.count = top_experts.count = s.top_k;
  }
  template <class F>
  void state(F visit) {
    logits.state(visit, "logits");
    visit("softmax_sum", softmax.sum);
    visit("softmax_max", softmax.max);
    top_logits.state(visit, "top_logits");
    top_experts.state(visit, "top_experts");
  }
};

/// Parameters of an actor that has none.
template <class N>
struct NoParams {
  template <class F>
  void state(F&) {}
};

/// Logits of a token: a word of it, and after it of the task embedding, times all experts' weights.
/// Task memory: task_words words of F lanes, unused without them.
template <class N>
struct MatVec : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;
  using Params = NoParams<N>;

  GateShape shape;
  GateState<N>* shared;
  typename N::Memory16 weights;
  typename N::Memory task;
  Counter<N> word;

  MatVec(const GateShape& s, GateState<N>* gate, typename N::Memory16 gate_weights,
         typename N::Memory task_embedding)
      : shape(s), shared(gate), weights(gate_weights), task(task_embedding) {}
  void start(const Params& = Params()) { word.start(Index(shape.in_words())); }
  int input_lanes(int) const { return shape.features; }
  Bool done() const { return word.done(); }
  Bool reads(int) const { return word.at < Index(shape.words); }
  void fire(const I32* const* in, const I32* const*, I32* const*, I32* const*) {
    I32 x[kMaxLanes];
    for (int i = 0; i < shape.features; ++i) x[i] = in[0][i];
    if (shape.task_words > 0) {
      const Index at = N::select(reads(0), Index(shape.words), word.at) - Index(shape.words);
      N::select_lanes(reads(0), in[0], task.read(at), x, shape.features);
    }
    I32* logits = shared->logits.values;
    for (int e = 0; e < shape.experts; ++e) logits[e] = N::select(word.first(), I32(0), logits[e]);
    N::dot_rows16(logits, weights.read(word.at), x, shape.experts, shape.features);
  }
  void next() { word.step(N::yes()); }
  template <class F>
  void state(F visit) {
    word.state(visit, "word");
  }
};

/// Sum and maximum of the softmax over all experts, in expert order.
template <class N>
struct SoftmaxUpdate : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  using Params = NoParams<N>;

  GateShape shape;
  GateState<N>* shared;
  Counter<N> expert;

  SoftmaxUpdate(const GateShape& s, GateState<N>* gate) : shape(s), shared(gate) {}
  void start(const Params& = Params()) { expert.start(Index(shape.experts)); }
  Bool done() const { return expert.done(); }
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const*) {
    const RunningSoftmax<N> fresh = softmax_start<N>();
    const RunningSoftmax<N> before = {N::select(expert.first(), fresh.sum, shared->softmax.sum),
                                      N::select(expert.first(), fresh.max, shared->softmax.max)};
    shared->softmax = softmax_step<N>(before, shared->logits.read(expert.at));
  }
  void next() { expert.step(N::yes()); }
  template <class F>
  void state(F visit) {
    expert.state(visit, "expert");
  }
};

/// Keeps the k best experts: an expert moves up by a strictly greater logit, so of equal ones the
/// lower comes first.
template <class N>
struct TopK : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr bool kControl = true;
  using Params = NoParams<N>;

  GateShape shape;
  GateState<N>* shared;
  Counter<N> expert;

  TopK(const GateShape& s, GateState<N>* gate) : shape(s), shared(gate) {}
  void start(const Params& = Params()) { expert.start(Index(shape.experts)); }
  Bool done() const { return expert.done(); }
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const*) {
    I32 logit = shared->logits.read(expert.at);
    Index number = expert.at;
    Bool shifts = N::no();
    for (int j = 0; j < shape.top_k; ++j) {
      const I32 old_logit = shared->top_logits[j];
      const Index old_number = shared->top_experts[j];
      const Bool empty = N::negate(Index(j) < expert.at);
      shifts = N::either(shifts, N::either(empty, N::less(old_logit, logit)));
      shared->top_logits[j] = N::select(shifts, logit, old_logit);
      shared->top_experts[j] = N::select(shifts, number, old_number);
      logit = N::select(shifts, old_logit, logit);
      number = N::select(shifts, old_number, number);
    }
  }
  void next() { expert.step(N::yes()); }
  template <class F>
  void state(F visit) {
    expert.state(visit, "expert");
  }
};

/// One firing: scores of the k best, trunc(exp(logit - max) * 2^22 / sum).
template <class N>
struct ExpDivide : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kOutputs = 2;
  static constexpr bool kControl = true;
  using Params = NoParams<N>;

  GateShape shape;
  GateState<N>* shared;
  Counter<N> once;

  ExpDivide(const GateShape& s, GateState<N>* gate) : shape(s), shared(gate) {}
  void start(const Params& = Params()) { once.start(Index(1)); }
  int output_lanes(int) const { return shape.top_k; }
  Bool done() const { return once.done(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const*, I32* const* out, I32* const*) {
    for (int j = 0; j < shape.top_k; ++j) {
      const I32 e = exponential<N>(N::sub_wrap(shared->top_logits[j], shared->softmax.max));
      out[0][j] = N::value(shared->top_experts[j]);
      out[1][j] = divide<N>(e, shared->softmax.sum);
    }
  }
  void next() { once.step(N::yes()); }
  template <class F>
  void state(F visit) {
    once.state(visit, "once");
  }
};

}  // namespace kernels
}  // namespace m3sim
