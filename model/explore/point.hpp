// A design point with everything that decides its result.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/config/config.hpp"
#include "model/explore/axis.hpp"

namespace m3sim::explore {

/// Options of `m3sim run` that are no configuration, in order: {"routing", "uniform"}, ...
using Inputs = std::vector<std::pair<std::string, std::string>>;

struct Point {
  Choice choice;
  std::vector<std::string> keys;  ///< text of every key, in the registry's order
  std::string hash;               ///< SHA-256 of version, keys and inputs, hexadecimal
  std::string fault;              ///< why no hardware can be so; empty where it can
  AcceleratorConfig values;
};

/// `base` with the axes' values in place.
Point make_point(const Config& base, const std::vector<Axis>& axes, const Choice& choice,
                 const std::string& version, const std::string& inputs);

/// Inputs as lines of text. Of files and folders, and of the energy table, also what they hold, so
/// that a changed file makes another point. Throws InputError for one that cannot be read.
std::string describe(const Inputs& inputs, const Config& base);

}  // namespace m3sim::explore
