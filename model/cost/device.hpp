// What a device has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/cost/resources.hpp"

namespace m3sim::cost {

struct Device {
  std::string name;  ///< the part: "xczu9eg"
  std::int64_t dsp = 0, bram18 = 0, uram = 0, lut = 0, ff = 0;

  /// `board` is a preset's name ("zcu102", for device/zcu102.cfg) or a file. Throws InputError that
  /// names the file, ConfigError for a bad line, an unknown or missing key.
  static Device read(const std::string& board);
};

/// One line for each resource that does not fit: "dsp: 3000 of 2520"; empty where all fit.
std::vector<std::string> exceeded(const Resources& resources, const Device& device);

}  // namespace m3sim::cost
