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

/// Which linear layers share a MAC array.
enum class LinearUnits {
  kUnified,  // all of them
  kPerKind,  // none: each kind of LinearKind has an array and weight banks of its own
};

template <>
struct Words<LinearUnits> {
  static constexpr std::array<std::pair<LinearUnits, std::string_view>, 2> kTable{
      {{LinearUnits::kUnified, "unified"}, {LinearUnits::kPerKind, "per-kind"}}};
};

enum class LinearKind { kQ, kK, kV, kProjection, kFc1, kFc2, kExpertFc1, kExpertFc2 };
inline constexpr std::array<std::string_view, 8> kLinearKindNames{
    "q", "k", "v", "proj", "fc1", "fc2", "expert_fc1", "expert_fc2"};

/// The unified linear unit with its weight loader and buffers; or its like per kind of layer.
struct LinearConfig {
  LinearUnits units = LinearUnits::kUnified;
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

  int unit_count() const {
    return units == LinearUnits::kUnified ? 1 : static_cast<int>(kLinearKindNames.size());
  }
  int unit_of(LinearKind kind) const {
    return units == LinearUnits::kUnified ? 0 : static_cast<int>(kind);
  }
  /// Weight banks of all units.
  int bank_count() const { return unit_count() * weight_banks; }
};

enum class GeluKind {
  kTable,  // inside the MAC array's loop
  kExact,  // units of their own behind it
};

template <>
struct Words<GeluKind> {
  static constexpr std::array<std::pair<GeluKind, std::string_view>, 2> kTable{
      {{GeluKind::kTable, "table"}, {GeluKind::kExact, "exact"}}};
};

/// The activation at the linear unit's output. An exact unit takes one feature every `ii` cycles.
struct GeluConfig {
  GeluKind kind = GeluKind::kTable;
  int units = 1;             // that share the features of an output tile
  int ii = 1;                // cycles
  int depth = 91;            // cycles
  int dsp = 48, lut = 3000;  // of a unit

  /// Cycles between two tiles.
  int tile_ii(int out_tile) const { return (out_tile + units - 1) / units * ii; }
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

  bool share_weight_memory = false;  // cached experts lie where the weight banks are

  bool cached() const { return cache != "none"; }
  /// Weight banks of the cache, one per matrix.
  int banks() const { return cached() ? 2 * cache_experts : 0; }
};

/// How much of K (or V) a call of the reading loop asks for where attention is not reordered.
enum class KvCall {
  kAll,   // one loop over everything
  kRow,   // one call per query row
  kKeys,  // one call per query row and group of attention.rows keys
};

template <>
struct Words<KvCall> {
  static constexpr std::array<std::pair<KvCall, std::string_view>, 3> kTable{
      {{KvCall::kAll, "all"}, {KvCall::kRow, "row"}, {KvCall::kKeys, "keys"}}};
};

/// QxK, softmax and attention x V.
struct AttentionConfig {
  int rows = 4;           // p, query rows in flight
  bool reordered = true;  // every K word serves p rows; else each row has its own words
  KvCall kv_call = KvCall::kAll;
  int head_units = 1;     // 1: one unit for all heads, scores in memory; else each keeps its scores
  int softmax_lanes = 1;  // score items finalised in parallel
  int q_stream_depth = 2;
  int kv_stream_depth = 2;
  int product_stream_depth = 2;  // raw products of p rows, before finalize and after prepare
  int score_stream_depth = 2;
  int info_stream_depth = 2;  // maximum and reciprocal sum
  int out_stream_depth = 2;
};

/// Softmax over the scores: 1 pass inside attention, or 2 or 3 passes over memory.
struct SoftmaxConfig {
  int passes = 1;
  // Of the loops of the passes that the published design does not have, per score item.
  int max_ii = 1, max_depth = 4;
  int sum_ii = 1, sum_depth = 73;
  int normalize_ii = 1, normalize_depth = 27;
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

/// How the controller orders steps.
struct ScheduleConfig {
  // 0: one kernel after the other, as published; else tokens pass in so many chunks and a chunk's
  // norm, gate and residual run while the linear unit has another.
  int token_chunks = 0;
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
