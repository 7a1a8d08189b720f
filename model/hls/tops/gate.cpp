// Tops of the gate: kernels/queues.hpp.
#include "model/kernels/gate.hpp"
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/task_embedding.hpp"

namespace m3sim {
namespace hls {
namespace {

kernels::GateShape gate_shape() { return {kFeatures, kTokenWords, kTaskWords, kExperts, kTopK}; }

kernels::TransferShape words() { return {kFeatures, kFeatures, false}; }

void load(const std::int32_t* from, std::int32_t* to, int count) {
  for (int i = 0; i < count; ++i) to[i] = from[i];
}
void store(const std::int32_t* from, std::int32_t* to, int count) { load(from, to, count); }

}  // namespace

void gate_weight_load(Memory matrix, std::int16_t weights[kGateWeightLanes],
                      std::int32_t first_word) {
  M3SIM_HLS_MEMORY(matrix)
  kernels::GateWeightLoad<HlsInts> actor(gate_shape(), {weights, kExperts * kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word});
  run(actor, in(), out(), reads(matrix), writes());
}

void gate_read(Stream<kFeatures> items, Memory tensor, std::int32_t first_word, std::int32_t rows,
               std::int32_t row_chunks, std::int32_t row_words, std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadItems<HlsInts> actor(words());
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(items), reads(tensor), writes());
}

void gate_mat_vec(Stream<kFeatures> items, std::int32_t logits[kExperts],
                  std::int16_t weights[kGateWeightLanes], std::int32_t task[kTaskLanes]) {
  M3SIM_HLS_STREAM(items)
  kernels::GateState<HlsInts> state(gate_shape());
  kernels::MatVec<HlsInts> actor(gate_shape(), &state, {weights, kExperts * kFeatures},
                                 {task, kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start();
  run(actor, in(items), out(), reads(), writes());
  store(state.logits.values, logits, kExperts);
}

void gate_softmax(std::int32_t logits[kExperts], std::int32_t softmax[2]) {
  kernels::GateState<HlsInts> state(gate_shape());
  load(logits, state.logits.values, kExperts);
  kernels::SoftmaxUpdate<HlsInts> actor(gate_shape(), &state);
  M3SIM_HLS_ACTOR(actor)
  actor.start();
  run(actor, in(), out(), reads(), writes());
  softmax[0] = state.softmax.sum;
  softmax[1] = state.softmax.max;
}

void gate_top_k(std::int32_t logits[kExperts], std::int32_t top_logits[kTopK],
                std::int32_t top_experts[kTopK]) {
  kernels::GateState<HlsInts> state(gate_shape());
  load(logits, state.logits.values, kExperts);
  kernels::TopK<HlsInts> actor(gate_shape(), &state);
  M3SIM_HLS_ACTOR(actor)
  actor.start();
  run(actor, in(), out(), reads(), writes());
  store(state.top_logits.values, top_logits, kTopK);
  store(state.top_experts.values, top_experts, kTopK);
}

void gate_exp_divide(Stream<kTopK> experts, Stream<kTopK> scores, std::int32_t softmax[2],
                     std::int32_t top_logits[kTopK], std::int32_t top_experts[kTopK]) {
  M3SIM_HLS_STREAM(experts)
  M3SIM_HLS_STREAM(scores)
  kernels::GateState<HlsInts> state(gate_shape());
  state.softmax.sum = softmax[0];
  state.softmax.max = softmax[1];
  load(top_logits, state.top_logits.values, kTopK);
  load(top_experts, state.top_experts.values, kTopK);
  kernels::ExpDivide<HlsInts> actor(gate_shape(), &state);
  M3SIM_HLS_ACTOR(actor)
  actor.start();
  run(actor, in(), out(experts, scores), reads(), writes());
}

void gate_write_results(Stream<kTopK> experts, Stream<kTopK> scores,
                        std::int32_t queues[kQueueLanes], std::int32_t lengths[kExperts],
                        std::int32_t tokens) {
  M3SIM_HLS_STREAM(experts)
  M3SIM_HLS_STREAM(scores)
  kernels::QueueState<HlsInts> state(gate_shape());
  kernels::WriteResults<HlsInts> actor(gate_shape(), &state, {queues, 2});
  M3SIM_HLS_ACTOR(actor)
  actor.start({tokens});
  run(actor, in(experts, scores), out(), reads(), writes());
  store(state.lengths.values, lengths, kExperts);
}

void gate_meta_queue(std::int32_t lengths[kExperts], std::int32_t active[kExperts],
                     std::int32_t active_count[1]) {
  kernels::QueueState<HlsInts> state(gate_shape());
  load(lengths, state.lengths.values, kExperts);
  load(active, state.active.values, kExperts);
  kernels::MetaQueue<HlsInts> actor(gate_shape(), &state);
  M3SIM_HLS_ACTOR(actor)
  actor.start();
  run(actor, in(), out(), reads(), writes());
  store(state.active.values, active, kExperts);
  active_count[0] = state.active_count;
}

void gate_zero_output(Memory tensor, std::int32_t first_word, std::int32_t rows,
                      std::int32_t row_chunks, std::int32_t row_words, std::int32_t row_stride) {
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteZeros<HlsInts> actor(words());
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(), reads(), writes(tensor));
}

void gate_task_embedding(Memory parameters, std::int32_t hidden[kTaskHidden],
                         std::int32_t embedding[kTaskOutputs], std::int32_t bias1_word,
                         std::int32_t column_word, std::int32_t bias2_word,
                         std::int32_t weight2_word) {
  M3SIM_HLS_MEMORY(parameters)
  kernels::TaskEmbedding<HlsInts> actor({kFeatures, kTaskHidden, kTaskOutputs},
                                        {hidden, 2 * kFeatures}, {embedding, kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({bias1_word, column_word, bias2_word, weight2_word});
  run(actor, in(), out(), reads(parameters), writes());
}

}  // namespace hls
}  // namespace m3sim
