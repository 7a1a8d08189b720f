// Residual add: x += y, word by word.
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/residual.hpp"

namespace m3sim {

class ResidualEngine final : public Engine {
 public:
  ResidualEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const AddTokens& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  EngineRegion& add_;
  timing::Pipeline<kernels::Add<N>>* pipeline_ = nullptr;
  std::unique_ptr<ReadPort> x_, y_;
  std::unique_ptr<WritePort> out_;
};

}  // namespace m3sim
