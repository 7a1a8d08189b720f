// Every kernel that becomes a module: its actor, shape, memories, loop and the names of its ports.
//
// One struct per kernel; with_kernel() calls a function with the struct of a name. `make` builds the
// actor of any number family, with memories from a maker of that family, in the order in which the
// actor visits them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/rtl/shapes.hpp"
#include "model/rtl/trace.hpp"
#include "model/timing/embedding_timing.hpp"

namespace m3sim::rtl {

/// An actor that stands alone.
template <class Actor>
struct Alone {
  Actor actor;
};
/// An actor over state that phases of its process share.
template <class Actor, class State>
struct OverState {
  template <class Shape, class... Memories>
  explicit OverState(const Shape& shape, Memories... memories)
      : state(shape), actor(shape, &state, memories...) {}
  State state;
  Actor actor;
};
template <class Actor, class... Arguments>
std::unique_ptr<Alone<Actor>> alone(Arguments... arguments) {
  return std::unique_ptr<Alone<Actor>>(new Alone<Actor>{Actor(arguments...)});
}

/// What the structs below share: no ports, no operators.
struct Described {
  static PortNames ports() { return {}; }
  /// Pipelined functions whose depth lies inside one firing.
  static std::vector<Loop> operators(const AcceleratorConfig&) { return {}; }
};
inline timing::LoopTiming timing_of(const AcceleratorConfig& c, Loop loop) {
  return timing::loop_timing(c.loops[loop], c.port);
}
inline int largest_tile_count(const AcceleratorConfig& c) {
  return c.linear.weight_buffer_kib * 512 / (c.linear.in_tile * c.linear.out_tile);
}

// ----- Linear unit

struct WeightLoadKernel : Described {
  static constexpr const char *kName = "weight_load", *kGroup = "linear",
                              *kSource = "model/kernels/linear_load.hpp (WeightLoad)",
                              *kSummary =
                                  "Loads a weight matrix, tile by tile, through a transpose cache.";
  static PortNames ports() { return {{}, {}, {"matrix"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearLoadWeights);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = linear_shape(c, Loop::kLinearLoadWeights);
    const auto cache = m.words32("cache", c.network.widest_linear_input() / s.halves(),
                                 s.out_tile * s.features, true);
    const auto weights = m.words16("weights", largest_tile_count(c), s.in_tile * s.out_tile, false);
    return alone<kernels::WeightLoad<N>>(
        kernels::LinearShape{s.features, s.in_tile, s.out_tile, false}, cache, weights);
  }
};

struct BiasLoadKernel : Described {
  static constexpr const char *kName = "bias_load", *kGroup = "linear",
                              *kSource = "model/kernels/linear_load.hpp (BiasLoad)",
                              *kSummary = "Loads biases and widens them to Q10.22.";
  static PortNames ports() { return {{}, {}, {"vector"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearLoadBias);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = linear_shape(c, Loop::kLinearLoadBias);
    return alone<kernels::BiasLoad<N>>(
        kernels::LinearShape{s.features, s.in_tile, s.out_tile, false},
        m.words32("biases", c.linear.bias_buffer_features / s.out_tile, s.out_tile, false));
  }
};

/// Readers and writers of streams: one actor, many uses.
struct ReadDirectKernel : Described {
  static constexpr const char *kName = "read_direct", *kGroup = "linear",
                              *kSource = "model/kernels/transfer.hpp (ReadItems)",
                              *kSummary = "Reads all tokens in order as items of a tile.";
  static PortNames ports() { return {{}, {"item"}, {"tokens"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearReadInDirect);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::ReadItems<N>>(
        kernels::TransferShape{c.word.features(), c.linear.in_tile, false});
  }
};
struct WriteDirectKernel : Described {
  static constexpr const char *kName = "write_direct", *kGroup = "linear",
                              *kSource = "model/kernels/transfer.hpp (WriteItems)",
                              *kSummary = "Writes all tokens in order from items of a tile.";
  static PortNames ports() { return {{"item"}, {}, {}, {"tokens"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearWriteOutDirect);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::WriteItems<N>>(
        kernels::TransferShape{c.word.features(), c.linear.out_tile, false});
  }
};
struct ReadIndirectKernel : Described {
  static constexpr const char *kName = "read_indirect", *kGroup = "linear",
                              *kSource = "model/kernels/linear.hpp (ReadIndirect)",
                              *kSummary = "Reads the tokens of an expert's queue.";
  static PortNames ports() { return {{}, {"item", "token"}, {"tokens"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearReadInIndirect);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    return alone<kernels::ReadIndirect<N>>(
        linear_shape(c, Loop::kLinearReadInIndirect),
        m.words32("queues", c.network.experts * c.network.tokens(), 2, false));
  }
};
struct LinearComputeKernel : Described {
  static constexpr const char
      *kName = "linear_compute",
      *kGroup = "linear", *kSource = "model/kernels/linear.hpp (LinearCompute)",
      *kSummary = "Multiplies a tile of weights a firing and accumulates; GELU at the end.";
  static PortNames ports() { return {{"item"}, {"item"}, {}, {}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) {
    return {Loop::kLinearGeluFunction};
  }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearCompute);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = linear_shape(c, Loop::kLinearReadInDirect);
    const auto in_memory =
        m.words32("in_memory", c.linear.in_buffer_features / s.in_tile, s.in_tile, true);
    const auto weights = m.words16("weights", largest_tile_count(c), s.in_tile * s.out_tile, false);
    const auto biases =
        m.words32("biases", c.linear.bias_buffer_features / s.out_tile, s.out_tile, false);
    return alone<kernels::LinearCompute<N>>(
        kernels::LinearShape{s.features, s.in_tile, s.out_tile,
                             c.loops[Loop::kLinearReadInIndirect].single()},
        in_memory, weights, biases);
  }
};
struct WriteIndirectKernel : Described {
  static constexpr const char
      *kName = "write_indirect",
      *kGroup = "linear", *kSource = "model/kernels/linear.hpp (WriteIndirect)",
      *kSummary = "Adds an expert's score-weighted output to the tokens of its queue.";
  static PortNames ports() { return {{"item", "token"}, {}, {"sums"}, {"tokens"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLinearWriteOutIndirect);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    return alone<kernels::WriteIndirect<N>>(
        linear_shape(c, Loop::kLinearWriteOutIndirect),
        m.words32("queues", c.network.experts * c.network.tokens(), 2, false));
  }
};

// ----- Attention

template <class Spec>
struct ReadKernel : Described {
  static constexpr const char *kName = Spec::kName, *kGroup = Spec::kGroup,
                              *kSource = "model/kernels/transfer.hpp (ReadItems)",
                              *kSummary = Spec::kSummary;
  static PortNames ports() { return {{}, {Spec::kStream}, {Spec::kTensor}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) { return timing_of(c, Spec::kLoop); }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::ReadItems<N>>(
        kernels::TransferShape{c.word.features(), Spec::lanes(c), false});
  }
};
template <class Spec>
struct WriteKernel : Described {
  static constexpr const char *kName = Spec::kName, *kGroup = Spec::kGroup,
                              *kSource = "model/kernels/transfer.hpp (WriteItems)",
                              *kSummary = Spec::kSummary;
  static PortNames ports() { return {{Spec::kStream}, {}, {}, {Spec::kTensor}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) { return timing_of(c, Spec::kLoop); }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::WriteItems<N>>(
        kernels::TransferShape{c.word.features(), Spec::lanes(c), false});
  }
};
struct ReadTokensSpec {
  static constexpr const char *kName = "read_tokens", *kGroup = "attention", *kStream = "word",
                              *kTensor = "tokens", *kSummary = "Reads the query rows.";
  static constexpr Loop kLoop = Loop::kAttentionReadQ;
  static int lanes(const AcceleratorConfig& c) { return c.word.features(); }
};
struct WriteTokensSpec {
  static constexpr const char *kName = "write_tokens", *kGroup = "attention", *kStream = "word",
                              *kTensor = "tokens", *kSummary = "Writes the attention output.";
  static constexpr Loop kLoop = Loop::kAttentionWriteOut;
  static int lanes(const AcceleratorConfig& c) { return c.word.features(); }
};
struct WriteScoresSpec {
  static constexpr const char *kName = "write_scores", *kGroup = "attention", *kStream = "score",
                              *kTensor = "scores", *kSummary = "Writes raw attention scores.";
  static constexpr Loop kLoop = Loop::kAttentionWriteScores;
  static int lanes(const AcceleratorConfig& c) { return attention_shape(c).score_lanes(); }
};
struct ReadScoresSpec {
  static constexpr const char *kName = "read_scores", *kGroup = "attention", *kStream = "score",
                              *kTensor = "scores", *kSummary = "Reads raw attention scores.";
  static constexpr Loop kLoop = Loop::kAttentionReadScores;
  static int lanes(const AcceleratorConfig& c) { return attention_shape(c).score_lanes(); }
};
struct WriteInfoSpec {
  static constexpr const char *kName = "write_softmax_info", *kGroup = "attention",
                              *kStream = "info", *kTensor = "infos",
                              *kSummary = "Writes maximum and reciprocal sum of each row and head.";
  static constexpr Loop kLoop = Loop::kAttentionWriteSoftmaxInfo;
  static int lanes(const AcceleratorConfig& c) { return attention_shape(c).info_lanes(); }
};
struct ReadInfoSpec {
  static constexpr const char *kName = "read_softmax_info", *kGroup = "attention",
                              *kStream = "info", *kTensor = "infos",
                              *kSummary = "Reads maximum and reciprocal sum of each row and head.";
  static constexpr Loop kLoop = Loop::kAttentionReadSoftmaxInfo;
  static int lanes(const AcceleratorConfig& c) { return attention_shape(c).info_lanes(); }
};
struct GateReadSpec {
  static constexpr const char *kName = "gate_read", *kGroup = "gate", *kStream = "word",
                              *kTensor = "tokens", *kSummary = "Reads the tokens for the gate.";
  static constexpr Loop kLoop = Loop::kGateReadInput;
  static int lanes(const AcceleratorConfig& c) { return c.word.features(); }
};

struct ReadRotatedKernel : Described {
  static constexpr const char *kName = "read_rotated", *kGroup = "attention",
                              *kSource = "model/kernels/attention.hpp (ReadRotated)",
                              *kSummary = "Streams K or V once per block of query rows.";
  static PortNames ports() { return {{}, {"word"}, {"tokens"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kAttentionReadKv);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::ReadRotated<N>>(attention_shape(c));
  }
};
struct QxKKernel : Described {
  static constexpr const char *kName = "q_times_k", *kGroup = "attention",
                              *kSource = "model/kernels/attention.hpp (QxK)",
                              *kSummary = "Multiplies a word of K with the query rows in flight.";
  static PortNames ports() { return {{"q", "k"}, {"products"}, {}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kAttentionQMatmulK);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = attention_shape(c);
    return alone<kernels::QxK<N>>(
        s, m.words32("q_memory", s.token_words(), s.rows * s.features, true));
  }
};
struct FinalizeKernel : Described {
  static constexpr const char *kName = "finalize", *kGroup = "attention",
                              *kSource = "model/kernels/attention.hpp (Finalize)",
                              *kSummary = "Running maximum and sum of the single-pass softmax.";
  static PortNames ports() { return {{"products"}, {"score", "info"}, {}, {}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) {
    return {Loop::kAttentionExpFunction, Loop::kAttentionRecipFunction};
  }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kAttentionFinalize);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::Finalize<N>>(attention_shape(c));
  }
};
struct PrepareKernel : Described {
  static constexpr const char *kName = "prepare", *kGroup = "attention",
                              *kSource = "model/kernels/attention_out.hpp (Prepare)",
                              *kSummary = "Gathers the scores of the rows in flight.";
  static PortNames ports() { return {{"score"}, {"products"}, {}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kAttentionPrepare);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::Prepare<N>>(attention_shape(c));
  }
};
struct AttnxVKernel : Described {
  static constexpr const char
      *kName = "attention_times_v",
      *kGroup = "attention", *kSource = "model/kernels/attention_out.hpp (AttnxV)",
      *kSummary = "Applies the softmax to the scores and multiplies them with a word of V.";
  static PortNames ports() { return {{"products", "info", "v"}, {"word"}, {}, {}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) {
    return {Loop::kAttentionExpFunction};
  }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kAttentionAttnMatmulV);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = attention_shape(c);
    return alone<kernels::AttnxV<N>>(
        s, m.words32("sum_memory", s.token_words(), s.rows * s.features, true));
  }
};

// ----- Gate

struct TaskEmbeddingKernel : Described {
  static constexpr const char
      *kName = "task_embedding",
      *kGroup = "gate", *kSource = "model/kernels/task_embedding.hpp (TaskEmbedding)",
      *kSummary = "Embedding of a task: one-hot, linear, GELU, linear; once per task switch.";
  static PortNames ports() { return {{}, {}, {"parameters"}, {}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) {
    return {Loop::kLinearGeluFunction};
  }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing::task_embedding_timing(c.loops[Loop::kGateMatvec], c.port);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = task_embedding_shape(c);
    const auto hidden = m.words32("hidden", s.hidden_words(), s.halves(), true);
    const auto embedding = m.words32("embedding", s.outputs / s.features, s.features, false);
    return alone<kernels::TaskEmbedding<N>>(s, hidden, embedding);
  }
};
struct GateWeightLoadKernel : Described {
  static constexpr const char *kName = "gate_weight_load", *kGroup = "gate",
                              *kSource = "model/kernels/gate.hpp (GateWeightLoad)",
                              *kSummary = "Loads the gate matrix of a task and layer.";
  static PortNames ports() { return {{}, {}, {"matrix"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateLoadWeights);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = gate_shape(c);
    return alone<kernels::GateWeightLoad<N>>(
        s, m.words16("buffer", s.in_words(), s.experts * s.features, false));
  }
};
struct MatVecKernel : Described {
  static constexpr const char *kName = "mat_vec", *kGroup = "gate",
                              *kSource = "model/kernels/gate.hpp (MatVec)",
                              *kSummary =
                                  "Logits of a token: a word of it times all experts' weights.";
  static PortNames ports() { return {{"word"}, {}, {}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateMatvec);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = gate_shape(c);
    using Over = OverState<kernels::MatVec<N>, kernels::GateState<N>>;
    const auto weights = m.words16("weights", s.in_words(), s.experts * s.features, false);
    const auto task = m.words32("task", std::max(1, s.task_words), s.features, false);
    return std::make_unique<Over>(s, weights, task);
  }
};
struct SoftmaxUpdateKernel : Described {
  static constexpr const char *kName = "softmax_update", *kGroup = "gate",
                              *kSource = "model/kernels/gate.hpp (SoftmaxUpdate)",
                              *kSummary =
                                  "Running sum and maximum of the softmax over all experts.";
  static std::vector<Loop> operators(const AcceleratorConfig&) { return {Loop::kGateExpFunction}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateSoftmaxUpdate);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    using Over = OverState<kernels::SoftmaxUpdate<N>, kernels::GateState<N>>;
    return std::make_unique<Over>(gate_shape(c));
  }
};
struct TopKKernel : Described {
  static constexpr const char *kName = "top_k", *kGroup = "gate",
                              *kSource = "model/kernels/gate.hpp (TopK)",
                              *kSummary = "Keeps the k best experts of a token.";
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateTopK);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    using Over = OverState<kernels::TopK<N>, kernels::GateState<N>>;
    return std::make_unique<Over>(gate_shape(c));
  }
};
struct ExpDivideKernel : Described {
  static constexpr const char *kName = "exp_divide", *kGroup = "gate",
                              *kSource = "model/kernels/gate.hpp (ExpDivide)",
                              *kSummary = "Scores of the k best experts.";
  static PortNames ports() { return {{}, {"experts", "scores"}, {}, {}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) { return {Loop::kGateExpFunction}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    timing::LoopTiming t;
    t.depth = c.loops[Loop::kGateExpFunction].depth + c.loops[Loop::kGateDivideSequential].depth;
    t.ii = t.depth;
    t.put_stage = t.depth - 1;
    return t;
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    using Over = OverState<kernels::ExpDivide<N>, kernels::GateState<N>>;
    return std::make_unique<Over>(gate_shape(c));
  }
};
struct WriteResultsKernel : Described {
  static constexpr const char *kName = "write_results", *kGroup = "gate",
                              *kSource = "model/kernels/queues.hpp (WriteResults)",
                              *kSummary =
                                  "Pushes a token and its scores to the queues of its experts.";
  static PortNames ports() { return {{"experts", "scores"}, {}, {}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateWriteResults);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    using Over = OverState<kernels::WriteResults<N>, kernels::QueueState<N>>;
    return std::make_unique<Over>(
        gate_shape(c), m.words32("queues", c.network.experts * c.network.tokens(), 2, false));
  }
};
struct MetaQueueKernel : Described {
  static constexpr const char *kName = "meta_queue", *kGroup = "gate",
                              *kSource = "model/kernels/queues.hpp (MetaQueue)",
                              *kSummary = "Lists the experts that have tokens.";
  static timing::LoopTiming timing(const AcceleratorConfig&) { return {}; }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    using Over = OverState<kernels::MetaQueue<N>, kernels::QueueState<N>>;
    return std::make_unique<Over>(gate_shape(c));
  }
};
struct WriteZerosKernel : Described {
  static constexpr const char *kName = "write_zeros", *kGroup = "gate",
                              *kSource = "model/kernels/transfer.hpp (WriteZeros)",
                              *kSummary = "Zeroes the output that the experts add to.";
  static PortNames ports() { return {{}, {}, {}, {"tokens"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kGateZeroOutput);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::WriteZeros<N>>(
        kernels::TransferShape{c.word.features(), c.word.features(), false});
  }
};

// ----- Layer norm

struct LoadNormsKernel : Described {
  static constexpr const char *kName = "load_norms", *kGroup = "layer_norm",
                              *kSource = "model/kernels/layer_norm.hpp (LoadNorms)",
                              *kSummary = "Loads a vector of layer-norm parameters.";
  static PortNames ports() { return {{}, {}, {"vector"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLoadNormsEachOfFour);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = norm_shape(c);
    return alone<kernels::LoadNorms<N>>(s, m.words16("buffer", s.words, s.features, false));
  }
};
struct NormAccumulateKernel : Described {
  static constexpr const char *kName = "norm_accumulate", *kGroup = "layer_norm",
                              *kSource = "model/kernels/layer_norm.hpp (NormAccumulate)",
                              *kSummary = "Reads a token and sums it and its squares.";
  static PortNames ports() { return {{}, {}, {"x"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLayerNormAccumulate);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = norm_shape(c);
    const auto tokens = m.words32("tokens", c.layer_norm.token_banks * s.words, s.features, false);
    const auto sums = m.words32("sums", c.layer_norm.token_banks, 2, false);
    return alone<kernels::NormAccumulate<N>>(s, tokens, sums);
  }
};
struct NormOutputKernel : Described {
  static constexpr const char *kName = "norm_output", *kGroup = "layer_norm",
                              *kSource = "model/kernels/layer_norm.hpp (NormOutput)",
                              *kSummary = "Normalises, scales and shifts a token.";
  static PortNames ports() { return {{}, {}, {}, {"y"}}; }
  static std::vector<Loop> operators(const AcceleratorConfig&) {
    return {Loop::kLayerNormSqrtFunction, Loop::kLayerNormDivideFunction};
  }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kLayerNormOutput);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = norm_shape(c);
    const auto tokens = m.words32("tokens", c.layer_norm.token_banks * s.words, s.features, false);
    const auto sums = m.words32("sums", c.layer_norm.token_banks, 2, false);
    const auto scales = m.words16("scales", s.words, s.features, false);
    const auto shifts = m.words16("shifts", s.words, s.features, false);
    return alone<kernels::NormOutput<N>>(s, tokens, sums, scales, shifts);
  }
};

// ----- Patch embedding

struct PatchBiasLoadKernel : Described {
  static constexpr const char *kName = "patch_bias_load", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/patch_embedding.hpp (PatchBiasLoad)",
                              *kSummary =
                                  "Loads the patch-embedding biases, once before the images.";
  static PortNames ports() { return {{}, {}, {"vector"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kOneTimeWeightsPatchEmbedBias);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = norm_shape(c);
    return alone<kernels::PatchBiasLoad<N>>(s, m.words16("buffer", s.words, s.features, false));
  }
};
struct PatchWeightLoadKernel : Described {
  static constexpr const char *kName = "patch_weight_load", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/patch_embedding.hpp (PatchWeightLoad)",
                              *kSummary =
                                  "Loads the patch-embedding weights, once before the images.";
  static PortNames ports() { return {{}, {}, {"matrix"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kOneTimeWeightsPatchEmbedWeights);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = patch_shape(c);
    return alone<kernels::PatchWeightLoad<N>>(
        s, m.words16("buffer", s.lines() * s.parts() * s.words, s.features * s.chunk(), false));
  }
};
struct ReadPixelsKernel : Described {
  static constexpr const char *kName = "read_pixels", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/patch_embedding.hpp (ReadPixels)",
                              *kSummary = "Streams the pixels of a channel of a row of patches.";
  static PortNames ports() { return {{}, {"pixels"}, {"image"}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kPatchEmbedAccumulateRead);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    auto s = patch_shape(c);
    s.channels = 1;
    return alone<kernels::ReadPixels<N>>(s);
  }
};
struct PatchAccumulateKernel : Described {
  static constexpr const char *kName = "patch_accumulate", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/patch_embedding.hpp (PatchAccumulate)",
                              *kSummary =
                                  "Multiplies a word of pixels by the weights of its features.";
  static PortNames ports() { return {{"pixels"}, {}, {}, {}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kPatchEmbedAccumulateCompute);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = patch_shape(c);
    const auto weights =
        m.words16("weights", s.lines() * s.parts() * s.words, s.features * s.chunk(), false);
    const auto biases = m.words16("biases", s.words, s.features, false);
    const auto sums = m.words32("sums", c.patch_embed.row_banks * s.groups() * s.words,
                                s.patches_per_word() * s.features, false);
    return alone<kernels::PatchAccumulate<N>>(s, weights, biases, sums);
  }
};
struct PatchOutputKernel : Described {
  static constexpr const char *kName = "patch_output", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/patch_embedding.hpp (PatchOutput)",
                              *kSummary = "Adds the position embedding to a row of patches.";
  static PortNames ports() { return {{}, {}, {"position"}, {"token"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kPatchEmbedOutput);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M& m) {
    const auto s = patch_shape(c);
    return alone<kernels::PatchOutput<N>>(
        s, m.words32("sums", c.patch_embed.row_banks * s.groups() * s.words,
                     s.patches_per_word() * s.features, false));
  }
};
struct ClassTokenKernel : Described {
  static constexpr const char *kName = "class_token", *kGroup = "patch_embedding",
                              *kSource = "model/kernels/transfer.hpp (CopyWords)",
                              *kSummary = "Writes the class token.";
  static PortNames ports() { return {{}, {}, {"position"}, {"token"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kPatchEmbedClassToken);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::CopyWords<N>>(
        kernels::TransferShape{c.word.features(), c.word.features(), false});
  }
};

// ----- Residual

struct ResidualAddKernel : Described {
  static constexpr const char *kName = "residual_add", *kGroup = "residual",
                              *kSource = "model/kernels/residual.hpp (Add)",
                              *kSummary = "Adds a kernel's output to the residual stream.";
  static PortNames ports() { return {{}, {}, {"x", "y"}, {"sum"}}; }
  static timing::LoopTiming timing(const AcceleratorConfig& c) {
    return timing_of(c, Loop::kResidualAdd);
  }
  template <class N, class M>
  static auto make(const AcceleratorConfig& c, M&) {
    return alone<kernels::Add<N>>(add_shape(c));
  }
};

/// Calls f(Kernel()) for every kernel.
template <class F>
void for_each_kernel(F&& f) {
  f(WeightLoadKernel()), f(BiasLoadKernel()), f(ReadDirectKernel()), f(WriteDirectKernel());
  f(ReadIndirectKernel()), f(LinearComputeKernel()), f(WriteIndirectKernel());
  f(ReadKernel<ReadTokensSpec>()), f(ReadRotatedKernel()), f(QxKKernel()), f(FinalizeKernel());
  f(WriteKernel<WriteScoresSpec>()), f(WriteKernel<WriteInfoSpec>());
  f(ReadKernel<ReadScoresSpec>()), f(ReadKernel<ReadInfoSpec>()), f(PrepareKernel());
  f(AttnxVKernel()), f(WriteKernel<WriteTokensSpec>());
  f(TaskEmbeddingKernel()), f(GateWeightLoadKernel()), f(ReadKernel<GateReadSpec>()),
      f(MatVecKernel());
  f(SoftmaxUpdateKernel()), f(TopKKernel()), f(ExpDivideKernel()), f(WriteResultsKernel());
  f(MetaQueueKernel()), f(WriteZerosKernel());
  f(LoadNormsKernel()), f(NormAccumulateKernel()), f(NormOutputKernel());
  f(PatchBiasLoadKernel()), f(PatchWeightLoadKernel()), f(ReadPixelsKernel()),
      f(PatchAccumulateKernel());
  f(PatchOutputKernel()), f(ClassTokenKernel());
  f(ResidualAddKernel());
}

}  // namespace m3sim::rtl
