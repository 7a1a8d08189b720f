// The memories outside each actor, in the order of its top's arguments (model/hls/tops.hpp).
#pragma once

#include <vector>

#include "model/kernels/attention_out.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/linear.hpp"
#include "model/kernels/patch_embedding.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/task_embedding.hpp"
#include "tests/hls/recording.hpp"
#include "tests/hls/shapes.hpp"

namespace m3sim::hls_test {

using kernels::Ints;
using Images = std::vector<MemoryImage>;

template <class Lane>
MemoryImage image(const Lane* lanes, int capacity, int used, bool compared = true) {
  return {static_cast<std::size_t>(capacity), {lanes, lanes + used}, compared};
}
template <class Lane>
MemoryImage image(const Lane* lanes, int count) {
  return image(lanes, count, count);
}

/// Actors that have none.
template <class Actor>
Images memories(const Actor&) {
  return {};
}

inline int ceil_divide(int a, int b) { return (a + b - 1) / b; }

inline Images memories(const kernels::WeightLoad<Ints>& a) {
  const Shapes& s = shapes();
  const int tile = s.in_tile * s.out_tile;
  const int tiles = ceil_divide(a.params.rows, s.out_tile) *
                    ceil_divide(a.params.row_words * a.shape.halves(), s.in_tile);
  return {image(a.cache.data, s.cache_words * s.out_tile * s.features),
          image(a.weights.data, s.weight_tiles * tile, (a.params.first_tile + tiles) * tile)};
}
inline Images memories(const kernels::BiasLoad<Ints>& a) {
  const Shapes& s = shapes();
  const int blocks = ceil_divide(a.params.words * a.shape.halves(), s.out_tile);
  return {image(a.biases.data, s.bias_blocks * s.out_tile,
                (a.params.first_block + blocks) * s.out_tile)};
}
inline Images memories(const kernels::ReadIndirect<Ints>& a) {
  return {image(a.queues.data, shapes().queue_lanes())};
}
inline Images memories(const kernels::LinearCompute<Ints>& a) {
  const Shapes& s = shapes();
  const int tile = s.in_tile * s.out_tile;
  const auto& p = a.params;
  return {image(a.in_memory.data, s.in_blocks * s.in_tile),
          image(a.weights.data, s.weight_tiles * tile,
                (p.first_tile + p.in_blocks * p.out_blocks) * tile),
          image(a.biases.data, s.bias_blocks * s.out_tile,
                (p.first_block + p.out_blocks) * s.out_tile)};
}
inline Images memories(const kernels::WriteIndirect<Ints>& a) {
  return {image(a.queues.data, shapes().queue_lanes())};
}
inline Images memories(const kernels::QxK<Ints>& a) {
  return {image(a.q_memory.data, shapes().row_block_lanes())};
}
inline Images memories(const kernels::AttnxV<Ints>& a) {
  // Sums of rows that do not exist follow registers that keep values from earlier calls.
  const int lanes = shapes().row_block_lanes();
  return {image(a.sum_memory.data, lanes, lanes, false)};
}
inline Images memories(const kernels::GateWeightLoad<Ints>& a) {
  return {image(a.buffer.data, shapes().gate_weight_lanes())};
}
inline Images memories(const kernels::MatVec<Ints>& a) {
  const Shapes& s = shapes();
  const int task = s.task_words * s.features;
  return {image(a.shared->logits.values, s.experts), image(a.weights.data, s.gate_weight_lanes()),
          image(a.task.data, task > 0 ? task : s.features, task)};
}
inline MemoryImage softmax_image(const kernels::GateState<Ints>& state) {
  return {2, {state.softmax.sum, state.softmax.max}, true};
}
inline Images memories(const kernels::SoftmaxUpdate<Ints>& a) {
  return {image(a.shared->logits.values, shapes().experts), softmax_image(*a.shared)};
}
inline Images memories(const kernels::TopK<Ints>& a) {
  const Shapes& s = shapes();
  return {image(a.shared->logits.values, s.experts), image(a.shared->top_logits.values, s.top_k),
          image(a.shared->top_experts.values, s.top_k)};
}
inline Images memories(const kernels::ExpDivide<Ints>& a) {
  const int k = shapes().top_k;
  return {softmax_image(*a.shared), image(a.shared->top_logits.values, k),
          image(a.shared->top_experts.values, k)};
}
inline Images memories(const kernels::WriteResults<Ints>& a) {
  return {image(a.queues.data, shapes().queue_lanes()),
          image(a.shared->lengths.values, shapes().experts)};
}
inline Images memories(const kernels::MetaQueue<Ints>& a) {
  const int experts = shapes().experts;
  return {image(a.shared->lengths.values, experts), image(a.shared->active.values, experts),
          image(&a.shared->active_count, 1)};
}
inline Images memories(const kernels::TaskEmbedding<Ints>& a) {
  return {image(a.hidden.data, shapes().task_hidden),
          image(a.embedding.data, shapes().task_outputs)};
}
inline Images memories(const kernels::LoadNorms<Ints>& a) {
  return {image(a.buffer.data, shapes().width())};
}
inline Images memories(const kernels::NormAccumulate<Ints>& a) {
  const Shapes& s = shapes();
  return {image(a.tokens.data, s.token_banks * s.width()), image(a.sums.data, 2 * s.token_banks)};
}
inline Images memories(const kernels::NormOutput<Ints>& a) {
  // The other banks belong to the accumulating stage meanwhile.
  const Shapes& s = shapes();
  const int lanes = s.token_banks * s.width(), sums = 2 * s.token_banks;
  return {image(a.tokens.data, lanes, lanes, false), image(a.sums.data, sums, sums, false),
          image(a.scales.data, s.width()), image(a.shifts.data, s.width())};
}
inline Images memories(const kernels::PatchWeightLoad<Ints>& a) {
  return {image(a.buffer.data, shapes().patch_weight_lanes())};
}
inline Images memories(const kernels::PatchAccumulate<Ints>& a) {
  const Shapes& s = shapes();
  return {image(a.weights.data, s.patch_weight_lanes()), image(a.biases.data, s.width()),
          image(a.sums.data, s.patch_sum_lanes())};
}
inline Images memories(const kernels::PatchOutput<Ints>& a) {
  // As NormOutput.
  const int lanes = shapes().patch_sum_lanes();
  return {image(a.sums.data, lanes, lanes, false)};
}

}  // namespace m3sim::hls_test
