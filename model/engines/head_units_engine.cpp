#include "model/engines/head_units_engine.hpp"

#include <algorithm>

namespace m3sim {

using timing::Activity;
using timing::Event;
using timing::Stream;

namespace {

const std::vector<DramTensor> kTokens{DramTensor::kTmp1, DramTensor::kTmp2, DramTensor::kTmp3,
                                      DramTensor::kHidden};

kernels::AttentionShape unit_shape(const EngineContext& context) {
  kernels::AttentionShape shape = attention_shape(context.config);
  shape.heads = context.config.network.heads / context.config.attention.head_units;
  return shape;
}

}  // namespace

HeadUnitsEngine::HeadUnitsEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context),
      shape_(unit_shape(context)),
      words_(context.token_words()),
      attend_(add_region("head_units")) {
  const NetworkConfig& network = context.config.network;
  token_items_ = {shape_.features, shape_.features, false};
  blocks_ = kernels::BlockLoop<N>::Params::of(network.tokens(), shape_.rows);
  blocks_.scale = score_scale(network.head_width());
  const int stage = attend_.region.add_stage();
  const auto lanes = static_cast<std::size_t>(shape_.token_words() * shape_.rows * shape_.features);
  for (int u = 0; u < context.config.attention.head_units; ++u) {
    units_.push_back(std::make_unique<Unit>());
    units_.back()->q_blocks.resize(lanes);
    units_.back()->sums.resize(lanes);
    build_scores(*units_.back(), std::to_string(u), stage);
    build_products(*units_.back(), std::to_string(u), stage);
  }
}

Stream& HeadUnitsEngine::stream(const std::string& name, int depth, int lanes) {
  return attend_.region.add_stream(name, depth, lanes, context_.data);
}

void HeadUnitsEngine::build_scores(Unit& unit, const std::string& number, int stage) {
  const AttentionConfig& a = context_.config.attention;
  Stream& q = stream("q_stream" + number, a.q_stream_depth, shape_.features);
  Stream& k = stream("k_stream" + number, a.kv_stream_depth, shape_.features);
  products_ = &stream("product_stream" + number, a.product_stream_depth, shape_.packed_lanes());
  // A row's scores wait until its last key has passed: a block of rows and the one that begins.
  const int items = shape_.rows / shape_.softmax_slots;
  const int keys = context_.config.network.tokens() + 2 * shape_.rows;
  scores_ = &stream("held_scores" + number, std::max(a.score_stream_depth, keys * items),
                    shape_.score_lanes());
  info_ = &stream("info_stream" + number, std::max(a.info_stream_depth, shape_.rows + 1),
                  shape_.info_lanes());

  timing::Process& read_q = open_process(attend_, stage, "read_q" + number, {});
  // A unit's part of each query is a request of its own, so requests are made in the loop.
  timing::LoopTiming q_loop =
      timing::loop_timing(context_.config.loops[Loop::kAttentionReadQ], context_.config.port);
  if (q_loop.take_stage == 0) {
    q_loop.request_before_loop = false;
    q_loop.take_stage = context_.config.port.scheduled_latency;
    q_loop.depth += q_loop.take_stage;
    q_loop.put_stage = q_loop.depth - 1;
  }
  unit.read_q = &add_phase(read_q, q_loop, kernels::ReadTokens<N>(token_items_), {}, {&q});
  unit.q = std::make_unique<ReadPort>(context_, "read_q" + number, read_q.number(), kTokens);
  timing::Process& read_k = open_process(attend_, stage, "read_k" + number, {});
  unit.read_k =
      &add_phase(read_k, Loop::kAttentionReadKv, kernels::ReadHeads<N>(shape_, words_), {}, {&k});
  unit.k = std::make_unique<ReadPort>(context_, "read_k" + number, read_k.number(), kTokens);

  const std::int64_t macs = shape_.rows * shape_.features;
  Activity multiply;
  multiply[Event::kMultiply32x32] = macs + shape_.rows;  // the scale is a product, too
  multiply[Event::kBufferReadBits] = 32 * macs;
  timing::Process& multiply_k = open_process(attend_, stage, "multiply_k" + number, multiply);
  unit.multiply_k =
      &add_phase(multiply_k, Loop::kAttentionQMatmulK,
                 kernels::QxK<N>(shape_, {unit.q_blocks.data(), shape_.rows * shape_.features}),
                 {&q, &k}, {products_});
  unit.multiply_k->read_in_bulk(1, key_words());

  const std::int64_t finished = shape_.softmax_slots * shape_.heads;
  Activity softmax;
  softmax[Event::kExponential] = finished;
  softmax[Event::kReciprocal] = finished;
  softmax[Event::kMultiply32x32] = finished;
  softmax[Event::kAdd] = 2 * finished;
  timing::Process& finalize = open_process(attend_, stage, "finalize" + number, softmax);
  unit.finalize = &add_phase(finalize, Loop::kAttentionFinalize, kernels::Finalize<N>(shape_),
                             {products_}, {scores_, info_});
}

