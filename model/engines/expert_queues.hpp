// Expert queues and meta-queue: filled by the gate, worked off by the linear unit.
#pragma once
#include <cstdint>
#include <vector>

#include "model/kernels/queues.hpp"
#include "model/network/routing.hpp"

namespace m3sim {

/// E queues of N entries (token, score) each.
class ExpertQueues {
 public:
  ExpertQueues(const kernels::GateShape& shape, int tokens)
      : state(shape),
        tokens_(tokens),
        entries_(2 * static_cast<std::size_t>(shape.experts) * static_cast<std::size_t>(tokens)) {}

  kernels::Ints::Memory memory() { return {entries_.data(), 2}; }
  int length(int expert) const { return state.lengths[expert]; }
  int first_entry(int expert) const { return expert * tokens_; }
  /// Experts with tokens, in the order in which they are worked off.
  std::vector<int> active() const {
    return {state.active.values, state.active.values + state.active_count};
  }
  std::vector<int> lengths() const {
    return {state.lengths.values, state.lengths.values + state.lengths.count};
  }
  /// What the queues hold, as choices per token in descending score order of the gate.
  std::int32_t token(int expert, int position) const { return entry(expert, position)[0]; }
  std::int32_t score(int expert, int position) const { return entry(expert, position)[1]; }

  /// Replaces what the gate decided by a given routing.
  void fill(const LayerRouting& routing) {
    const auto queues = routing.queues(state.lengths.count);
    state.active_count = 0;
    for (int e = 0; e < state.lengths.count; ++e) {
      const auto& queue = queues[static_cast<std::size_t>(e)];
      state.lengths[e] = static_cast<int>(queue.size());
      if (!queue.empty()) state.active[state.active_count++] = e;
      for (std::size_t i = 0; i < queue.size(); ++i) {
        std::int32_t* to = entries_.data() + 2 * (static_cast<std::size_t>(first_entry(e)) + i);
        to[0] = queue[i].token;
        to[1] = queue[i].score;
      }
    }
  }

  kernels::QueueState<kernels::Ints> state;

 private:
  const std::int32_t* entry(int expert, int position) const {
    return entries_.data() +
           2 * (static_cast<std::size_t>(first_entry(expert)) + static_cast<std::size_t>(position));
  }
  int tokens_;
  std::vector<std::int32_t> entries_;
};

}  // namespace m3sim
