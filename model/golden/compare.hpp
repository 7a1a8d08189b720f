#pragma once

#include <cstddef>
#include <span>

#include "model/network/tensor.hpp"

namespace m3sim::golden {

/// How far a fixed-point tensor is from the golden one, in values (not raw steps).
struct Error {
  double max = 0;
  double mean = 0;
  std::size_t worst = 0;  // index of the largest
};

/// Collects the error of a tensor that is compared part by part.
class ErrorMeter {
 public:
  /// Values `offset` ... of `tensor` against `golden`. Throws std::out_of_range beyond its end.
  void add(const Tensor& tensor, std::size_t offset, std::span<const double> golden);
  Error error() const;

 private:
  Error error_;
  double sum_ = 0;
  std::size_t count_ = 0;
};

/// The whole tensor at once; std::invalid_argument where the sizes differ.
Error compare(const Tensor& tensor, std::span<const double> golden);

}  // namespace m3sim::golden
