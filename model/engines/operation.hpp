// What a schedule step asks an engine to do. Plain data: the schedule is data.
#pragma once
#include <array>
#include <cstdint>
#include <variant>

#include "model/config/memory_config.hpp"

namespace m3sim {

/// A tensor (or part of one) in DRAM: its port, byte address, and the step whose result it holds
/// (0: written before the run).
struct TensorRef {
  DramTensor tensor{};
  std::uint64_t address = 0;
  std::uint32_t written_by = 0;
};

/// Patch-embedding weights and bias into their buffers, once before the images.
struct LoadPatchWeights {
  TensorRef weights, biases;
};
/// Image to tokens 1 .. N-1, a row of patches at a time.
struct EmbedPatches {
  TensorRef image, position, out;
};
/// Class token (with its position) to token 0.
struct WriteClassToken {
  TensorRef position, out;
};
/// A layer's norm parameters: bias and weight of norm 1, bias and weight of norm 2.
struct LoadNormParameters {
  std::array<TensorRef, 4> vectors;
};
/// Layer norm of all tokens; which: 0 or 1.
struct Normalize {
  TensorRef in, out;
  int which = 0;
  int first_token = 0, tokens = 0;  ///< 0: all
};
/// Rows first_row .. first_row + rows - 1 of a matrix, and their biases, into a weight bank.
struct LoadLinear {
  TensorRef weights, biases;
  int in_features = 0;
  int first_row = 0, rows = 0;
  bool attention_bias = false;  ///< Q7.9, else Q5.11
  int bank = 0;
};
/// Tokens through the weights of a bank: all tokens, or those of an expert's queue.
struct ComputeLinear {
  TensorRef in, out;
  int in_features = 0, out_features = 0;  ///< of a token in memory
  int first_row = 0, rows = 0;            ///< the slice of output features that the bank holds
  bool gelu = false;
  int expert = -1;      ///< -1: all tokens, directly
  bool scaled = false;  ///< out += score * y, else out = y
  int bank = 0;
  int loaded_by = 0;  ///< step that filled the bank
  int entry = -1;     ///< -1: the whole queue, else the one position of it
  int unit = 0;       ///< of the linear units
  int first_token = 0, tokens = 0;  ///< of a direct one; 0: all
};
/// Raw scores and softmax information of all heads.
struct MultiplyQK {
  TensorRef q, k, scores, info;
};
/// Softmax and product with V.
struct MultiplyAV {
  TensorRef v, scores, info, out;
};
/// A pass of a softmax that is a kernel of its own; the last leaves probabilities in the scores'
/// place.
struct SoftmaxPass {
  enum class Kind { kMaximum, kSum, kRunning, kNormalize };
  TensorRef scores;
  Kind kind{};
};
/// Attention of all head units: scores, softmax and product with V, without scores in memory.
struct AttendHeads {
  TensorRef q, k, v, out;
};
/// Task-conditioned gating: one-hot task through a 2-layer MLP into the task embedding.
struct EmbedTask {
  TensorRef fc1_weights, fc1_biases, fc2_weights, fc2_biases;
  int task = 0;
};
struct LoadGate {
  TensorRef weights;
};
/// Routes tokens into the expert queues, which the first of them finds empty.
struct RouteTokens {
  TensorRef in;
  int first_token = 0, tokens = 0;  ///< 0: all
  bool ends_at(int all) const { return tokens == 0 || first_token + tokens == all; }
};
struct ZeroTokens {
  TensorRef out;
};
/// out = x + y
struct AddTokens {
  TensorRef x, y, out;
  int first_token = 0, tokens = 0;  ///< 0: all
};

using Operation = std::variant<LoadPatchWeights, EmbedPatches, WriteClassToken, LoadNormParameters,
                               Normalize, LoadLinear, ComputeLinear, MultiplyQK, SoftmaxPass,
                               MultiplyAV, AttendHeads, EmbedTask, LoadGate, RouteTokens, ZeroTokens, AddTokens>;

}  // namespace m3sim
