#pragma once

#include <Eigen/Core>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/network/dimensions.hpp"
#include "model/network/image.hpp"
#include "model/network/parameters.hpp"
#include "model/network/routing.hpp"
#include "model/network/tensor.hpp"

namespace m3sim::golden {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Which numbers the model computes with: the parameters and image as read, or as the hardware
/// holds them.
enum class Precision { kFloat, kQuantized };

/// A stage's tensor, or a part of it (attention probabilities come head by head).
struct Stage {
  std::string name;  // "patch_embed", "l0_norm1", ... as in a tensor dump
  std::optional<int> layer;
  Shape shape;                     // of the whole tensor
  std::size_t offset = 0;          // index of values[0] in it
  std::span<const double> values;  // C order
};

/// Sees every stage as it is computed. It may return the tensor (whole) that the model goes on with
/// in place of its own: given the hardware's, every stage is computed from the hardware's own
/// input.
using StageVisitor = std::function<const Tensor*(const Stage&)>;

/// Experts and, where `use_scores` is set, scores that replace the gate's.
struct ForcedRouting {
  const Routing* routing = nullptr;
  bool use_scores = false;  // false: the gate's own probability of each given expert
};

struct Result {
  Matrix out;       // [N, D], the last layer's
  Routing routing;  // of this task, as used; scores rounded down to Q10.22
};

/// The network in double precision with exact softmax, layer norm and erf GELU (Eigen). Shares no
/// arithmetic with the kernels.
class Model {
 public:
  Model(const Parameters& parameters, Precision precision);

  /// Throws InputError where the image or the forced routing is of another network.
  Result forward(const Image& image, int task, const StageVisitor& visitor = {},
                 ForcedRouting forced = {}) const;

 private:
  const Parameters& parameters_;
  Precision precision_;
};

}  // namespace m3sim::golden
