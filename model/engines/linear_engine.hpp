// The weight loader and the unified linear unit (hardware description, section 4; Edge-MoE, section
// IV-D).
#pragma once
#include "model/engines/engine.hpp"
#include "model/engines/expert_queues.hpp"
#include "model/engines/weight_banks.hpp"
#include "model/kernels/bias_gather.hpp"
#include "model/kernels/gelu_exact.hpp"
#include "model/kernels/linear.hpp"

namespace m3sim {

/// Fills weight banks: a matrix through the transpose cache, then its biases.
class WeightLoader final : public Engine {
 public:
  WeightLoader(const sc_core::sc_module_name& name, EngineContext& context, WeightBanks& banks);
  EngineRegion& start(const LoadLinear& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  WeightBanks& banks_;
  kernels::LinearShape shape_;
  std::vector<std::int32_t> cache_;
  EngineRegion& load_;
  timing::Pipeline<kernels::WeightLoad<N>>* weights_ = nullptr;
  timing::Pipeline<kernels::BiasLoad<N>>* biases_ = nullptr;
  timing::Pipeline<kernels::BiasGather<N>>* gathered_biases_ = nullptr;  ///< instead, by tile size
  std::unique_ptr<ReadPort> port_;
};

/// Serves Q, K, V, projection, both MLP layers and both expert layers, direct or by expert queue; or
/// one kind of them (linear.units).
class LinearEngine final : public Engine {
 public:
  LinearEngine(const sc_core::sc_module_name& name, EngineContext& context, WeightBanks& banks,
               ExpertQueues& queues);
  EngineRegion& start(const ComputeLinear& op, std::uint32_t step, timing::Cycle first);

  /// Multiplications a cycle.
  int macs_per_cycle() const { return shape_.in_tile * shape_.out_tile; }

 private:
  using N = kernels::Ints;
  void start_direct(const ComputeLinear& op, std::uint32_t step);
  void build_activation(timing::Stream& sums, timing::Stream& out, int stage);
  void start_by_queue(const ComputeLinear& op, std::uint32_t step);
  /// Tokens of the queue that the step works off.
  int queue_length(const ComputeLinear& op) const {
    return op.entry >= 0 ? 1 : queues_.length(op.expert);
  }
  int words(int features) const { return features / context_.features(); }
  int direct_tokens(const ComputeLinear& op) const {
    return op.tokens > 0 ? op.tokens : context_.config.network.tokens();
  }

  WeightBanks& banks_;
  ExpertQueues& queues_;
  kernels::LinearShape shape_;
  std::vector<std::int32_t> in_blocks_;
  EngineRegion& compute_region_;
  bool by_queue_ = false, activates_ = false;
  timing::Pipeline<kernels::ReadDirect<N>>* read_direct_ = nullptr;
  timing::Pipeline<kernels::ReadIndirect<N>>* read_indirect_ = nullptr;
  timing::Pipeline<kernels::LinearCompute<N>>* compute_ = nullptr;
  timing::Pipeline<kernels::ActivateTiles<N>>*exact_ = nullptr, *pass_ = nullptr;
  timing::Pipeline<kernels::WriteDirect<N>>* write_direct_ = nullptr;
  timing::Pipeline<kernels::WriteIndirect<N>>* write_indirect_ = nullptr;
  std::unique_ptr<ReadPort> direct_in_, indirect_in_, indirect_sum_;
  std::unique_ptr<WritePort> direct_out_, indirect_out_;
};

}  // namespace m3sim
