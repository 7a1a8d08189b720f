// The router: gate weights, task embedding, softmax and top-k per token, expert queues, zeroed
// output.
#pragma once
#include "model/engines/engine.hpp"
#include "model/engines/expert_queues.hpp"
#include "model/kernels/gate.hpp"
#include "model/kernels/task_embedding.hpp"

namespace m3sim {

kernels::GateShape gate_shape(const AcceleratorConfig& config);

class GateEngine final : public Engine {
 public:
  GateEngine(const sc_core::sc_module_name& name, EngineContext& context, ExpertQueues& queues);
  EngineRegion& start(const EmbedTask& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const LoadGate& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const RouteTokens& op, std::uint32_t step, timing::Cycle first);

  /// What the gate keeps of every token, for dumps: called after each token's scores are known.
  struct Observed {
    std::vector<std::int32_t> logits, softmax, top_experts, top_logits, top_scores;
  };
  /// Collects per token from now on; empty vectors otherwise.
  void observe(bool on) { observing_ = on; }
  const Observed& observed() const { return observed_; }

 private:
  using N = kernels::Ints;
  void build_task();
  void build_load();
  void build_route();
  void record_token(int token);
  void start_results();

  kernels::GateShape shape_;
  ExpertQueues& queues_;
  std::vector<std::int16_t> weights_;
  std::vector<std::int32_t> task_hidden_, task_embedding_;
  kernels::GateState<N> state_;
  bool observing_ = false;
  int first_token_ = 0, routed_tokens_ = 0;  ///< of the step in work
  Observed observed_;
  EngineRegion& task_;
  EngineRegion& load_;
  EngineRegion& route_;
  timing::Pipeline<kernels::TaskEmbedding<N>>* embed_ = nullptr;
  timing::Pipeline<kernels::GateWeightLoad<N>>* load_weights_ = nullptr;
  timing::Pipeline<kernels::GateRead<N>>* read_ = nullptr;
  timing::Pipeline<kernels::MatVec<N>>* multiply_ = nullptr;
  timing::Pipeline<kernels::SoftmaxUpdate<N>>* softmax_ = nullptr;
  timing::Pipeline<kernels::TopK<N>>* top_k_ = nullptr;
  timing::Pipeline<kernels::ExpDivide<N>>* divide_ = nullptr;
  timing::Pipeline<kernels::WriteResults<N>>* results_ = nullptr;
  timing::Pipeline<kernels::MetaQueue<N>>* meta_queue_ = nullptr;
  std::unique_ptr<ReadPort> task_in_, weights_in_, tokens_in_;
};

/// Clears the output that the experts add to. It depends on nothing of the gate and may run beside
/// it.
class ZeroEngine final : public Engine {
 public:
  ZeroEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const ZeroTokens& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  EngineRegion& zero_;
  timing::Pipeline<kernels::ZeroOutput<N>>* pipeline_ = nullptr;
  std::unique_ptr<WritePort> out_;
};

}  // namespace m3sim
