// The tops: one function per kernel, for the parameters in shapes.hpp.
//
// Arguments in this order: input streams, output streams, memory ports read, memory ports written
// (words from word 0 of the tensor bound to the port), memories that lie outside the actor, and the
// registers loaded at start, in the order of the actor's Params.
#pragma once
#include "model/hls/ports.hpp"

namespace m3sim {
namespace hls {

constexpr int power_of_two(int at_least) {
  int p = 1;
  while (p < at_least) p *= 2;
  return p;
}

// Sizes of streams' items and of memories, in lanes.
constexpr int kWidth = kTokenWords * kFeatures;
constexpr int kCacheLanes = kCacheWords * kOutTile * kFeatures;
constexpr int kWeightLanes = kWeightTiles * kInTile * kOutTile;
constexpr int kBiasLanes = kBiasBlocks * kOutTile;
constexpr int kInBlockLanes = kInBlocks * kInTile;
constexpr int kQueueLanes = 2 * kExperts * kTokens;
constexpr int kPackedLanes = kRows * power_of_two(kHeads);
constexpr int kScoreLanes = kSoftmaxSlots * power_of_two(kHeads);
constexpr int kInfoLanes = power_of_two(2 * kHeads);
constexpr int kRowBlockLanes = kTokenWords * kRows * kFeatures;
constexpr int kGateWeightLanes = (kTokenWords + kTaskWords) * kExperts * kFeatures;
constexpr int kTaskLanes = (kTaskWords > 0 ? kTaskWords : 1) * kFeatures;
constexpr int kTokenBankLanes = kTokenBanks * kWidth;
constexpr int kPatchChunk = kPatch < 4 * kFeatures ? kPatch : 4 * kFeatures;
constexpr int kPatchesPerWord = 4 * kFeatures / kPatchChunk;
constexpr int kPatchWeightLanes = kChannels * kPatch * kPatch * kWidth;
constexpr int kPatchSumLanes = kRowBanks * (kImageWidth / kPatch) * kWidth;

extern "C" {

// The linear unit
void linear_weight_load(Memory matrix, std::int32_t cache[kCacheLanes],
                        std::int16_t weights[kWeightLanes], std::int32_t first_word,
                        std::int32_t rows, std::int32_t row_words, std::int32_t first_tile);
void linear_bias_load(Memory vector, std::int32_t biases[kBiasLanes], std::int32_t first_word,
                      std::int32_t words, std::int32_t attention, std::int32_t first_block);
void linear_read_direct(Stream<kInTile> items, Memory tensor, std::int32_t first_word,
                        std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                        std::int32_t row_stride);
void linear_read_indirect(Stream<kInTile> items, Stream<1> numbers, Memory tensor,
                          std::int32_t queues[kQueueLanes], std::int32_t first_word,
                          std::int32_t first_entry, std::int32_t length, std::int32_t token_words);
void linear_compute(Stream<kInTile> items, Stream<kOutTile> results,
                    std::int32_t kept[kInBlockLanes], std::int16_t weights[kWeightLanes],
                    std::int32_t biases[kBiasLanes], std::int32_t tokens, std::int32_t in_blocks,
                    std::int32_t out_blocks, std::int32_t gelu, std::int32_t first_tile,
                    std::int32_t first_block);
void linear_write_direct(Stream<kOutTile> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride);
void linear_write_indirect(Stream<kOutTile> items, Stream<1> numbers, Memory sums, Memory tensor,
                           std::int32_t queues[kQueueLanes], std::int32_t first_word,
                           std::int32_t first_entry, std::int32_t length, std::int32_t row_words,
                           std::int32_t row_stride, std::int32_t scaled);

// Attention
void attention_read_q(Stream<kFeatures> items, Memory tensor, std::int32_t first_word,
                      std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                      std::int32_t row_stride);
void attention_read_rotated(Stream<kFeatures> items, Memory tensor, std::int32_t tokens,
                            std::int32_t whole_blocks, std::int32_t rest_keys,
                            std::int32_t first_word, std::int32_t scale);
void attention_qk(Stream<kFeatures> q, Stream<kFeatures> k, Stream<kPackedLanes> logits,
                  std::int32_t q_blocks[kRowBlockLanes], std::int32_t tokens,
                  std::int32_t whole_blocks, std::int32_t rest_keys, std::int32_t first_word,
                  std::int32_t scale);
void attention_finalize(Stream<kPackedLanes> logits, Stream<kScoreLanes> scores,
                        Stream<kInfoLanes> info, std::int32_t tokens, std::int32_t whole_blocks,
                        std::int32_t rest_keys, std::int32_t first_word, std::int32_t scale);
void attention_write_scores(Stream<kScoreLanes> items, Memory tensor, std::int32_t first_word,
                            std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                            std::int32_t row_stride);
void attention_write_info(Stream<kInfoLanes> items, Memory tensor, std::int32_t first_word,
                          std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                          std::int32_t row_stride);
void attention_read_scores(Stream<kScoreLanes> items, Memory tensor, std::int32_t first_word,
                           std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                           std::int32_t row_stride);
void attention_read_info(Stream<kInfoLanes> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride);
void attention_prepare(Stream<kScoreLanes> scores, Stream<kPackedLanes> packed, std::int32_t items);
void attention_attn_v(Stream<kPackedLanes> scores, Stream<kInfoLanes> info, Stream<kFeatures> v,
                      Stream<kFeatures> sums, std::int32_t sum_blocks[kRowBlockLanes],
                      std::int32_t tokens, std::int32_t whole_blocks, std::int32_t rest_keys,
                      std::int32_t first_word, std::int32_t scale);
void attention_write_out(Stream<kFeatures> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride);

// The gate: its state between phases is an argument of each
void gate_weight_load(Memory matrix, std::int16_t weights[kGateWeightLanes],
                      std::int32_t first_word);
void gate_read(Stream<kFeatures> items, Memory tensor, std::int32_t first_word, std::int32_t rows,
               std::int32_t row_chunks, std::int32_t row_words, std::int32_t row_stride);
void gate_mat_vec(Stream<kFeatures> items, std::int32_t logits[kExperts],
                  std::int16_t weights[kGateWeightLanes], std::int32_t task[kTaskLanes]);
void gate_softmax(std::int32_t logits[kExperts], std::int32_t softmax[2]);
void gate_top_k(std::int32_t logits[kExperts], std::int32_t top_logits[kTopK],
                std::int32_t top_experts[kTopK]);
void gate_exp_divide(Stream<kTopK> experts, Stream<kTopK> scores, std::int32_t softmax[2],
                     std::int32_t top_logits[kTopK], std::int32_t top_experts[kTopK]);
void gate_write_results(Stream<kTopK> experts, Stream<kTopK> scores,
                        std::int32_t queues[kQueueLanes], std::int32_t lengths[kExperts],
                        std::int32_t tokens);
void gate_meta_queue(std::int32_t lengths[kExperts], std::int32_t active[kExperts],
                     std::int32_t active_count[1]);
void gate_zero_output(Memory tensor, std::int32_t first_word, std::int32_t rows,
                      std::int32_t row_chunks, std::int32_t row_words, std::int32_t row_stride);
void gate_task_embedding(Memory parameters, std::int32_t hidden[kTaskHidden],
                         std::int32_t embedding[kTaskOutputs], std::int32_t bias1_word,
                         std::int32_t column_word, std::int32_t bias2_word,
                         std::int32_t weight2_word);

// Layer norm
void norm_load(Memory parameters, std::int16_t vector[kWidth], std::int32_t first_word);
void norm_accumulate(Memory tokens, std::int32_t token_buffer[kTokenBankLanes],
                     std::int32_t sums[2 * kTokenBanks], std::int32_t first_word,
                     std::int32_t bank);
void norm_output(Memory tokens, std::int32_t token_buffer[kTokenBankLanes],
                 std::int32_t sums[2 * kTokenBanks], std::int16_t scales[kWidth],
                 std::int16_t shifts[kWidth], std::int32_t first_word, std::int32_t bank);

// Patch embedding
void patch_weight_load(Memory matrix, std::int16_t weights[kPatchWeightLanes],
                       std::int32_t first_word);
void patch_bias_load(Memory parameters, std::int16_t vector[kWidth], std::int32_t first_word);
void patch_read_pixels(Stream<kFeatures> pixels, Memory image, std::int32_t first_word,
                       std::int32_t channel_words);
void patch_accumulate(Stream<kFeatures> pixels, std::int16_t weights[kPatchWeightLanes],
                      std::int16_t biases[kWidth], std::int32_t sums[kPatchSumLanes],
                      std::int32_t bank);
void patch_output(Memory position, Memory tokens, std::int32_t sums[kPatchSumLanes],
                  std::int32_t position_word, std::int32_t out_word, std::int32_t bank);
void patch_class_token(Memory position, Memory tokens, std::int32_t from_word,
                       std::int32_t from_rows, std::int32_t from_chunks,
                       std::int32_t from_row_words, std::int32_t from_stride, std::int32_t to_word,
                       std::int32_t to_rows, std::int32_t to_chunks, std::int32_t to_row_words,
                       std::int32_t to_stride);

// Residual add
void residual_add(Memory x, Memory y, Memory sum, std::int32_t words, std::int32_t x_word,
                  std::int32_t y_word, std::int32_t out_word);

// Arithmetic units
void unit_exponential(Stream<1> arguments, Stream<1> results, std::int32_t items);
void unit_reciprocal(Stream<1> arguments, Stream<1> results, std::int32_t items);
void unit_square_root(Stream<1> arguments, Stream<1> results, std::int32_t items);
void unit_divide(Stream<2> arguments, Stream<1> results, std::int32_t items);
void unit_gelu(Stream<1> arguments, Stream<1> results, std::int32_t items);

}  // extern "C"

/// What a bench is made of: M3SIM_HLS_TOPS(X) is X(name) for every top.
#define M3SIM_HLS_TOPS(X)   \
  X(linear_weight_load)     \
  X(linear_bias_load)       \
  X(linear_read_direct)     \
  X(linear_read_indirect)   \
  X(linear_compute)         \
  X(linear_write_direct)    \
  X(linear_write_indirect)  \
  X(attention_read_q)       \
  X(attention_read_rotated) \
  X(attention_qk)           \
  X(attention_finalize)     \
  X(attention_write_scores) \
  X(attention_write_info)   \
  X(attention_read_scores)  \
  X(attention_read_info)    \
  X(attention_prepare)      \
  X(attention_attn_v)       \
  X(attention_write_out)    \
  X(gate_weight_load)       \
  X(gate_read)              \
  X(gate_mat_vec)           \
  X(gate_softmax)           \
  X(gate_top_k)             \
  X(gate_exp_divide)        \
  X(gate_write_results)     \
  X(gate_meta_queue)        \
  X(gate_zero_output)       \
  X(gate_task_embedding)    \
  X(norm_load)              \
  X(norm_accumulate)        \
  X(norm_output)            \
  X(patch_weight_load)      \
  X(patch_bias_load)        \
  X(patch_read_pixels)      \
  X(patch_accumulate)       \
  X(patch_output)           \
  X(patch_class_token)      \
  X(residual_add)           \
  X(unit_exponential)       \
  X(unit_reciprocal)        \
  X(unit_square_root)       \
  X(unit_divide)            \
  X(unit_gelu)

}  // namespace hls
}  // namespace m3sim
