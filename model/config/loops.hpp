#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/config/words.hpp"

namespace m3sim {

/// How a loop accesses the bus.
enum class Request {
  kNone,
  kBurst,   // bursts of up to `port.max_burst_beats` beats
  kSingle,  // one bus word per iteration, each a transaction of its own
};

template <>
struct Words<Request> {
  static constexpr std::array<std::pair<Request, std::string_view>, 3> kTable{
      {{Request::kNone, "none"}, {Request::kBurst, "burst"}, {Request::kSingle, "single"}}};
};

/// What a pipeline does with iterations in flight while the next one has no input: run them on, or
/// hold.
enum class PipelineStyle { kFlushing, kStalling };

template <>
struct Words<PipelineStyle> {
  static constexpr std::array<std::pair<PipelineStyle, std::string_view>, 2> kTable{
      {{PipelineStyle::kFlushing, "flushing"}, {PipelineStyle::kStalling, "stalling"}}};
};

/// One flattened pipelined loop. Accesses "in the loop" have their scheduled latency
/// (`port.scheduled_latency`, `port.response_latency`) inside the depth; a request before the loop
/// is waited for once per call.
struct LoopConfig {
  int ii = 1;     // initiation interval, cycles
  int depth = 1;  // pipeline depth, cycles
  int reads_in_loop = 0;
  int writes_in_loop = 0;
  bool request_before_loop = false;
  Request request = Request::kNone;
  PipelineStyle style = PipelineStyle::kFlushing;

