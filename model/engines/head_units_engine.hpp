// Attention in parallel head units (hardware description, section 7): every unit takes its heads
// alone, from the scores to their product with V, and keeps the scores of the rows in flight on
// chip.
//
//   read_q, read_k -> multiply_k -> finalize -> scores of a block of rows -> prepare -> multiply_v
//                                            -> 1 / sum, maximum ----------------------/
//
// A unit multiplies one block of rows with V while it computes the scores of the next, so it needs
// rows x F multipliers twice. Its heads follow one another; the units run at the same time.
#pragma once
#include "model/engines/attention_engine.hpp"
#include "model/kernels/head_units.hpp"

namespace m3sim {

class HeadUnitsEngine final : public Engine {
 public:
  HeadUnitsEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const AttendHeads& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  struct Unit {
    std::vector<std::int32_t> q_blocks, sums;
    timing::Pipeline<kernels::ReadTokens<N>>* read_q = nullptr;
    timing::Pipeline<kernels::ReadHeads<N>>*read_k = nullptr, *read_v = nullptr;
    timing::Pipeline<kernels::QxK<N>>* multiply_k = nullptr;
    timing::Pipeline<kernels::Finalize<N>>* finalize = nullptr;
    timing::Pipeline<kernels::Prepare<N>>* prepare = nullptr;
    timing::Pipeline<kernels::AttnxV<N>>* multiply_v = nullptr;
    timing::Pipeline<kernels::WriteTokens<N>>* write_out = nullptr;
    std::unique_ptr<ReadPort> q, k, v;
    std::unique_ptr<WritePort> out;
  };
  void build_scores(Unit& unit, const std::string& number, int stage);
  void build_products(Unit& unit, const std::string& number, int stage);
  timing::Stream& stream(const std::string& name, int depth, int lanes);

  kernels::AttentionShape shape_;  ///< of a unit
  kernels::TransferShape token_items_;
  kernels::BlockLoop<N>::Params blocks_;
  int words_;  ///< of a token, all heads
  EngineRegion& attend_;
  std::vector<std::unique_ptr<Unit>> units_;
  timing::Stream* products_ = nullptr;  ///< of the unit that is being built
  timing::Stream* scores_ = nullptr;
  timing::Stream* info_ = nullptr;
};

}  // namespace m3sim
