#include "model/engines/patch_embedding_engine.hpp"

namespace m3sim {

using timing::Activity;
using timing::Event;

PatchEmbeddingEngine::PatchEmbeddingEngine(const sc_core::sc_module_name& name,
                                           EngineContext& context)
    : Engine(name, context),
      shape_{context.features(), context.token_words(), context.config.network.patch,
             context.config.network.image_channels, context.config.network.image_width},
      banks_(context.config.patch_embed.row_banks),
      load_(add_region("load_patch_weights")),
      embed_(add_region("embed")),
      class_token_(add_region("class_token")) {
  const auto width = static_cast<std::size_t>(context.config.network.width);
  weights_.resize(width * static_cast<std::size_t>(shape_.lines() * shape_.patch));
  biases_.resize(width);
  sums_.resize(width * static_cast<std::size_t>(banks_ * shape_.columns()));
  build_load();
  build_embed();
  build_class_token();
}

void PatchEmbeddingEngine::build_load() {
  const int stage = load_.region.add_stage();
  Activity a;
  a[Event::kBufferWriteBits] = context_.config.word.bits;
  timing::Process& process = open_process(load_, stage, "load", a);
  const kernels::LayerNormShape vector{shape_.features, shape_.words};
  load_biases_ = &add_phase(process, Loop::kOneTimeWeightsPatchEmbedBias,
                            kernels::PatchBiasLoad<N>(vector, {biases_.data(), shape_.features}));
  load_weights_ = &add_phase(
      process, Loop::kOneTimeWeightsPatchEmbedWeights,
      kernels::PatchWeightLoad<N>(shape_, {weights_.data(), shape_.features * shape_.chunk()}));
  load_in_ = std::make_unique<ReadPort>(context_, "load_patch_weights", process.number(),
                                        std::vector{DramTensor::kWeights});
}

void PatchEmbeddingEngine::build_embed() {
  timing::Region& region = embed_.region;
  timing::Stream& pixels =
      region.add_stream("image_stream", context_.config.patch_embed.image_stream_depth,
                        shape_.features, context_.data);
  const int first = region.add_stage(banks_);
  const int second = region.add_stage(banks_);
  const N::Memory sums{sums_.data(), shape_.patches_per_word() * shape_.features};

  // A burst per channel is requested before its part of the loop.
  kernels::PatchShape one_channel = shape_;
  one_channel.channels = 1;
  timing::Process& read = open_process(embed_, first, "read", {}, [this](int row) {
    row_ = row;
    return shape_.channels;
  });
  read_ =
      &add_phase(read, Loop::kPatchEmbedAccumulateRead, kernels::ReadPixels<N>(one_channel), {},
                 {&pixels}, [this](int channel) {
                   const int height = context_.config.network.image_height;
                   const int line = channel * height + row_ * shape_.patch;
                   read_->actor().start({line * shape_.line_words(), height * shape_.line_words()});
                 });
  image_in_ =
      std::make_unique<ReadPort>(context_, "read", read.number(), std::vector{DramTensor::kImage});

  const std::int64_t pixels_lanes = std::int64_t{shape_.features} * shape_.patches_per_word();
  Activity multiply;
  multiply[Event::kMultiply8x16] = pixels_lanes * shape_.chunk();
  multiply[Event::kBufferReadBits] = 16 * shape_.features * shape_.chunk() + 32 * pixels_lanes;
  multiply[Event::kBufferWriteBits] = 32 * pixels_lanes;
  timing::Process& accumulate =
      open_process(embed_, first, "accumulate", multiply, [this](int row) {
        accumulate_->actor().start({row % banks_});
        return 1;
      });
  accumulate_ = &add_phase(
      accumulate, Loop::kPatchEmbedAccumulateCompute,
      kernels::PatchAccumulate<N>(shape_, {weights_.data(), shape_.features * shape_.chunk()},
                                  {biases_.data(), shape_.features}, sums),
      {&pixels});

  Activity add;
  add[Event::kAdd] = shape_.features;
  add[Event::kBufferReadBits] = 32 * shape_.features;
  timing::Process& output = open_process(embed_, second, "output", add, [this](int row) {
    const int token = 1 + row * shape_.columns();
    output_->actor().start({token * shape_.words, token * shape_.words, row % banks_});
    return 1;
  });
  output_ = &add_phase(output, Loop::kPatchEmbedOutput, kernels::PatchOutput<N>(shape_, sums));
  position_in_ = std::make_unique<ReadPort>(context_, "output", output.number(),
                                            std::vector{DramTensor::kWeights});
  out_ = std::make_unique<WritePort>(context_, "output", output.number(),
                                     std::vector{DramTensor::kX}, region);
}

void PatchEmbeddingEngine::build_class_token() {
  timing::Region& region = class_token_.region;
  const int stage = region.add_stage();
  timing::Process& process = open_process(class_token_, stage, "copy", {});
  const kernels::TransferShape words{shape_.features, shape_.features, false};
  copy_ = &add_phase(process, Loop::kPatchEmbedClassToken, kernels::ClassToken<N>(words));
  class_in_ = std::make_unique<ReadPort>(context_, "class_token", process.number(),
                                         std::vector{DramTensor::kWeights});
  class_out_ = std::make_unique<WritePort>(context_, "class_token", process.number(),
                                           std::vector{DramTensor::kX}, region);
}

EngineRegion& PatchEmbeddingEngine::start(const LoadPatchWeights& op, std::uint32_t step,
                                          timing::Cycle first) {
  load_biases_->actor().start({0});
  load_biases_->read_binding(0) = load_in_->bind(op.biases, step);
  load_weights_->actor().start({0});
  load_weights_->read_binding(0) = load_in_->bind(op.weights, step);
  load_.region.start(first);
  return load_;
}

EngineRegion& PatchEmbeddingEngine::start(const EmbedPatches& op, std::uint32_t step,
                                          timing::Cycle first) {
  read_->read_binding(0) = image_in_->bind(op.image, step);
  output_->read_binding(0) = position_in_->bind(op.position, step);
  output_->write_binding(0) = out_->bind(op.out, step);
  embed_.region.start(first, context_.config.network.image_height / shape_.patch);
  return embed_;
}

EngineRegion& PatchEmbeddingEngine::start(const WriteClassToken& op, std::uint32_t step,
                                          timing::Cycle first) {
  auto& actor = copy_->actor();
  const auto token = actor.shape.template tokens<N>(0, 1, shape_.words, shape_.words);
  actor.start({token, token});
  copy_->read_binding(0) = class_in_->bind(op.position, step);
  copy_->write_binding(0) = class_out_->bind(op.out, step);
  class_token_.region.start(first);
  return class_token_;
}

}  // namespace m3sim
