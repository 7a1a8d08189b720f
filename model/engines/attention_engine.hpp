// Attention with reordering and single-pass softmax (hardware description, section 4; Edge-MoE,
// sections IV-A, IV-B).
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/attention.hpp"
#include "model/kernels/attention_out.hpp"

namespace m3sim {

/// Parallelism and dimensions of a design point's attention: also the layout of its scores in memory.
kernels::AttentionShape attention_shape(const AcceleratorConfig& config);

class AttentionEngine final : public Engine {
 public:
  AttentionEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const MultiplyQK& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const MultiplyAV& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  void build_qk();
  void build_av();

  kernels::AttentionShape shape_;
  kernels::TransferShape token_items_, score_items_, info_items_;
  kernels::BlockLoop<N>::Params blocks_;
  std::vector<std::int32_t> q_blocks_, sums_;
  EngineRegion& qk_;
  EngineRegion& av_;

  timing::Pipeline<kernels::ReadTokens<N>>* read_q_ = nullptr;
  timing::Pipeline<kernels::ReadRotated<N>>* read_k_ = nullptr;
  timing::Pipeline<kernels::QxK<N>>* multiply_k_ = nullptr;
  timing::Pipeline<kernels::Finalize<N>>* finalize_ = nullptr;
  timing::Pipeline<kernels::WriteScores<N>>* write_scores_ = nullptr;
  timing::Pipeline<kernels::WriteSoftmaxInfo<N>>* write_info_ = nullptr;

  timing::Pipeline<kernels::ReadRotated<N>>* read_v_ = nullptr;
  timing::Pipeline<kernels::ReadScores<N>>* read_scores_ = nullptr;
  timing::Pipeline<kernels::ReadSoftmaxInfo<N>>* read_info_ = nullptr;
  timing::Pipeline<kernels::Prepare<N>>* prepare_ = nullptr;
  timing::Pipeline<kernels::AttnxV<N>>* multiply_v_ = nullptr;
  timing::Pipeline<kernels::WriteTokens<N>>* write_out_ = nullptr;

  std::unique_ptr<ReadPort> q_, k_, v_, scores_in_, info_in_;
  std::unique_ptr<WritePort> scores_out_, info_out_, out_;
};

}  // namespace m3sim
