#include "model/engines/residual_engine.hpp"

namespace m3sim {

ResidualEngine::ResidualEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context), add_(add_region("add")) {
  const bool single = context.config.loops[Loop::kResidualAdd].single();
  const bool single_y = context.config.residual.y_request == Request::kSingle;
  const kernels::AddShape shape{context.features(), single, single_y, single};
  timing::Activity a;
  a[timing::Event::kAdd] = shape.features;
  const int stage = add_.region.add_stage();
  timing::Process& process = open_process(add_, stage, "add", a);
  pipeline_ = &add_phase(process, Loop::kResidualAdd, kernels::Add<N>(shape));
  x_ = std::make_unique<ReadPort>(context, "add_x", process.number(), std::vector{DramTensor::kX});
  y_ = std::make_unique<ReadPort>(context, "add_y", process.number(),
                                  std::vector{DramTensor::kTmp3});
  out_ = std::make_unique<WritePort>(context, "add_out", process.number(),
                                     std::vector{DramTensor::kX}, add_.region);
}

EngineRegion& ResidualEngine::start(const AddTokens& op, std::uint32_t step, timing::Cycle first) {
  const int tokens = op.tokens > 0 ? op.tokens : context_.config.network.tokens();
  const int word = op.first_token * context_.token_words();
  pipeline_->actor().start({tokens * context_.token_words(), word, word, word});
  pipeline_->read_binding(0) = x_->bind(op.x, step);
  pipeline_->read_binding(1) = y_->bind(op.y, step);
  pipeline_->write_binding(0) = out_->bind(op.out, step);
  add_.region.start(first);
  return add_;
}

}  // namespace m3sim
