#include "model/engines/attention_engine.hpp"

#include <algorithm>
#include <cmath>

namespace m3sim {

using timing::Activity;
using timing::Event;
using timing::Stream;

namespace {

const std::vector<DramTensor> kTokens{DramTensor::kTmp1, DramTensor::kTmp2, DramTensor::kTmp3};

template <class Multiply>
int words_of_token(const Multiply& m) {
  return m.head.limit * m.head_word.limit;
}
template <class Multiply>
void skip_words(Multiply& m, int count) {
  m.word += count - 1;
  m.head.at = m.word / m.head_word.limit;
  m.head_word.at = m.word % m.head_word.limit;
  m.next();
}

}  // namespace

timing::Runs<kernels::QxK<kernels::Ints>> key_words() {
  using Multiply = kernels::QxK<kernels::Ints>;
  return {[](const Multiply& m) {
            return m.loop.loads_row(m.shape.rows) ? 0 : words_of_token(m) - 1 - m.word;
          },
          skip_words<Multiply>};
}

timing::Runs<kernels::AttnxV<kernels::Ints>> value_words() {
  using Multiply = kernels::AttnxV<kernels::Ints>;
  return {[](const Multiply& m) { return m.word == 0 || m.writes(0) ? 0 : words_of_token(m) - m.word; },
          skip_words<Multiply>};
}

std::int32_t score_scale(int head_width) {
  const std::int64_t square = (std::int64_t{1} << 44) / head_width;
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(square)));
  while (root * root > square) --root;
  while ((root + 1) * (root + 1) <= square) ++root;
  return static_cast<std::int32_t>(root);
}

kernels::AttentionShape attention_shape(const AcceleratorConfig& config) {
  kernels::AttentionShape shape;
  shape.features = config.word.features();
  shape.rows = config.attention.reordered ? config.attention.rows : 1;
  shape.heads = config.network.heads;
  shape.head_words = config.network.head_width() / config.word.features();
  shape.softmax_slots = config.attention.reordered ? config.attention.softmax_lanes : 1;
  shape.single = config.loops[Loop::kAttentionReadKv].single();
  return shape;
}

timing::LoopTiming finalize_timing(const AcceleratorConfig& config) {
  timing::LoopTiming loop =
      timing::loop_timing(config.loops[Loop::kAttentionFinalize], config.port);
  if (!config.attention.reordered) loop.ii *= config.attention.rows;
  return loop;
}

AttentionEngine::AttentionEngine(const sc_core::sc_module_name& name, EngineContext& context)
    : Engine(name, context), qk_(add_region("qk")), av_(add_region("av")) {
  const AcceleratorConfig& config = context.config;
  shape_ = attention_shape(config);
  token_items_ = {shape_.features, shape_.features, false};
  score_items_ = {shape_.features, shape_.score_lanes(), false};
  info_items_ = {shape_.features, shape_.info_lanes(), false};
  blocks_ = kernels::BlockLoop<N>::Params::of(config.network.tokens(), shape_.rows);
  blocks_.scale = score_scale(config.network.head_width());
  const auto lanes = static_cast<std::size_t>(shape_.token_words() * shape_.rows * shape_.features);
  q_blocks_.resize(lanes);
  sums_.resize(lanes);
  build_qk();
  build_av();
}

void AttentionEngine::build_qk() {
  const AttentionConfig& a = context_.config.attention;
  timing::Region& region = qk_.region;
  const bool data = context_.data;
  Stream& q = region.add_stream("q_stream", a.q_stream_depth, shape_.features, data);
  Stream& k = region.add_stream("k_stream", a.kv_stream_depth, shape_.features, data);
  Stream& products =
      region.add_stream("product_stream", a.product_stream_depth, shape_.packed_lanes(), data);
  Stream& scores =
      region.add_stream("score_stream", a.score_stream_depth, shape_.score_lanes(), data);
  const int stage = region.add_stage();

  timing::Process& read_q = open_process(qk_, stage, "read_q", {});
  read_q_ =
      &add_phase(read_q, Loop::kAttentionReadQ, kernels::ReadTokens<N>(token_items_), {}, {&q});
  q_ = std::make_unique<ReadPort>(context_, "read_q", read_q.number(), kTokens);

  build_reader(read_k_, qk_, stage, "read_k", k);

  const std::int64_t macs = shape_.rows * shape_.features;
  Activity multiply;
  multiply[Event::kMultiply32x32] = macs + shape_.rows;  // the scale is a product, too
  multiply[Event::kBufferReadBits] = 32 * macs;
  timing::Process& multiply_k = open_process(qk_, stage, "multiply_k", multiply);
  multiply_k_ =
      &add_phase(multiply_k, Loop::kAttentionQMatmulK,
                 kernels::QxK<N>(shape_, {q_blocks_.data(), shape_.rows * shape_.features}),
                 {&q, &k}, {&products});
  multiply_k_->read_in_bulk(1, key_words());

  build_finalize(products, scores);
}

