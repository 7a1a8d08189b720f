#include "model/engines/layer_norm_engine.hpp"

namespace m3sim {

using timing::Activity;
using timing::Event;

LayerNormEngine::LayerNormEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context),
      shape_{context.features(), context.token_words()},
      banks_(context.config.layer_norm.token_banks),
      load_(add_region("load_norms")),
      norm_(add_region("norm")) {
  const auto width = static_cast<std::size_t>(context.config.network.width);
  for (auto& vector : parameters_) vector.resize(width);
  tokens_.resize(width * static_cast<std::size_t>(banks_));
  sums_.resize(2 * static_cast<std::size_t>(banks_));
  build_load();
  build_norm();
}

void LayerNormEngine::build_load() {
  const int stage = load_.region.add_stage();
  Activity a;
  a[Event::kBufferWriteBits] = 16 * shape_.features;
  timing::Process& process = open_process(load_, stage, "load", a, [](int) { return 4; });
  load_vector_ = &add_phase(process, Loop::kLoadNormsEachOfFour, kernels::LoadNorms<N>(shape_, {}),
                            {}, {}, [this](int i) {
                              const auto vector = static_cast<std::size_t>(i);
                              auto& actor = load_vector_->actor();
                              actor.buffer = {parameters_[vector].data(), shape_.features};
                              actor.start({0});
                              load_vector_->read_binding(0) =
                                  parameters_in_->bind(load_op_.vectors[vector], load_step_);
                            });
  parameters_in_ = std::make_unique<ReadPort>(context_, "load_norms", process.number(),
                                              std::vector{DramTensor::kWeights});
}

void LayerNormEngine::build_norm() {
  timing::Region& region = norm_.region;
  const int first = region.add_stage(banks_);
  const int second = region.add_stage(banks_);
  const N::Memory tokens{tokens_.data(), shape_.features}, sums{sums_.data(), 2};
  const std::int64_t lanes = shape_.features;

  Activity sum;
  sum[Event::kMultiply32x32] = 2 * lanes;
  sum[Event::kBufferWriteBits] = 32 * lanes;
  timing::Process& accumulate = open_process(norm_, first, "accumulate", sum, [this](int i) {
    const int token = first_token_ + i;
    accumulate_->actor().start({token * shape_.words, token % banks_});
    return 1;
  });
  accumulate_ = &add_phase(accumulate, Loop::kLayerNormAccumulate,
                           kernels::NormAccumulate<N>(shape_, tokens, sums));
  in_ = std::make_unique<ReadPort>(context_, "accumulate", accumulate.number(),
                                   std::vector{DramTensor::kX});

  Activity scale;
  scale[Event::kMultiply32x32] = lanes;
  scale[Event::kMultiply32x16] = lanes;
  scale[Event::kAdd] = lanes;
  scale[Event::kBufferReadBits] = (32 + 16 + 16) * lanes;
  timing::Process& output = open_process(norm_, second, "output", scale, [this](int i) {
    const int token = first_token_ + i;
    output_->actor().start({token * shape_.words, token % banks_});
    return 1;
  });
  output_ = &add_phase(output, Loop::kLayerNormOutput,
                       kernels::NormOutput<N>(shape_, tokens, sums, {}, {}));
  out_ = std::make_unique<WritePort>(context_, "output", output.number(),
                                     std::vector{DramTensor::kTmp1}, region);
}

EngineRegion& LayerNormEngine::start(const LoadNormParameters& op, std::uint32_t step,
                                     timing::Cycle first) {
  load_op_ = op;
  load_step_ = step;
  load_.region.start(first);
  return load_;
}

EngineRegion& LayerNormEngine::start(const Normalize& op, std::uint32_t step, timing::Cycle first) {
  const auto which = static_cast<std::size_t>(op.which);
  accumulate_->read_binding(0) = in_->bind(op.in, step);
  output_->actor().shifts = {parameters_[2 * which].data(), shape_.features};
  output_->actor().scales = {parameters_[2 * which + 1].data(), shape_.features};
  output_->write_binding(0) = out_->bind(op.out, step);
  first_token_ = op.first_token;
  norm_.region.start(first, op.tokens > 0 ? op.tokens : context_.config.network.tokens());
  return norm_;
}

}  // namespace m3sim
