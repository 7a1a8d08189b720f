// Softmax as a kernel of its own, in two or three passes over the scores in memory
// (softmax.passes; the published design has none of it: its single pass runs inside attention).
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/softmax_passes.hpp"

namespace m3sim {

class SoftmaxEngine final : public Engine {
 public:
  SoftmaxEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const SoftmaxPass& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  /// Reads the scores, and what works on them; the last pass writes them back.
  struct Pass {
    EngineRegion* region = nullptr;
    timing::Pipeline<kernels::ReadScores<N>>* read = nullptr;
    std::unique_ptr<ReadPort> in;
    std::function<void()> start;
  };
  template <class Actor>
  Pass statistics(const std::string& name, const timing::LoopTiming& loop,
                  const timing::Activity& per_item);
  void build_normalize();
  timing::Stream& open(Pass& pass, const std::string& name);

  kernels::AttentionShape shape_;
  kernels::TransferShape score_items_;
  kernels::BlockLoop<N>::Params blocks_;
  std::vector<std::int32_t> rows_;  ///< statistics
  std::array<Pass, 4> passes_;      ///< by SoftmaxPass::Kind; those that the design has
  timing::Pipeline<kernels::WriteScores<N>>* write_ = nullptr;
  std::unique_ptr<WritePort> out_;
};

}  // namespace m3sim
