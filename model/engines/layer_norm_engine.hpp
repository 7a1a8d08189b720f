// Layer norm: a region repeated per token, accumulate and output working on ping-pong token
// buffers.
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/layer_norm.hpp"

namespace m3sim {

class LayerNormEngine final : public Engine {
 public:
  LayerNormEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const LoadNormParameters& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const Normalize& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  void build_load();
  void build_norm();

  kernels::LayerNormShape shape_;
  int banks_;
  int first_token_ = 0;
  /// Bias and weight of norm 1, bias and weight of norm 2.
  std::array<std::vector<std::int16_t>, 4> parameters_;
  std::vector<std::int32_t> tokens_, sums_;
  EngineRegion& load_;
  EngineRegion& norm_;
  LoadNormParameters load_op_;
  std::uint32_t load_step_ = 0;
  timing::Pipeline<kernels::LoadNorms<N>>* load_vector_ = nullptr;
  timing::Pipeline<kernels::NormAccumulate<N>>* accumulate_ = nullptr;
  timing::Pipeline<kernels::NormOutput<N>>* output_ = nullptr;
  std::unique_ptr<ReadPort> parameters_in_, in_;
  std::unique_ptr<WritePort> out_;
};

}  // namespace m3sim
