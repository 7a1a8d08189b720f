#include "model/config/activations.hpp"

#include <algorithm>

namespace m3sim {
namespace {

constexpr std::int64_t kLaneBytes = kFeatureBits / 8;

std::int64_t power_of_two(std::int64_t at_least) {
  std::int64_t p = 1;
  while (p < at_least) p *= 2;
  return p;
}

/// Blocks of p rows past N keys, skewed by one key a row.
std::int64_t score_lanes(const AcceleratorConfig& c) {
  const std::int64_t tokens = c.network.tokens(), rows = c.attention.rows;
  const std::int64_t visits = tokens + rows - 1;
  return (visits / rows * tokens + visits % rows) * rows * power_of_two(c.network.heads);
}

}  // namespace

std::int64_t activation_bytes(const AcceleratorConfig& c, DramTensor tensor) {
  const NetworkConfig& n = c.network;
  const std::int64_t tokens = n.tokens();
  switch (tensor) {
    case DramTensor::kImage: return std::int64_t{n.image_channels} * n.image_height * n.image_width;
    case DramTensor::kX:
    case DramTensor::kTmp1:
    case DramTensor::kTmp2:
    case DramTensor::kTmp3: return tokens * n.width * kLaneBytes;
    case DramTensor::kHidden:
      return tokens * kLaneBytes *
             std::max(n.has_dense() ? n.mlp_hidden : 0, n.has_moe() ? n.expert_hidden : 0);
    case DramTensor::kScores: return score_lanes(c) * kLaneBytes;
    case DramTensor::kSoftmaxInfo: return tokens * power_of_two(2 * n.heads) * kLaneBytes;
    case DramTensor::kWeights: return 0;
  }
  return 0;
}

std::int64_t resident_bytes(const AcceleratorConfig& c) {
  std::int64_t bytes = 0;
  for (const auto& [tensor, word] : Words<DramTensor>::kTable)
    if (c.resident[tensor]) bytes += activation_bytes(c, tensor);
  return bytes;
}

}  // namespace m3sim
