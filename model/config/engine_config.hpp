#pragma once

#include <cstdint>

#include <array>
#include <string>

#include "model/config/loops.hpp"

namespace m3sim {

struct ClockConfig {
  std::int64_t pl_hz = 299'970'032;  // programmable logic: engines, kernel ports, PS-port AXI side
  int crossing_cycles = 2;           // synchroniser, in cycles of the receiving clock
};

inline constexpr int kFeatureBits = 32;  // an activation, Q10.22

/// The word that engines, streams and kernel ports move.
struct WordConfig {
  int bits = 256;
  int features() const { return bits / kFeatureBits; }  // F
  int bytes() const { return bits / 8; }
};

/// The unified linear unit with its weight loader and buffers.
struct LinearConfig {
  int in_tile = 16;   // input features multiplied a cycle
  int out_tile = 16;  // output features accumulated a cycle
  int in_stream_depth = 48;
  int out_stream_depth = 2;
  int index_stream_depth = 8;
  int weight_banks = 2;              // 1: no double buffering, 2: ping-pong, 3
  int weight_buffer_kib = 288;       // of each bank
  int bias_buffer_features = 768;    // of each bank
  int in_buffer_features = 768;      // longest input vector kept while its outputs are computed
  bool overlap_dense_loads = false;  // dense layers' weights load while the previous kernel runs
  bool overlap_expert_loads = true;  // next expert's weights load while this one computes
};

/// The order in which a layer's tokens meet its experts.
enum class ExpertOrder {
  kByExpert,  // an expert is loaded once and works off its whole queue (Edge-MoE, patch reordering)
  kByToken,   // a token's experts are loaded for it, token after token
};

template <>
struct Words<ExpertOrder> {
  static constexpr std::array<std::pair<ExpertOrder, std::string_view>, 2> kTable{
      {{ExpertOrder::kByExpert, "by-expert"}, {ExpertOrder::kByToken, "by-token"}}};
};

/// How experts come onto the chip.
struct ExpertsConfig {
  ExpertOrder order = ExpertOrder::kByExpert;
  std::string cache = "none";  // policy of the cache of whole experts
  int cache_experts = 4;       // its capacity
  bool prefetch = true;        // of experts that the cache lacks, while the one before computes

  bool cached() const { return cache != "none"; }
};

/// QxK, softmax and attention x V.
struct AttentionConfig {
  int rows = 4;           // p, query rows in flight
  int softmax_lanes = 1;  // score items finalised in parallel
  int q_stream_depth = 2;
  int kv_stream_depth = 2;
  int product_stream_depth = 2;  // raw products of p rows, before finalize and after prepare
  int score_stream_depth = 2;
  int info_stream_depth = 2;  // maximum and reciprocal sum
  int out_stream_depth = 2;
};

/// Layer norm: a region repeated per token.
struct LayerNormConfig {
  int token_banks = 2;  // token buffers between its stages
};

/// Router, expert queues and meta-queue.
struct GateConfig {
  bool parallel_softmax_top_k = true;  // both need the scores alone
  bool overlap_zero_output = true;     // zeroing does not depend on the gate
  int input_stream_depth = 2;
  int result_stream_depth = 2;
};

/// Patch embedding: a region repeated per row of patches.
struct PatchEmbedConfig {
  int row_banks = 2;  // buffers of one row of patches between its stages
  int image_stream_depth = 2;
};

struct ResidualConfig {
  Request y_request = Request::kBurst;  // x and out follow loops.residual_add.request
};

/// What starting and ending a region, a phase or an iteration costs, in PL cycles.
struct ControlConfig {
  int start_cycles = 1;    // controller starts a region -> its processes run
  int done_cycles = 1;     // last response in -> controller sees the end
  int phase_gap = 1;       // between two phases of a process
  int restart_cycles = 1;  // between iterations of a repeated region's stage
};

}  // namespace m3sim
