#pragma once

#include <cstdint>

#include "model/config/accelerator_config.hpp"

namespace m3sim {

/// Bytes of an activation tensor, or of the image, as it lies in memory: tokens of 32-bit features;
/// scores in the order of the rows in flight (model/kernels/attention.hpp). Weights: 0.
std::int64_t activation_bytes(const AcceleratorConfig& config, DramTensor tensor);

/// Of all tensors that stay on chip.
std::int64_t resident_bytes(const AcceleratorConfig& config);

}  // namespace m3sim
