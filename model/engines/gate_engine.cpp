#include "model/engines/gate_engine.hpp"

#include "model/timing/embedding_timing.hpp"

namespace m3sim {

using timing::Activity;
using timing::Event;

kernels::GateShape gate_shape(const AcceleratorConfig& config) {
  const NetworkConfig& n = config.network;
  kernels::GateShape shape;
  shape.features = config.word.features();
  shape.words = n.width / shape.features;
  shape.task_words = n.gating == Gating::kTaskConditioned ? n.task_embedding / shape.features : 0;
  shape.experts = n.experts;
  shape.top_k = n.top_k;
  return shape;
}

GateEngine::GateEngine(const sc_core::sc_module_name& name, EngineContext& context,
                       ExpertQueues& queues)
    : Engine(name, context),
      shape_(gate_shape(context.config)),
      queues_(queues),
      weights_(static_cast<std::size_t>(shape_.in_words() * shape_.experts * shape_.features)),
      task_hidden_(static_cast<std::size_t>(context.config.network.task_hidden)),
      task_embedding_(static_cast<std::size_t>(context.config.network.task_embedding)),
      state_(shape_),
      task_(add_region("task_embedding")),
      load_(add_region("load_gate")),
      route_(add_region("route")) {
  build_task();
  build_load();
  build_route();
}

void GateEngine::build_task() {
  const kernels::TaskEmbeddingShape shape{shape_.features, context_.config.network.task_hidden,
                                          context_.config.network.task_embedding};
  const int stage = task_.region.add_stage();
  Activity a;
  a[Event::kMultiply32x16] = shape.halves();
  timing::Process& process = open_process(task_, stage, "embed", a);
  const timing::LoopTiming loop =
      timing::task_embedding_timing(context_.config.loops[Loop::kGateMatvec], context_.config.port);
  embed_ = &add_phase(process, loop,
                      kernels::TaskEmbedding<N>(shape, {task_hidden_.data(), shape.halves()},
                                                {task_embedding_.data(), shape.features}));
  task_in_ = std::make_unique<ReadPort>(context_, "task_embedding", process.number(),
                                        std::vector{DramTensor::kWeights});
}

void GateEngine::build_load() {
  const int stage = load_.region.add_stage();
  Activity a;
  a[Event::kBufferWriteBits] = 16 * shape_.features;
  timing::Process& process = open_process(load_, stage, "load", a);
  load_weights_ = &add_phase(
      process, Loop::kGateLoadWeights,
      kernels::GateWeightLoad<N>(shape_, {weights_.data(), shape_.experts * shape_.features}));
  weights_in_ = std::make_unique<ReadPort>(context_, "load_gate", process.number(),
                                           std::vector{DramTensor::kWeights});
}

void GateEngine::build_route() {
  const AcceleratorConfig& config = context_.config;
  timing::Region& region = route_.region;
  timing::Stream& words = region.add_stream("input_stream", config.gate.input_stream_depth,
                                            shape_.features, context_.data);
  timing::Stream& experts =
      region.add_stream("expert_stream", config.gate.result_stream_depth, shape_.top_k, true);
  timing::Stream& scores =
      region.add_stream("score_stream", config.gate.result_stream_depth, shape_.top_k, true);
  const int stage = region.add_stage();
  const kernels::TransferShape token{shape_.features, shape_.features, false};

  timing::Process& read = open_process(route_, stage, "read", {});
  read_ = &add_phase(read, Loop::kGateReadInput, kernels::GateRead<N>(token), {}, {&words});
  tokens_in_ = std::make_unique<ReadPort>(context_, "gate_read", read.number(),
                                          std::vector{DramTensor::kTmp1});

  // Per token: mat-vec, then softmax and top-k (both need the logits alone), then exp and divide.
  timing::Process& gate =
      open_process(route_, stage, "gate", {}, [this](int) { return routed_tokens_; });
  multiply_ = &add_phase(
      gate, Loop::kGateMatvec,
      kernels::MatVec<N>(shape_, &state_, {weights_.data(), shape_.experts * shape_.features},
                         {task_embedding_.data(), shape_.features}),
      {&words}, {}, [this](int) { multiply_->actor().start(); });
  softmax_ = &add_phase(gate, Loop::kGateSoftmaxUpdate, kernels::SoftmaxUpdate<N>(shape_, &state_),
                        {}, {}, [this](int) { softmax_->actor().start(); });
  top_k_ = &add_phase(
      gate, Loop::kGateTopK, kernels::TopK<N>(shape_, &state_), {}, {},
      [this](int) { top_k_->actor().start(); }, config.gate.parallel_softmax_top_k);
  timing::LoopTiming divide;
  divide.depth =
      config.loops[Loop::kGateExpFunction].depth + config.loops[Loop::kGateDivideSequential].depth;
  divide.ii = divide.depth;
  divide.put_stage = divide.depth - 1;
  divide_ = &add_phase(gate, divide, kernels::ExpDivide<N>(shape_, &state_), {},
                       {&experts, &scores}, [this](int token_number) {
                         if (observing_) record_token(token_number);
                         divide_->actor().start();
                       });

  timing::Process& write = open_process(route_, stage, "write_results", {});
  results_ = &add_phase(write, Loop::kGateWriteResults,
                        kernels::WriteResults<N>(shape_, &queues_.state, queues_.memory()),
                        {&experts, &scores}, {}, [this](int) { start_results(); });
  // The published meta-queue is unrolled combinational logic at the end of write_results.
  timing::LoopTiming list;
  meta_queue_ = &add_phase(write, list, kernels::MetaQueue<N>(shape_, &queues_.state), {}, {},
                           [this](int) { meta_queue_->actor().start(); });
}

EngineRegion& GateEngine::start(const EmbedTask& op, std::uint32_t step, timing::Cycle first) {
  TensorRef all = op.fc1_biases;
  all.address = 0;
  const auto word = [&](const TensorRef& ref) {
    return static_cast<int>(ref.address / static_cast<std::uint64_t>(context_.word_bytes()));
  };
  embed_->actor().start(
      {word(op.fc1_biases), word(op.fc1_weights), word(op.fc2_biases), word(op.fc2_weights)});
  embed_->read_binding(0) = task_in_->bind(all, step);
  task_.region.start(first);
  return task_;
}

EngineRegion& GateEngine::start(const LoadGate& op, std::uint32_t step, timing::Cycle first) {
  load_weights_->actor().start({0});
  load_weights_->read_binding(0) = weights_in_->bind(op.weights, step);
  load_.region.start(first);
  return load_;
}

EngineRegion& GateEngine::start(const RouteTokens& op, std::uint32_t step, timing::Cycle first) {
  const int words = shape_.words;
  first_token_ = op.first_token;
  routed_tokens_ = op.tokens > 0 ? op.tokens : context_.config.network.tokens();
  auto& reader = read_->actor();
  reader.start(reader.shape.template tokens<N>(first_token_ * words, routed_tokens_, words, words));
  read_->read_binding(0) = tokens_in_->bind(op.in, step);
  if (first_token_ == 0) observed_ = {};
  route_.region.start(first);
  return route_;
}

/// The queues of a later chunk keep what the chunks before it have pushed.
void GateEngine::start_results() {
  auto& results = results_->actor();
  const auto lengths = queues_.state.lengths;
  results.start({context_.config.network.tokens()});
  if (first_token_ > 0) queues_.state.lengths = lengths;
  results.token.start(first_token_ + routed_tokens_);
  results.token.at = first_token_;
}

void GateEngine::record_token(int) {
  const auto append = [](std::vector<std::int32_t>& to, const std::int32_t* values, int count) {
    to.insert(to.end(), values, values + count);
  };
  append(observed_.logits, state_.logits.values, shape_.experts);
  observed_.softmax.push_back(state_.softmax.sum);
  observed_.softmax.push_back(state_.softmax.max);
  append(observed_.top_experts, state_.top_experts.values, shape_.top_k);
  append(observed_.top_logits, state_.top_logits.values, shape_.top_k);
  for (int j = 0; j < shape_.top_k; ++j)
    observed_.top_scores.push_back(kernels::divide<N>(
        kernels::exponential<N>(N::sub_wrap(state_.top_logits[j], state_.softmax.max)),
        state_.softmax.sum));
}

ZeroEngine::ZeroEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context), zero_(add_region("zero")) {
  const int stage = zero_.region.add_stage();
  timing::Process& process = open_process(zero_, stage, "zero", {});
  const kernels::TransferShape words{context.features(), context.features(), false};
  pipeline_ = &add_phase(process, Loop::kGateZeroOutput, kernels::ZeroOutput<N>(words));
  out_ = std::make_unique<WritePort>(context, "zero", process.number(),
                                     std::vector{DramTensor::kTmp3}, zero_.region);
}

EngineRegion& ZeroEngine::start(const ZeroTokens& op, std::uint32_t step, timing::Cycle first) {
  const int words = context_.token_words();
  auto& actor = pipeline_->actor();
  actor.start(actor.shape.template tokens<N>(0, context_.config.network.tokens(), words, words));
  pipeline_->write_binding(0) = out_->bind(op.out, step);
  zero_.region.start(first);
  return zero_;
}

}  // namespace m3sim
