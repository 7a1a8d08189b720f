// Expert queues and their meta-queue: see gate.hpp.
#pragma once
#include "model/kernels/gate.hpp"

namespace m3sim {
namespace kernels {

/// Queue lengths, and the experts with a non-empty queue in ascending order.
template <class N>
struct QueueState {
  using Index = typename N::Index;
  Regs<N, Index, kMaxExperts> lengths;
  Regs<N, Index, kMaxExperts> active;
  Index active_count = Index(0);

  explicit QueueState(const GateShape& s) { lengths.count = active.count = s.experts; }
  template <class F>
  void state(F visit) {
    lengths.state(visit, "lengths");
    active.state(visit, "active");
    visit("active_count", active_count);
  }
};

/// Pushes every token and its scores to the queues of its k experts. The first firing finds them
/// empty. Queues: E * N words of (token, score), one bank per expert.
template <class N>
struct WriteResults : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 2;
  static constexpr bool kControl = true;

  struct Params {
    Index tokens = Index(0);  // N, also the words of a queue
    template <class F>
    void state(F& visit) {
      visit("tokens", tokens);
    }
  };

  GateShape shape;
  QueueState<N>* shared;
  typename N::Memory queues;
  Params params;
  Counter<N> token;

  WriteResults(const GateShape& s, QueueState<N>* state, typename N::Memory queue_memory)
      : shape(s), shared(state), queues(queue_memory) {}
  void start(const Params& p) {
    params = p;
    token.start(p.tokens);
    for (int e = 0; e < shape.experts; ++e) shared->lengths[e] = Index(0);
  }
  int input_lanes(int) const { return shape.top_k; }
  Bool done() const { return token.done(); }
  Bool reads(int) const { return N::yes(); }
  void fire(const I32* const* in, const I32* const*, I32* const*, I32* const*) {
    for (int j = 0; j < shape.top_k; ++j) {
      const Index expert = N::index(in[0][j]);
      const Index position = shared->lengths.read(expert);
      const Index word = expert * params.tokens + position;
      queues.write(N::yes(), word, 0, N::value(token.at));
      queues.write(N::yes(), word, 1, in[1][j]);
      shared->lengths.write(N::yes(), expert, position + Index(1));
    }
  }
  void next() { token.step(N::yes()); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    token.state(visit, "token");
  }
};

/// Lists the experts that have tokens.
template <class N>
struct MetaQueue : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr bool kControl = true;
  using Params = NoParams<N>;

  GateShape shape;
  QueueState<N>* shared;
  Counter<N> expert;

  MetaQueue(const GateShape& s, QueueState<N>* state) : shape(s), shared(state) {}
  void start(const Params& = Params()) {
    expert.start(Index(shape.experts));
    shared->active_count = Index(0);
  }
  Bool done() const { return expert.done(); }
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const*) {
    const Bool waits = Index(0) < shared->lengths.read(expert.at);
    shared->active.write(waits, shared->active_count, expert.at);
    shared->active_count = N::select(waits, shared->active_count + Index(1), shared->active_count);
  }
  void next() { expert.step(N::yes()); }
  template <class F>
  void state(F visit) {
    expert.state(visit, "expert");
  }
};

}  // namespace kernels
}  // namespace m3sim
