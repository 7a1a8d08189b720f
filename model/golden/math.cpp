#include "model/golden/math.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace m3sim::golden {

void fix_summation_order() {
  constexpr std::ptrdiff_t kKib = 1024;
  Eigen::setCpuCacheSizes(32 * kKib, 512 * kKib, 4096 * kKib);
}

Matrix layer_norm_stats(const Matrix& x) {
  Matrix stats(x.rows(), 4);
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    const double mean = x.row(row).mean();
    // Around the mean, because the difference of mean squares loses digits.
    const double variance = (x.row(row).array() - mean).square().mean() + kLayerNormEpsilon;
    stats.row(row) << mean, x.row(row).array().square().mean(), variance, 1.0 / std::sqrt(variance);
  }
  return stats;
}

Matrix layer_norm(const Matrix& x, const Vector& weight, const Vector& bias) {
  const Matrix stats = layer_norm_stats(x);
  Matrix out(x.rows(), x.cols());
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    const auto normal = (x.row(row).array() - stats(row, 0)) * stats(row, 3);
    out.row(row) = normal * weight.transpose().array() + bias.transpose().array();
  }
  return out;
}

Matrix linear(const Matrix& x, const Matrix& weight, const Vector& bias) {
  Matrix out(x.rows(), weight.rows());
  out.noalias() = x * weight.transpose();
  out.rowwise() += bias.transpose();
  return out;
}

void gelu(Matrix& x) {
  constexpr double kInverseSqrt2 = 1.0 / std::numbers::sqrt2;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    double& value = x.data()[i];
    value = 0.5 * value * std::erfc(-value * kInverseSqrt2);
  }
}

Softmax softmax(const Matrix& x) {
  Softmax result{Matrix(x.rows(), x.cols()), Matrix(x.rows(), 2)};
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    const double most = x.row(row).maxCoeff();
    double sum = 0;
    for (Eigen::Index column = 0; column < x.cols(); ++column) {
      const double power = std::exp(x(row, column) - most);
      result.probabilities(row, column) = power;
      sum += power;
    }
    result.probabilities.row(row) /= sum;
    result.stats.row(row) << sum, most;
  }
  return result;
}

}  // namespace m3sim::golden
