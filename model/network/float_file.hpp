#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "model/network/tensor.hpp"

namespace m3sim {

/// Reads `count` values from value `first` on (C order) of a float file of the given shape:
/// `.npy` (NumPy format 1.0 to 3.0, little-endian float32 or float64, C or Fortran order), anything
/// else plain little-endian float32. float64 is rounded to float32.
/// Throws InputError where the file's shape or size is another or a value read is NaN or infinite.
std::vector<float> read_floats(const std::filesystem::path& file, const Shape& shape,
                               std::size_t first, std::size_t count);

/// The whole file.
std::vector<float> read_floats(const std::filesystem::path& file, const Shape& shape);

}  // namespace m3sim
