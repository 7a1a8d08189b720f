// The memories of each actor by name, in the order of its constructor: visit_memories(actor, f)
// calls f(name, handle).
#pragma once
#include "model/kernels/attention_out.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/linear.hpp"
#include "model/kernels/patch_embedding.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/task_embedding.hpp"

namespace m3sim::rtl {

template <class Actor, class F>
void visit_memories(Actor&, F&&) {}
template <class N, class F>
void visit_memories(kernels::ReadIndirect<N>& a, F&& f) {
  f("queues", a.queues);
}
template <class N, class F>
void visit_memories(kernels::LinearCompute<N>& a, F&& f) {
  f("in_memory", a.in_memory), f("weights", a.weights), f("biases", a.biases);
}
template <class N, class F>
void visit_memories(kernels::WriteIndirect<N>& a, F&& f) {
  f("queues", a.queues);
}
template <class N, class F>
void visit_memories(kernels::WeightLoad<N>& a, F&& f) {
  f("cache", a.cache), f("weights", a.weights);
}
template <class N, class F>
void visit_memories(kernels::BiasLoad<N>& a, F&& f) {
  f("biases", a.biases);
}
template <class N, class F>
void visit_memories(kernels::QxK<N>& a, F&& f) {
  f("q_memory", a.q_memory);
}
template <class N, class F>
void visit_memories(kernels::AttnxV<N>& a, F&& f) {
  f("sum_memory", a.sum_memory);
}
template <class N, class F>
void visit_memories(kernels::TaskEmbedding<N>& a, F&& f) {
  f("hidden", a.hidden), f("embedding", a.embedding);
}
template <class N, class F>
void visit_memories(kernels::GateWeightLoad<N>& a, F&& f) {
  f("buffer", a.buffer);
}
template <class N, class F>
void visit_memories(kernels::MatVec<N>& a, F&& f) {
  f("weights", a.weights), f("task", a.task);
}
template <class N, class F>
void visit_memories(kernels::WriteResults<N>& a, F&& f) {
  f("queues", a.queues);
}
template <class N, class F>
void visit_memories(kernels::LoadNorms<N>& a, F&& f) {
  f("buffer", a.buffer);
}
template <class N, class F>
void visit_memories(kernels::NormAccumulate<N>& a, F&& f) {
  f("tokens", a.tokens), f("sums", a.sums);
}
template <class N, class F>
void visit_memories(kernels::NormOutput<N>& a, F&& f) {
  f("tokens", a.tokens), f("sums", a.sums), f("scales", a.scales), f("shifts", a.shifts);
}
template <class N, class F>
void visit_memories(kernels::PatchWeightLoad<N>& a, F&& f) {
  f("buffer", a.buffer);
}
template <class N, class F>
void visit_memories(kernels::PatchAccumulate<N>& a, F&& f) {
  f("weights", a.weights), f("biases", a.biases), f("sums", a.sums);
}
template <class N, class F>
void visit_memories(kernels::PatchOutput<N>& a, F&& f) {
  f("sums", a.sums);
}

}  // namespace m3sim::rtl
