// Shapes of the kernels of a configuration, as the engines build them.
#pragma once
#include "model/config/accelerator_config.hpp"
#include "model/kernels/attention_out.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/linear.hpp"
#include "model/kernels/patch_embedding.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/residual.hpp"
#include "model/kernels/task_embedding.hpp"

namespace m3sim::rtl {

inline int token_words(const AcceleratorConfig& c) { return c.network.width / c.word.features(); }

inline kernels::LinearShape linear_shape(const AcceleratorConfig& c, Loop loop) {
  return {c.word.features(), c.linear.in_tile, c.linear.out_tile, c.loops[loop].single()};
}
inline kernels::AttentionShape attention_shape(const AcceleratorConfig& c) {
  kernels::AttentionShape s;
  s.features = c.word.features();
  s.rows = c.attention.rows;
  s.heads = c.network.heads;
  s.head_words = c.network.head_width() / c.word.features();
  s.softmax_slots = c.attention.softmax_lanes;
  s.single = c.loops[Loop::kAttentionReadKv].single();
  return s;
}
inline kernels::GateShape gate_shape(const AcceleratorConfig& c) {
  kernels::GateShape s;
  s.features = c.word.features();
  s.words = token_words(c);
  const bool conditioned = c.network.gating == Gating::kTaskConditioned;
  s.task_words = conditioned ? c.network.task_embedding / s.features : 0;
  s.experts = c.network.experts;
  s.top_k = c.network.top_k;
  return s;
}
inline kernels::TaskEmbeddingShape task_embedding_shape(const AcceleratorConfig& c) {
  return {c.word.features(), c.network.task_hidden, c.network.task_embedding};
}
inline kernels::LayerNormShape norm_shape(const AcceleratorConfig& c) {
  return {c.word.features(), token_words(c)};
}
inline kernels::PatchShape patch_shape(const AcceleratorConfig& c) {
  return {c.word.features(), token_words(c), c.network.patch, c.network.image_channels,
          c.network.image_width};
}
inline kernels::AddShape add_shape(const AcceleratorConfig& c) {
  const bool single = c.loops[Loop::kResidualAdd].single();
  return {c.word.features(), single, c.residual.y_request == Request::kSingle, single};
}

}  // namespace m3sim::rtl
