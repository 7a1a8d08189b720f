#include "model/golden/compare.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace m3sim::golden {

void ErrorMeter::add(const Tensor& tensor, std::size_t offset, std::span<const double> golden) {
  if (offset + golden.size() > tensor.size()) {
    throw std::out_of_range("comparison beyond the end of a tensor of shape " +
                            to_string(tensor.shape));
  }
  const double lsb = std::ldexp(1.0, -tensor.fraction_bits);
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const double error = std::abs(tensor.raw[offset + i] * lsb - golden[i]);
    sum_ += error;
    // A NaN of the golden model must show, so the comparison is written to be true for it.
    if (!(error <= error_.max)) {
      error_.max = error;
      error_.worst = offset + i;
    }
  }
  count_ += golden.size();
}

Error ErrorMeter::error() const {
  Error result = error_;
  result.mean = count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
  return result;
}

Error compare(const Tensor& tensor, std::span<const double> golden) {
  if (tensor.size() != golden.size()) {
    throw std::invalid_argument("comparison of " + std::to_string(tensor.size()) + " with " +
                                std::to_string(golden.size()) + " values");
  }
  ErrorMeter meter;
  meter.add(tensor, 0, golden);
  return meter.error();
}

}  // namespace m3sim::golden
