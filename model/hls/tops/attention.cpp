// Tops of attention: kernels/attention_out.hpp.
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"
#include "model/kernels/attention_out.hpp"

namespace m3sim {
namespace hls {
namespace {

kernels::AttentionShape attention_shape() {
  return {kFeatures, kRows, kHeads, kHeadWords, kSoftmaxSlots, kRotatedSingle};
}

kernels::TransferShape words() { return {kFeatures, kFeatures, false}; }

kernels::BlockLoop<HlsInts>::Params blocks(std::int32_t tokens, std::int32_t whole_blocks,
                                           std::int32_t rest_keys, std::int32_t first_word,
                                           std::int32_t scale) {
  kernels::BlockLoop<HlsInts>::Params p;
  p.tokens = tokens;
  p.whole_blocks = whole_blocks;
  p.rest_keys = rest_keys;
  p.first_word = first_word;
  p.scale = scale;
  return p;
}

}  // namespace

void attention_read_q(Stream<kFeatures> items, Memory tensor, std::int32_t first_word,
                      std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                      std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadItems<HlsInts> actor(words());
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(items), reads(tensor), writes());
}

void attention_read_rotated(Stream<kFeatures> items, Memory tensor, std::int32_t tokens,
                            std::int32_t whole_blocks, std::int32_t rest_keys,
                            std::int32_t first_word, std::int32_t scale) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadRotated<HlsInts> actor(attention_shape());
  M3SIM_HLS_ACTOR(actor)
  actor.start(blocks(tokens, whole_blocks, rest_keys, first_word, scale));
  run(actor, in(), out(items), reads(tensor), writes());
}

void attention_qk(Stream<kFeatures> q, Stream<kFeatures> k, Stream<kPackedLanes> logits,
                  std::int32_t q_blocks[kRowBlockLanes], std::int32_t tokens,
                  std::int32_t whole_blocks, std::int32_t rest_keys, std::int32_t first_word,
                  std::int32_t scale) {
  M3SIM_HLS_STREAM(q)
  M3SIM_HLS_STREAM(k)
  M3SIM_HLS_STREAM(logits)
  kernels::QxK<HlsInts> actor(attention_shape(), {q_blocks, kRows * kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start(blocks(tokens, whole_blocks, rest_keys, first_word, scale));
  run(actor, in(q, k), out(logits), reads(), writes());
}

void attention_finalize(Stream<kPackedLanes> logits, Stream<kScoreLanes> scores,
                        Stream<kInfoLanes> info, std::int32_t tokens, std::int32_t whole_blocks,
                        std::int32_t rest_keys, std::int32_t first_word, std::int32_t scale) {
  M3SIM_HLS_STREAM(logits)
  M3SIM_HLS_STREAM(scores)
  M3SIM_HLS_STREAM(info)
  kernels::Finalize<HlsInts> actor(attention_shape());
  M3SIM_HLS_ACTOR(actor)
  actor.start(blocks(tokens, whole_blocks, rest_keys, first_word, scale));
  run(actor, in(logits), out(scores, info), reads(), writes());
}

void attention_write_scores(Stream<kScoreLanes> items, Memory tensor, std::int32_t first_word,
                            std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                            std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteItems<HlsInts> actor(kernels::TransferShape{kFeatures, kScoreLanes, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(items), out(), reads(), writes(tensor));
}

void attention_write_info(Stream<kInfoLanes> items, Memory tensor, std::int32_t first_word,
                          std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                          std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteItems<HlsInts> actor(kernels::TransferShape{kFeatures, kInfoLanes, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(items), out(), reads(), writes(tensor));
}

void attention_read_scores(Stream<kScoreLanes> items, Memory tensor, std::int32_t first_word,
                           std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                           std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadItems<HlsInts> actor(kernels::TransferShape{kFeatures, kScoreLanes, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(items), reads(tensor), writes());
}

void attention_read_info(Stream<kInfoLanes> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadItems<HlsInts> actor(kernels::TransferShape{kFeatures, kInfoLanes, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(items), reads(tensor), writes());
}

void attention_prepare(Stream<kScoreLanes> scores, Stream<kPackedLanes> packed,
                       std::int32_t items) {
  M3SIM_HLS_STREAM(scores)
  M3SIM_HLS_STREAM(packed)
  kernels::Prepare<HlsInts> actor(attention_shape());
  M3SIM_HLS_ACTOR(actor)
  actor.start({items});
  run(actor, in(scores), out(packed), reads(), writes());
}

void attention_attn_v(Stream<kPackedLanes> scores, Stream<kInfoLanes> info, Stream<kFeatures> v,
                      Stream<kFeatures> sums, std::int32_t sum_blocks[kRowBlockLanes],
                      std::int32_t tokens, std::int32_t whole_blocks, std::int32_t rest_keys,
                      std::int32_t first_word, std::int32_t scale) {
  M3SIM_HLS_STREAM(scores)
  M3SIM_HLS_STREAM(info)
  M3SIM_HLS_STREAM(v)
  M3SIM_HLS_STREAM(sums)
  kernels::AttnxV<HlsInts> actor(attention_shape(), {sum_blocks, kRows * kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start(blocks(tokens, whole_blocks, rest_keys, first_word, scale));
  run(actor, in(scores, info, v), out(sums), reads(), writes());
}

void attention_write_out(Stream<kFeatures> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteItems<HlsInts> actor(words());
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(items), out(), reads(), writes(tensor));
}

}  // namespace hls
}  // namespace m3sim