  bool single() const { return request == Request::kSingle; }
  bool operator==(const LoopConfig&) const = default;
};

/// Every pipelined loop and pipelined function of the published sources, in the order of the
/// synthesis log. A function's depth lies inside the depth of the loop that calls it.
enum class Loop : std::size_t {
  kOneTimeWeightsPatchEmbedBias,
  kOneTimeWeightsPatchEmbedWeights,
  kPatchEmbedAccumulateRead,
  kPatchEmbedAccumulateCompute,
  kPatchEmbedOutput,
  kPatchEmbedClassToken,
  kLoadNormsEachOfFour,
  kLayerNormAccumulate,
  kLayerNormSqrtFunction,
  kLayerNormDivideFunction,
  kLayerNormOutput,
  kLinearLoadWeights,
  kLinearLoadBias,
  kLinearReadInDirect,
  kLinearReadInIndirect,
  kLinearCompute,
  kLinearGeluFunction,
  kLinearWriteOutDirect,
  kLinearWriteOutIndirect,
  kAttentionReadQ,
  kAttentionReadKv,
  kAttentionQMatmulK,
  kAttentionExpFunction,
  kAttentionRecipFunction,
  kAttentionFinalize,
  kAttentionWriteScores,
  kAttentionWriteSoftmaxInfo,
  kAttentionReadScores,
  kAttentionReadSoftmaxInfo,
  kAttentionPrepare,
  kAttentionAttnMatmulV,
  kAttentionWriteOut,
  kResidualAdd,
  kGateLoadWeights,
  kGateReadInput,
  kGateMatvec,
  kGateSoftmaxUpdate,
  kGateTopK,
  kGateExpFunction,
  kGateDivideSequential,
  kGateWriteResults,
  kGateZeroOutput,
};

struct PublishedLoop {
  Loop loop;
  std::string_view name;  // <kernel>_<loop>, the section `loops.<name>`
  LoopConfig config;
  std::string_view help;
};

namespace detail {
constexpr LoopConfig plain(int ii, int depth) { return {.ii = ii, .depth = depth}; }
/// A burst requested before the loop.
constexpr LoopConfig hoisted(int ii, int depth) {
  return {.ii = ii, .depth = depth, .request_before_loop = true, .request = Request::kBurst};
}
constexpr LoopConfig in_loop(int ii, int depth, int reads, int writes, Request request) {
  return {.ii = ii,
          .depth = depth,
          .reads_in_loop = reads,
          .writes_in_loop = writes,
          .request = request};
}
}  // namespace detail

/// Initiation interval and depth of every loop, from a public Vitis HLS 2022.1 synthesis log of the
/// unchanged Edge-MoE sources on another part (xcu50, 3.33 ns). They are configuration, not
/// constants of nature: each value is the default of a key `loops.<name>.*`.
inline constexpr auto kPublishedLoops = std::to_array<PublishedLoop>({
    {Loop::kOneTimeWeightsPatchEmbedBias, "one_time_weights_patch_embed_bias",
     detail::hoisted(1, 3), "load the patch-embedding bias, once before the images"},
    {Loop::kOneTimeWeightsPatchEmbedWeights, "one_time_weights_patch_embed_weights",
     detail::in_loop(1, 76, 1, 0, Request::kSingle),
     "load the patch-embedding weights, once before the images"},
    {Loop::kPatchEmbedAccumulateRead, "patch_embed_accumulate_read", detail::hoisted(1, 3),
     "read a row of patches from the image"},
    {Loop::kPatchEmbedAccumulateCompute, "patch_embed_accumulate_compute", detail::plain(3, 33),
     "multiply a row of patches by the patch-embedding weights"},
    {Loop::kPatchEmbedOutput, "patch_embed_output", detail::hoisted(1, 5),
     "add bias and position embedding to a row of patches and write it"},
    {Loop::kPatchEmbedClassToken, "patch_embed_class_token", detail::hoisted(1, 3),
     "write the class token"},
    {Loop::kLoadNormsEachOfFour, "load_norms_each_of_four", detail::hoisted(1, 3),
     "load one of the four layer-norm parameter vectors of a layer"},
    {Loop::kLayerNormAccumulate, "layer_norm_accumulate",
     detail::in_loop(1, 80, 1, 0, Request::kBurst), "read a token and sum it and its squares"},
    {Loop::kLayerNormSqrtFunction, "layer_norm_sqrt_function", detail::plain(1, 23),
     "square root, inside the depth of layer norm's output"},
    {Loop::kLayerNormDivideFunction, "layer_norm_divide_function", detail::plain(1, 49),
     "division, inside the depth of layer norm's output"},
    {Loop::kLayerNormOutput, "layer_norm_output", detail::in_loop(1, 154, 0, 1, Request::kBurst),
     "normalise a token and write it"},
    {Loop::kLinearLoadWeights, "linear_load_weights", detail::hoisted(1, 5),
     "load a weight matrix into a weight bank, 16 weights a word"},
    {Loop::kLinearLoadBias, "linear_load_bias", detail::hoisted(1, 3),
     "load a bias vector into a bias bank"},
    {Loop::kLinearReadInDirect, "linear_read_in_direct", detail::hoisted(1, 3),
     "read all tokens in order"},
    {Loop::kLinearReadInIndirect, "linear_read_in_indirect",
     detail::in_loop(1, 79, 1, 0, Request::kSingle), "read the tokens of an expert's queue"},
    {Loop::kLinearCompute, "linear_compute", detail::plain(1, 16),
     "multiply one weight tile a cycle and accumulate"},
    {Loop::kLinearGeluFunction, "linear_gelu_function", detail::plain(1, 6),
     "GELU, inside the depth of the linear unit's compute loop"},
    {Loop::kLinearWriteOutDirect, "linear_write_out_direct", detail::hoisted(1, 5),
     "write all tokens in order"},
    {Loop::kLinearWriteOutIndirect, "linear_write_out_indirect",
     detail::in_loop(1, 148, 1, 1, Request::kSingle),
     "add the score-weighted output of an expert to the tokens of its queue"},
    {Loop::kAttentionReadQ, "attention_read_q", detail::hoisted(1, 3), "read the query rows"},
    {Loop::kAttentionReadKv, "attention_read_kv", detail::in_loop(1, 73, 1, 0, Request::kBurst),
     "stream the K or V words past the rows in flight"},
    {Loop::kAttentionQMatmulK, "attention_q_matmul_k", detail::plain(1, 15),
     "multiply one K word with the query rows in flight"},
    {Loop::kAttentionExpFunction, "attention_exp_function", detail::plain(1, 19),
     "exponential, inside the depth of its callers"},
    {Loop::kAttentionRecipFunction, "attention_recip_function", detail::plain(1, 50),
     "reciprocal, inside the depth of its callers"},
    {Loop::kAttentionFinalize, "attention_finalize", detail::plain(3, 78),
     "running maximum and sum of the single-pass softmax"},
    {Loop::kAttentionWriteScores, "attention_write_scores", detail::hoisted(1, 3),
     "write the raw attention scores"},
    {Loop::kAttentionWriteSoftmaxInfo, "attention_write_softmax_info", detail::hoisted(1, 3),
     "write maximum and reciprocal sum of each row and head"},
    {Loop::kAttentionReadScores, "attention_read_scores", detail::hoisted(1, 3),
     "read the raw attention scores"},
    {Loop::kAttentionReadSoftmaxInfo, "attention_read_softmax_info", detail::hoisted(1, 3),
     "read maximum and reciprocal sum of each row and head"},
    {Loop::kAttentionPrepare, "attention_prepare", detail::plain(1, 3),
     "group the scores of the rows in flight"},
    {Loop::kAttentionAttnMatmulV, "attention_attn_matmul_v", detail::plain(1, 29),
     "apply the softmax to the scores and multiply them with one V word"},
    {Loop::kAttentionWriteOut, "attention_write_out", detail::hoisted(1, 3),
     "write the attention output"},
    {Loop::kResidualAdd, "residual_add", detail::in_loop(1, 142, 1, 1, Request::kSingle),
     "add a kernel's output to the residual stream (x and out; y has residual.y_request)"},
    {Loop::kGateLoadWeights, "gate_load_weights", detail::in_loop(1, 75, 1, 0, Request::kSingle),
     "load the gate matrix of a task and layer"},
    {Loop::kGateReadInput, "gate_read_input", detail::hoisted(1, 3),
     "read the tokens for the gate"},
    {Loop::kGateMatvec, "gate_matvec", detail::plain(1, 8), "multiply a token by the gate matrix"},
    {Loop::kGateSoftmaxUpdate, "gate_softmax_update", detail::plain(3, 24),
     "running maximum and sum over the experts' scores"},
    {Loop::kGateTopK, "gate_top_k", detail::plain(1, 2), "keep the k best experts of a token"},
    {Loop::kGateExpFunction, "gate_exp_function", detail::plain(1, 19),
     "exponential of a selected expert's score"},
    {Loop::kGateDivideSequential, "gate_divide_sequential", detail::plain(58, 58),
     "division of a selected expert's score by the sum, not pipelined"},
    {Loop::kGateWriteResults, "gate_write_results", detail::plain(2, 4),
     "push a token's number and scores into the queues of its experts"},
    {Loop::kGateZeroOutput, "gate_zero_output", detail::hoisted(1, 3),
     "zero the output that the experts add to"},
});

inline constexpr std::size_t kLoopCount = kPublishedLoops.size();

/// The loops of a design, by `Loop`.
class LoopTable {
 public:
  constexpr LoopTable() {
    for (std::size_t i = 0; i < kLoopCount; ++i) loops_[i] = kPublishedLoops[i].config;
  }
  constexpr const LoopConfig& operator[](Loop loop) const {
    return loops_[static_cast<std::size_t>(loop)];
  }
  constexpr LoopConfig& operator[](Loop loop) { return loops_[static_cast<std::size_t>(loop)]; }

 private:
  std::array<LoopConfig, kLoopCount> loops_{};
};

static_assert(
    [] {
      for (std::size_t i = 0; i < kLoopCount; ++i) {
        if (static_cast<std::size_t>(kPublishedLoops[i].loop) != i) return false;
      }
      return static_cast<std::size_t>(Loop::kGateZeroOutput) + 1 == kLoopCount;
    }(),
    "the table stands in the order of the enumeration");

}  // namespace m3sim
