// Attention with reordering and single-pass softmax (hardware description, section 4; Edge-MoE,
// sections IV-A, IV-B).
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/attention.hpp"
#include "model/kernels/attention_out.hpp"
#include "model/kernels/softmax_passes.hpp"

namespace m3sim {

/// Parallelism and dimensions of a design point's attention: also the layout of its scores in memory.
kernels::AttentionShape attention_shape(const AcceleratorConfig& config);

/// The running softmax's loop. Its chain through the exponential is as long as p score items of
/// different rows take; where the rows come one after the other, each item waits for the one before.
timing::LoopTiming finalize_timing(const AcceleratorConfig& config);

/// The words of a key, and of a value, that a firing reads beside nothing else, to be read in bulk.
timing::Runs<kernels::QxK<kernels::Ints>> key_words();
timing::Runs<kernels::AttnxV<kernels::Ints>> value_words();
/// floor(2^22 / sqrt(head width)), decided in integers.
std::int32_t score_scale(int head_width);

class AttentionEngine final : public Engine {
 public:
  AttentionEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const MultiplyQK& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const MultiplyAV& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  void build_qk();
  void build_av();
  void build_finalize(timing::Stream& products, timing::Stream& scores);
  /// A process that streams K or V past the rows in flight.
  struct KvReader {
    timing::Pipeline<kernels::ReadRotated<N>>* rotated = nullptr;
    timing::Pipeline<kernels::ReadTokens<N>>* calls = nullptr;  ///< attention.kv_call
    std::unique_ptr<ReadPort> port;
  };
  void build_reader(KvReader& reader, EngineRegion& region, int stage, const std::string& name,
                    timing::Stream& out);
  void start_reader(KvReader& reader, const TensorRef& ref, std::uint32_t step);
  bool single_pass() const { return context_.config.softmax.passes == 1; }

  kernels::AttentionShape shape_;
  kernels::TransferShape token_items_, score_items_, info_items_;
  kernels::BlockLoop<N>::Params blocks_;
  std::vector<std::int32_t> q_blocks_, sums_;
  EngineRegion& qk_;
  EngineRegion& av_;

  timing::Pipeline<kernels::ReadTokens<N>>* read_q_ = nullptr;
  KvReader read_k_, read_v_;
  timing::Pipeline<kernels::QxK<N>>* multiply_k_ = nullptr;
  timing::Pipeline<kernels::Finalize<N>>* finalize_ = nullptr;
  timing::Pipeline<kernels::SplitScores<N>>* split_ = nullptr;
  timing::Pipeline<kernels::WriteScores<N>>* write_scores_ = nullptr;
  timing::Pipeline<kernels::WriteSoftmaxInfo<N>>* write_info_ = nullptr;

  timing::Pipeline<kernels::ReadScores<N>>* read_scores_ = nullptr;
  timing::Pipeline<kernels::ReadSoftmaxInfo<N>>* read_info_ = nullptr;
  timing::Pipeline<kernels::Prepare<N>>* prepare_ = nullptr;
  timing::Pipeline<kernels::AttnxV<N>>* multiply_v_ = nullptr;
  timing::Pipeline<kernels::ProbabilityxV<N>>* multiply_p_ = nullptr;  ///< behind softmax passes
  timing::Pipeline<kernels::WriteTokens<N>>* write_out_ = nullptr;

  std::unique_ptr<ReadPort> q_, scores_in_, info_in_;
  std::unique_ptr<WritePort> scores_out_, info_out_, out_;
};

}  // namespace m3sim
