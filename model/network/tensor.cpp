#include "model/network/tensor.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace m3sim {

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const int extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + "]";
}

double FixedFormat::lsb() const { return std::ldexp(1.0, -fraction_bits); }
double FixedFormat::lowest() const {
  return is_signed ? -std::ldexp(1.0, width_bits - 1 - fraction_bits) : 0.0;
}
double FixedFormat::beyond() const {
  return std::ldexp(1.0, (is_signed ? width_bits - 1 : width_bits) - fraction_bits);
}

std::int32_t FixedFormat::quantize(double value) const {
  const double container = std::ldexp(1.0, width_bits);
  // fmod is exact, so even a value far outside the container wraps to the right number.
  double wrapped = std::fmod(std::floor(std::ldexp(value, fraction_bits)), container);
  const double limit = is_signed ? container / 2 : container;
  if (wrapped >= limit) wrapped -= container;
  if (wrapped < limit - container) wrapped += container;
  return static_cast<std::int32_t>(wrapped);
}

Tensor::Tensor(Shape shape_in, int fraction_bits_in)
    : shape(std::move(shape_in)), fraction_bits(fraction_bits_in), raw(element_count(shape)) {}

Tensor::Tensor(Shape shape_in, int fraction_bits_in, std::vector<std::int32_t> raw_in)
    : shape(std::move(shape_in)), fraction_bits(fraction_bits_in), raw(std::move(raw_in)) {
  if (raw.size() != element_count(shape)) {
    throw std::invalid_argument("tensor of shape " + to_string(shape) + " given " +
                                std::to_string(raw.size()) + " elements");
  }
}

double Tensor::value(std::size_t index) const { return std::ldexp(raw[index], -fraction_bits); }

std::vector<double> Tensor::values() const {
  const double lsb = std::ldexp(1.0, -fraction_bits);
  std::vector<double> result(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) result[i] = raw[i] * lsb;
  return result;
}

std::span<const std::int32_t> Tensor::row(int index) const {
  const std::size_t length = raw.size() / static_cast<std::size_t>(shape.at(0));
  return std::span(raw).subspan(static_cast<std::size_t>(index) * length, length);
}

std::span<std::int32_t> Tensor::row(int index) {
  const std::size_t length = raw.size() / static_cast<std::size_t>(shape.at(0));
  return std::span(raw).subspan(static_cast<std::size_t>(index) * length, length);
}

Tensor quantize(const Shape& shape, std::span<const float> values, const FixedFormat& format) {
  std::vector<std::int32_t> raw;
  raw.reserve(values.size());
  const double scale = std::ldexp(1.0, format.fraction_bits);
  for (const float value : values) {
    // The common case without fmod: 18 million parameters pass here.
    raw.push_back(format.holds(value) ? static_cast<std::int32_t>(std::floor(value * scale))
                                      : format.quantize(value));
  }
  return Tensor(shape, format.fraction_bits, std::move(raw));
}

}  // namespace m3sim
