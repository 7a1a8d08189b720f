#include "model/network/tensor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace m3sim {
namespace {

TEST(FixedFormat, RangesOfThePublishedContainers) {
  EXPECT_EQ(kLinearWeightFormat.lowest(), -2.0);
  EXPECT_EQ(kLinearWeightFormat.beyond(), 2.0);
  EXPECT_EQ(kAttentionBiasFormat.beyond(), 64.0);
  EXPECT_EQ(kBiasFormat.beyond(), 16.0);
  EXPECT_EQ(kPatchWeightFormat.lowest(), -0.5);
  EXPECT_EQ(kPatchWeightFormat.beyond(), 0.5);
  EXPECT_EQ(kPixelFormat.lowest(), 0.0);
  EXPECT_EQ(kPixelFormat.beyond(), 1.0);
  EXPECT_EQ(kActivationFormat.lowest(), -512.0);
}

TEST(FixedFormat, RoundsTowardsMinusInfinity) {
  EXPECT_EQ(kLinearWeightFormat.quantize(0.0), 0);
  EXPECT_EQ(kLinearWeightFormat.quantize(1.5 * kLinearWeightFormat.lsb()), 1);
  EXPECT_EQ(kLinearWeightFormat.quantize(-0.5 * kLinearWeightFormat.lsb()), -1);
  EXPECT_EQ(kBiasFormat.quantize(-1e-9), -1);
  EXPECT_EQ(kActivationFormat.quantize(1.0), 1 << 22);
}

TEST(FixedFormat, WrapsBeyondTheContainer) {
  EXPECT_EQ(kLinearWeightFormat.quantize(2.0), -32768);
  EXPECT_EQ(kLinearWeightFormat.quantize(-2.0 - kLinearWeightFormat.lsb()), 32767);
  EXPECT_EQ(kLinearWeightFormat.quantize(4.0), 0);
  EXPECT_EQ(kActivationFormat.quantize(512.0), INT32_MIN);
  EXPECT_EQ(kActivationFormat.quantize(-512.0), INT32_MIN);
  EXPECT_EQ(kPixelFormat.quantize(1.0), 0);
  EXPECT_EQ(kPixelFormat.quantize(-kPixelFormat.lsb()), 255);
  EXPECT_EQ(kPixelFormat.quantize(255.0 / 256.0), 255);
  EXPECT_EQ(kLinearWeightFormat.quantize(1e30), 0) << "a multiple of the container";
}

TEST(Tensor, RowsAreTheOutermostDimension) {
  Tensor tensor({2, 3}, kBiasFormat.fraction_bits, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(tensor.row(1)[0], 4);
  tensor.row(1)[2] = 2048;
  EXPECT_EQ(tensor.value(5), 1.0);
  EXPECT_EQ(tensor.values()[5], 1.0);
  EXPECT_EQ(to_string(tensor.shape), "[2, 3]");
}

TEST(Tensor, RefusesElementsOfAnotherShape) {
  EXPECT_THROW(Tensor({2, 3}, 0, {1, 2}), std::invalid_argument);
}

TEST(Tensor, QuantizesAllValuesAsOne) {
  const std::vector<float> values = {0.5f, -0.5f, 1.99999f, 2.0f, -3.0f};
  const Tensor tensor = quantize({5}, values, kLinearWeightFormat);
  EXPECT_EQ(tensor.fraction_bits, 14);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(tensor.raw[i], kLinearWeightFormat.quantize(values[i])) << values[i];
  }
}

}  // namespace
}  // namespace m3sim
