#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "model/golden/math.hpp"
#include "model/network/image.hpp"
#include "model/network/parameters.hpp"
#include "model/network/routing.hpp"
#include "model/network/tensor.hpp"

namespace m3sim::golden {

/// Which numbers the model computes with: the parameters and the image as read, or as the hardware
/// holds them.
enum class Precision { kFloat, kQuantized };

/// A stage's tensor or a part of it. Names are those of a tensor dump:
///   patch_embed [N, D]; task_embedding [task_embedding] (task-conditioned gating)
///   and per layer, as l{n}_...: norm1, q, k, v, attn_out, proj, resid1, norm2, mlp or moe, out [N,
///   D]; norm1_stats, norm2_stats [N, 4]: mean, mean square, variance + eps, 1 / sqrt of that;
///   attn_logits, attn_prob [heads, N, N], head by head; softmax_info [N, heads, 2]: 1/sum, max;
///   fc1_gelu [N, mlp_hidden];
///   gate_logits [N, E]; gate_softmax [N, 2]: sum, max; topk_idx, topk_logit, topk_score [N,
///   top_k]; queue_len [E]; queue_tokens, queue_scores [N top_k]; metaqueue [experts with tokens];
///   expert_hidden [N top_k, expert_hidden], queue after queue, expert by expert.
/// attn_logits carry the scale 1/sqrt(D/heads).
struct Stage {
  std::string name;
  std::optional<int> layer;
  Shape shape;                     // of the whole tensor
  std::size_t offset = 0;          // index of values[0] in it
  std::span<const double> values;  // C order
};

/// Sees every stage as it is computed. It may return the tensor (whole) that the model goes on with
/// in place of its own, or nullptr. Given the hardware's tensors, every stage is computed from the
/// hardware's own input.
using StageVisitor = std::function<const Tensor*(const Stage&)>;

/// Experts, and where `use_scores` is set also scores, that replace the gate's.
struct ForcedRouting {
  const Routing* routing = nullptr;
  bool use_scores = false;  // false: the gate's own probability of each given expert
};

struct Result {
  Matrix out;       // [N, D], the last layer's
  Routing routing;  // of this task, as used; scores rounded down to Q10.22
};

/// The network in double precision with exact softmax, layer norm and erf GELU (Eigen). Shares no
/// arithmetic with the kernels. Parameters are read when they are needed and not kept.
class Model {
 public:
  /// Keeps a reference to `parameters`.
  Model(const Parameters& parameters, Precision precision)
      : parameters_(parameters), precision_(precision) {}

  /// One image, one task. Throws InputError where the image or the forced routing is of another
  /// network, UsageError where the task is none of its tasks.
  Result forward(const Image& image, int task, const StageVisitor& visitor = {},
                 ForcedRouting forced = {}) const;

 private:
  const Parameters& parameters_;
  Precision precision_;
};

}  // namespace m3sim::golden
