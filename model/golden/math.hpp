#pragma once

#include <Eigen/Core>

namespace m3sim::golden {

/// Rows are tokens (or weights' outputs), columns features; C order.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

inline constexpr double kLayerNormEpsilon = 1e-6;

/// Makes sums independent of the machine's caches, from which Eigen would choose their order.
/// Process-wide; called before every forward pass.
void fix_summation_order();

/// Per row: mean, mean square, variance + epsilon, 1 / sqrt of that.
Matrix layer_norm_stats(const Matrix& x);

/// (x - mean) / sqrt(variance + epsilon) * weight + bias, per row.
Matrix layer_norm(const Matrix& x, const Vector& weight, const Vector& bias);

/// x weight^T + bias: weight is [outputs, inputs].
Matrix linear(const Matrix& x, const Matrix& weight, const Vector& bias);

/// x Phi(x), element by element in place (the exact, erf form).
void gelu(Matrix& x);

/// Softmax of every row.
struct Softmax {
  Matrix probabilities;
  Matrix stats;  // per row: sum of exp(x - max), and max
};
Softmax softmax(const Matrix& x);

}  // namespace m3sim::golden
