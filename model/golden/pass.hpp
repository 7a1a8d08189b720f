#pragma once

#include <optional>
#include <string>

#include "model/golden/math.hpp"
#include "model/golden/model.hpp"

namespace m3sim::golden {

/// One image on its way through the network for one task.
class Pass {
 public:
  Pass(const Parameters& parameters, Precision precision, int task, const StageVisitor& visitor,
       ForcedRouting forced);

  Matrix patch_embedding(const Image& image);
  /// Attention and feed-forward half of one layer.
  Matrix layer(int layer, const Matrix& x);
  /// The routing used so far.
  Routing take_routing() { return std::move(routing_); }

 private:
  // Chosen experts of every token; [N, top_k], best first.
  struct Selection {
    Matrix experts;
    Matrix logits;
    Matrix scores;
  };

  Matrix attention(int layer, const Matrix& x);
  Matrix dense_mlp(int layer, const Matrix& x);
  Matrix experts(int layer, const Matrix& x);
  Matrix gate_logits(int layer, const Matrix& x);
  Vector task_embedding();
  Matrix choose_experts(int layer, const Matrix& logits) const;
  Selection select(int layer, const Matrix& logits);
  void show_queues(int layer, const Matrix& scores, const LayerRouting& routing);

  // Shows a stage and returns what the pass goes on with. `shape` and `offset` are of the whole
  // tensor where `own` is a part of it.
  Matrix stage(std::optional<int> layer, const std::string& name, Matrix own);
  Matrix stage(std::optional<int> layer, const std::string& name, Matrix own, Shape shape,
               std::size_t offset = 0);

  // A parameter tensor as a matrix: its outermost dimension are the rows.
  Matrix weight(ParameterKind kind, int layer) const;
  Vector bias(ParameterKind kind, int layer) const;
  Matrix expert_weight(ParameterKind kind, int layer, int expert) const;
  Vector expert_bias(ParameterKind kind, int layer, int expert) const;

  const Parameters& parameters_;
  const Dimensions& dimensions_;
  Precision precision_;
  int task_;
  const StageVisitor& visitor_;
  ForcedRouting forced_;
  std::optional<Vector> task_embedding_;
  Routing routing_;
};

}  // namespace m3sim::golden