/// From the scores of p rows on: the single-pass softmax, or raw scores for passes to come.
void AttentionEngine::build_finalize(Stream& products, Stream& scores) {
  const int stage = 0;
  timing::Region& region = qk_.region;
  Stream* info = nullptr;
  if (single_pass()) {
    info = &region.add_stream("info_stream", context_.config.attention.info_stream_depth,
                              shape_.info_lanes(), context_.data);
    const std::int64_t items = shape_.softmax_slots * shape_.heads;
    Activity softmax;
    softmax[Event::kExponential] = items;
    softmax[Event::kReciprocal] = items;
    softmax[Event::kMultiply32x32] = items;
    softmax[Event::kAdd] = 2 * items;
    timing::Process& finalize = open_process(qk_, stage, "finalize", softmax);
    finalize_ = &add_phase(finalize, finalize_timing(context_.config), kernels::Finalize<N>(shape_),
                           {&products}, {&scores, info});
  } else {
    timing::Process& split = open_process(qk_, stage, "split", {});
    split_ = &add_phase(split, Loop::kAttentionPrepare, kernels::SplitScores<N>(shape_),
                        {&products}, {&scores});
  }
  timing::Process& write_scores = open_process(qk_, stage, "write_scores", {});
  write_scores_ = &add_phase(write_scores, Loop::kAttentionWriteScores,
                             kernels::WriteScores<N>(score_items_), {&scores}, {});
  scores_out_ = std::make_unique<WritePort>(context_, "write_scores", write_scores.number(),
                                            std::vector{DramTensor::kScores}, region);
  if (!info) return;
  timing::Process& write_info = open_process(qk_, stage, "write_softmax_info", {});
  write_info_ = &add_phase(write_info, Loop::kAttentionWriteSoftmaxInfo,
                           kernels::WriteSoftmaxInfo<N>(info_items_), {info}, {});
  info_out_ = std::make_unique<WritePort>(context_, "write_softmax_info", write_info.number(),
                                          std::vector{DramTensor::kSoftmaxInfo}, region);
}

void AttentionEngine::build_reader(KvReader& reader, EngineRegion& region, int stage,
                                   const std::string& name, Stream& out) {
  const AttentionConfig& a = context_.config.attention;
  const int tokens = context_.config.network.tokens(), words = context_.token_words();
  if (a.reordered || a.kv_call == KvCall::kAll) {
    timing::Process& process = open_process(region, stage, name, {});
    reader.rotated =
        &add_phase(process, Loop::kAttentionReadKv, kernels::ReadRotated<N>(shape_), {}, {&out});
    reader.port = std::make_unique<ReadPort>(context_, name, process.number(), kTokens);
    return;
  }
  // Calls with their request before the loop, as the reader of Q has it.
  const int keys = a.kv_call == KvCall::kKeys ? a.rows : tokens;
  const int groups = (tokens + keys - 1) / keys;
  timing::Process& process =
      open_process(region, stage, name, {}, [=](int) { return tokens * groups; });
  reader.calls = &add_phase(process, Loop::kAttentionReadQ, kernels::ReadTokens<N>(token_items_),
                            {}, {&out}, [this, &reader, keys, groups, tokens, words](int call) {
                              const int first = call % groups * keys;
                              reader.calls->actor().start(token_items_.tokens<N>(
                                  first * words, std::min(keys, tokens - first), words, words));
                            });
  reader.port = std::make_unique<ReadPort>(context_, name, process.number(), kTokens);
}

void AttentionEngine::start_reader(KvReader& reader, const TensorRef& ref, std::uint32_t step) {
  const timing::ReadBinding binding = reader.port->bind(ref, step);
  if (reader.calls) {
    reader.calls->read_binding(0) = binding;
    return;
  }
  reader.rotated->actor().start(blocks_);
  reader.rotated->read_binding(0) = binding;
}

