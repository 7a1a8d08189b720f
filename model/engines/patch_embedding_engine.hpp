// Patch embedding: a region repeated per row of patches, whose first stage is itself a region
// (read, accumulate).
#pragma once
#include "model/engines/engine.hpp"
#include "model/kernels/patch_embedding.hpp"

namespace m3sim {

class PatchEmbeddingEngine final : public Engine {
 public:
  PatchEmbeddingEngine(const sc_core::sc_module_name& name, EngineContext& context);
  EngineRegion& start(const LoadPatchWeights& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const EmbedPatches& op, std::uint32_t step, timing::Cycle first);
  EngineRegion& start(const WriteClassToken& op, std::uint32_t step, timing::Cycle first);

 private:
  using N = kernels::Ints;
  void build_load();
  void build_embed();
  void build_class_token();

  kernels::PatchShape shape_;
  int banks_;
  int row_ = 0;  ///< of patches, that the reader works on
  std::vector<std::int16_t> weights_, biases_;
  std::vector<std::int32_t> sums_;
  EngineRegion& load_;
  EngineRegion& embed_;
  EngineRegion& class_token_;
  timing::Pipeline<kernels::PatchBiasLoad<N>>* load_biases_ = nullptr;
  timing::Pipeline<kernels::PatchWeightLoad<N>>* load_weights_ = nullptr;
  timing::Pipeline<kernels::ReadPixels<N>>* read_ = nullptr;
  timing::Pipeline<kernels::PatchAccumulate<N>>* accumulate_ = nullptr;
  timing::Pipeline<kernels::PatchOutput<N>>* output_ = nullptr;
  timing::Pipeline<kernels::ClassToken<N>>* copy_ = nullptr;
  std::unique_ptr<ReadPort> load_in_, image_in_, position_in_, class_in_;
  std::unique_ptr<WritePort> out_, class_out_;
};

}  // namespace m3sim