void HeadUnitsEngine::build_products(Unit& unit, const std::string& number, int stage) {
  const AttentionConfig& a = context_.config.attention;
  Stream& v = stream("v_stream" + number, a.kv_stream_depth, shape_.features);
  Stream& prepared =
      stream("prepared_stream" + number, a.product_stream_depth, shape_.packed_lanes());
  Stream& out = stream("out_stream" + number, a.out_stream_depth, shape_.features);

  timing::Process& read_v = open_process(attend_, stage, "read_v" + number, {});
  unit.read_v =
      &add_phase(read_v, Loop::kAttentionReadKv, kernels::ReadHeads<N>(shape_, words_), {}, {&v});
  unit.v = std::make_unique<ReadPort>(context_, "read_v" + number, read_v.number(), kTokens);
  timing::Process& prepare = open_process(attend_, stage, "prepare" + number, {});
  unit.prepare = &add_phase(prepare, Loop::kAttentionPrepare, kernels::Prepare<N>(shape_),
                            {scores_}, {&prepared});

  const std::int64_t macs = shape_.rows * shape_.features;
  Activity multiply;
  multiply[Event::kMultiply32x32] = macs;
  multiply[Event::kBufferReadBits] = 32 * macs;
  multiply[Event::kBufferWriteBits] = 32 * macs;
  timing::Process& multiply_v = open_process(attend_, stage, "multiply_v" + number, multiply);
  unit.multiply_v =
      &add_phase(multiply_v, Loop::kAttentionAttnMatmulV,
                 kernels::AttnxV<N>(shape_, {unit.sums.data(), shape_.rows * shape_.features}),
                 {&prepared, info_, &v}, {&out});
  unit.multiply_v->read_in_bulk(2, value_words());
  timing::Process& write_out = open_process(attend_, stage, "write_out" + number, {});
  unit.write_out = &add_phase(write_out, Loop::kAttentionWriteOut,
                              kernels::WriteTokens<N>(token_items_), {&out}, {});
  unit.out = std::make_unique<WritePort>(context_, "write_out" + number, write_out.number(),
                                         std::vector{DramTensor::kTmp1}, attend_.region);
}

EngineRegion& HeadUnitsEngine::start(const AttendHeads& op, std::uint32_t step,
                                     timing::Cycle first) {
  const int tokens = context_.config.network.tokens(), words = shape_.token_words();
  for (std::size_t u = 0; u < units_.size(); ++u) {
    Unit& unit = *units_[u];
    const int first_word = static_cast<int>(u) * words;
    const auto own = token_items_.tokens<N>(first_word, tokens, words, words_);
    auto blocks = blocks_;
    blocks.first_word = first_word;
    unit.read_q->actor().start(own);
    unit.read_q->read_binding(0) = unit.q->bind(op.q, step);
    unit.read_k->actor().start(blocks);
    unit.read_k->read_binding(0) = unit.k->bind(op.k, step);
    unit.multiply_k->actor().start(blocks_);
    unit.finalize->actor().start(blocks_);
    unit.read_v->actor().start(blocks);
    unit.read_v->read_binding(0) = unit.v->bind(op.v, step);
    unit.prepare->actor().start({shape_.scores(tokens)});
    unit.multiply_v->actor().start(blocks_);
    unit.write_out->actor().start(own);
    unit.write_out->write_binding(0) = unit.out->bind(op.out, step);
  }
  attend_.region.start(first);
  return attend_;
}

}  // namespace m3sim
