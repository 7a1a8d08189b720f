#include "model/engines/softmax_engine.hpp"

#include "model/engines/attention_engine.hpp"

namespace m3sim {

using timing::Activity;
using timing::Event;
using timing::LoopTiming;

namespace {

using Kind = SoftmaxPass::Kind;

std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }

LoopTiming plain(int ii, int depth) {
  LoopTiming loop;
  loop.ii = ii;
  loop.depth = depth;
  loop.put_stage = depth - 1;
  return loop;
}

}  // namespace

SoftmaxEngine::SoftmaxEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context), shape_(attention_shape(context.config)) {
  const SoftmaxConfig& softmax = context.config.softmax;
  if (softmax.passes == 1) return;
  const int tokens = context.config.network.tokens();
  score_items_ = {shape_.features, shape_.score_lanes(), false};
  blocks_ = kernels::BlockLoop<N>::Params::of(tokens, shape_.rows);
  rows_.resize(static_cast<std::size_t>(tokens * 2 * shape_.heads));
  const std::int64_t items = shape_.softmax_slots * shape_.heads;
  Activity compare, sum;
  compare[Event::kAdd] = items;
  sum[Event::kExponential] = sum[Event::kReciprocal] = items;
  sum[Event::kAdd] = items;
  if (softmax.passes == 3) {
    passes_[index(Kind::kMaximum)] = statistics<kernels::SoftmaxMaximum<N>>(
        "maximum", plain(softmax.max_ii, softmax.max_depth), compare);
    passes_[index(Kind::kSum)] =
        statistics<kernels::SoftmaxSum<N>>("sum", plain(softmax.sum_ii, softmax.sum_depth), sum);
  } else {
    sum[Event::kMultiply32x32] = items;
    sum[Event::kAdd] = 2 * items;
    passes_[index(Kind::kRunning)] =
        statistics<kernels::SoftmaxRunning<N>>("running", finalize_timing(context.config), sum);
  }
  build_normalize();
}

timing::Stream& SoftmaxEngine::open(Pass& pass, const std::string& name) {
  pass.region = &add_region(name);
  timing::Region& region = pass.region->region;
  timing::Stream& scores =
      region.add_stream("score_stream", context_.config.attention.score_stream_depth,
                        shape_.score_lanes(), context_.data);
  region.add_stage();
  timing::Process& reader = open_process(*pass.region, 0, "read_scores", {});
  pass.read = &add_phase(reader, Loop::kAttentionReadScores, kernels::ReadScores<N>(score_items_),
                         {}, {&scores});
  pass.in = std::make_unique<ReadPort>(context_, "read_scores", reader.number(),
                                       std::vector{DramTensor::kScores});
  return scores;
}

template <class Actor>
SoftmaxEngine::Pass SoftmaxEngine::statistics(const std::string& name, const LoopTiming& loop,
                                              const Activity& per_item) {
  Pass pass;
  timing::Stream& scores = open(pass, name);
  timing::Process& process = open_process(*pass.region, 0, "statistics", per_item);
  auto* pipeline =
      &add_phase(process, loop, Actor(shape_, {rows_.data(), 2 * shape_.heads}), {&scores});
  pass.start = [this, pipeline] { pipeline->actor().start(blocks_); };
  return pass;
}

void SoftmaxEngine::build_normalize() {
  const SoftmaxConfig& softmax = context_.config.softmax;
  Pass& pass = passes_[index(Kind::kNormalize)];
  timing::Stream& scores = open(pass, "normalize");
  timing::Region& region = pass.region->region;
  timing::Stream& out =
      region.add_stream("probability_stream", context_.config.attention.score_stream_depth,
                        shape_.score_lanes(), context_.data);
  Activity a;
  a[Event::kExponential] = a[Event::kMultiply32x32] = shape_.softmax_slots * shape_.heads;
  timing::Process& process = open_process(*pass.region, 0, "normalize", a);
  auto* pipeline = &add_phase(
      process, plain(softmax.normalize_ii, softmax.normalize_depth),
      kernels::SoftmaxNormalize<N>(shape_, {rows_.data(), 2 * shape_.heads}), {&scores}, {&out});
  timing::Process& writer = open_process(*pass.region, 0, "write_scores", {});
  write_ = &add_phase(writer, Loop::kAttentionWriteScores, kernels::WriteScores<N>(score_items_),
                      {&out}, {});
  out_ = std::make_unique<WritePort>(context_, "write_scores", writer.number(),
                                     std::vector{DramTensor::kScores}, region);
  pass.start = [this, pipeline] { pipeline->actor().start(blocks_); };
}

EngineRegion& SoftmaxEngine::start(const SoftmaxPass& op, std::uint32_t step, timing::Cycle first) {
  Pass& pass = passes_[index(op.kind)];
  const int items = shape_.scores(context_.config.network.tokens());
  pass.read->actor().start(score_items_.packed<N>(0, items));
  pass.read->read_binding(0) = pass.in->bind(op.scores, step);
  pass.start();
  if (op.kind == Kind::kNormalize) {
    write_->actor().start(score_items_.packed<N>(0, items));
    write_->write_binding(0) = out_->bind(op.scores, step);
  }
  pass.region->region.start(first);
  return *pass.region;
}

}  // namespace m3sim
