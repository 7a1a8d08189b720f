#pragma once

#include <string>
#include <vector>

#include "model/network/dimensions.hpp"
#include "model/network/tensor.hpp"

namespace m3sim {

/// An image as the network takes it: [channels, height, width], values in [0, 1).
struct Image {
  Shape shape;
  std::vector<float> values;

  /// floor(256 v) in unsigned Q0.8.
  Tensor quantized() const;
};

/// Reads an image of the network's shape from `source`, by its ending: `.float32.bin` (float32, C
/// order), `.npy` (C x H x W), `.png`, `.ppm` (8-bit pixel p is p/256, so its raw number is p), or
/// `seed:N` (uniform raw pixels). Throws InputError where it cannot be read, its shape is another,
/// or a value is outside [0, 1): the container has no bits for it (the published test bench wraps
/// it).
Image read_image(const std::string& source, const Dimensions& dimensions);

}  // namespace m3sim