void AttentionEngine::build_av() {
  const AttentionConfig& a = context_.config.attention;
  timing::Region& region = av_.region;
  const bool data = context_.data;
  Stream& v = region.add_stream("v_stream", a.kv_stream_depth, shape_.features, data);
  Stream& scores =
      region.add_stream("score_stream", a.score_stream_depth, shape_.score_lanes(), data);
  Stream& info = region.add_stream("info_stream", a.info_stream_depth, shape_.info_lanes(), data);
  Stream& products =
      region.add_stream("product_stream", a.product_stream_depth, shape_.packed_lanes(), data);
  Stream& out = region.add_stream("out_stream", a.out_stream_depth, shape_.features, data);
  const int stage = region.add_stage();

  build_reader(read_v_, av_, stage, "read_v", v);

  timing::Process& read_scores = open_process(av_, stage, "read_scores", {});
  read_scores_ = &add_phase(read_scores, Loop::kAttentionReadScores,
                            kernels::ReadScores<N>(score_items_), {}, {&scores});
  scores_in_ = std::make_unique<ReadPort>(context_, "read_scores", read_scores.number(),
                                          std::vector{DramTensor::kScores});
  if (single_pass()) {
    timing::Process& read_info = open_process(av_, stage, "read_softmax_info", {});
    read_info_ = &add_phase(read_info, Loop::kAttentionReadSoftmaxInfo,
                            kernels::ReadSoftmaxInfo<N>(info_items_), {}, {&info});
    info_in_ = std::make_unique<ReadPort>(context_, "read_softmax_info", read_info.number(),
                                          std::vector{DramTensor::kSoftmaxInfo});
  }

  timing::Process& prepare = open_process(av_, stage, "prepare", {});
  prepare_ = &add_phase(prepare, Loop::kAttentionPrepare, kernels::Prepare<N>(shape_), {&scores},
                        {&products});

  const std::int64_t macs = shape_.rows * shape_.features;
  Activity multiply;
  multiply[Event::kMultiply32x32] = macs;
  multiply[Event::kBufferReadBits] = 32 * macs;
  multiply[Event::kBufferWriteBits] = 32 * macs;
  timing::Process& multiply_v = open_process(av_, stage, "multiply_v", multiply);
  const N::Memory sums{sums_.data(), shape_.rows * shape_.features};
  if (single_pass()) {
    multiply_v_ = &add_phase(multiply_v, Loop::kAttentionAttnMatmulV,
                             kernels::AttnxV<N>(shape_, sums), {&products, &info, &v}, {&out});
    multiply_v_->read_in_bulk(2, value_words());
  } else {
    multiply_p_ =
        &add_phase(multiply_v, Loop::kAttentionAttnMatmulV, kernels::ProbabilityxV<N>(shape_, sums),
                   {&products, &info, &v}, {&out});
  }

  timing::Process& write_out = open_process(av_, stage, "write_out", {});
  write_out_ = &add_phase(write_out, Loop::kAttentionWriteOut,
                          kernels::WriteTokens<N>(token_items_), {&out}, {});
  out_ = std::make_unique<WritePort>(context_, "write_out", write_out.number(), kTokens, region);
}

EngineRegion& AttentionEngine::start(const MultiplyQK& op, std::uint32_t step,
                                     timing::Cycle first) {
  const int tokens = context_.config.network.tokens(), words = context_.token_words();
  read_q_->actor().start(token_items_.tokens<N>(0, tokens, words, words));
  read_q_->read_binding(0) = q_->bind(op.q, step);
  start_reader(read_k_, op.k, step);
  multiply_k_->actor().start(blocks_);
  if (finalize_) finalize_->actor().start(blocks_);
  if (split_) split_->actor().start({shape_.scores(tokens)});
  write_scores_->actor().start(score_items_.packed<N>(0, shape_.scores(tokens)));
  write_scores_->write_binding(0) = scores_out_->bind(op.scores, step);
  if (write_info_) {
    write_info_->actor().start(info_items_.packed<N>(0, tokens));
    write_info_->write_binding(0) = info_out_->bind(op.info, step);
  }
  qk_.region.start(first);
  return qk_;
}

EngineRegion& AttentionEngine::start(const MultiplyAV& op, std::uint32_t step,
                                     timing::Cycle first) {
  const int tokens = context_.config.network.tokens(), words = context_.token_words();
  start_reader(read_v_, op.v, step);
  read_scores_->actor().start(score_items_.packed<N>(0, shape_.scores(tokens)));
  read_scores_->read_binding(0) = scores_in_->bind(op.scores, step);
  if (read_info_) {
    read_info_->actor().start(info_items_.packed<N>(0, tokens));
    read_info_->read_binding(0) = info_in_->bind(op.info, step);
  }
  prepare_->actor().start({shape_.scores(tokens)});
  if (multiply_v_) multiply_v_->actor().start(blocks_);
  if (multiply_p_) multiply_p_->actor().start(blocks_);
  write_out_->actor().start(token_items_.tokens<N>(0, tokens, words, words));
  write_out_->write_binding(0) = out_->bind(op.out, step);
  av_.region.start(first);
  return av_;
}

}  // namespace m3sim
