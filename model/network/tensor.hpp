#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace m3sim {

/// Extent of each dimension, outermost first (C order).
using Shape = std::vector<int>;

/// Product of the extents; 1 for a scalar.
std::size_t element_count(const Shape& shape);

/// "[129, 192]"
std::string to_string(const Shape& shape);

/// Fraction bits of activations (Q10.22) and of plain integers.
inline constexpr int kActivationFractionBits = 22;
inline constexpr int kIntegerFractionBits = 0;

/// A two's complement fixed-point container: `width_bits` in all, `fraction_bits` of them after the
/// point.
struct FixedFormat {
  int width_bits = 32;
  int fraction_bits = kActivationFractionBits;
  bool is_signed = true;

  double lsb() const;     // value of one raw step
  double lowest() const;  // least value
  double beyond() const;  // least value above the range

  /// floor(value * 2^fraction_bits), wrapped to the container: what `ap_fixed` does by default.
  std::int32_t quantize(double value) const;
  bool holds(double value) const { return value >= lowest() && value < beyond(); }

  bool operator==(const FixedFormat&) const = default;
};

inline constexpr FixedFormat kActivationFormat{32, 22, true};    // Q10.22
inline constexpr FixedFormat kLinearWeightFormat{16, 14, true};  // Q2.14
inline constexpr FixedFormat kAttentionBiasFormat{16, 9, true};  // Q7.9
inline constexpr FixedFormat kBiasFormat{16, 11, true};          // Q5.11: other biases, layer norm
inline constexpr FixedFormat kPatchWeightFormat{16, 16, true};   // Q0.16: values in [-0.5, 0.5)
inline constexpr FixedFormat kPixelFormat{8, 8, false};          // unsigned Q0.8

/// Raw fixed-point numbers in C order. A value is raw * 2^-fraction_bits.
struct Tensor {
  Shape shape;
  int fraction_bits = kActivationFractionBits;
  std::vector<std::int32_t> raw;

  Tensor() = default;
  Tensor(Shape shape_in, int fraction_bits_in = kActivationFractionBits);  // zeros
  Tensor(Shape shape_in, int fraction_bits_in, std::vector<std::int32_t> raw_in);

  std::size_t size() const { return raw.size(); }
  double value(std::size_t index) const;
  std::vector<double> values() const;

  /// Row `index` of the outermost dimension: one token's features, one expert's matrix.
  std::span<const std::int32_t> row(int index) const;
  std::span<std::int32_t> row(int index);

  bool operator==(const Tensor&) const = default;
};

/// Values of a float tensor, each by `format.quantize`.
Tensor quantize(const Shape& shape, std::span<const float> values, const FixedFormat& format);

}  // namespace m3sim
