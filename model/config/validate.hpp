#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/config/accelerator_config.hpp"

namespace m3sim {

struct Config;

/// A combination of values that no hardware can have. The first key is the one that the rule is
/// about.
struct Violation {
  std::vector<std::string> keys;
  std::string rule;

  bool concerns(const std::set<std::string_view>& names) const;
  /// `ORIGIN: key = value: rule`. Where the key has its default, the origin is that of the first
  /// other key that was set, because that is where the user has to look.
  std::string line(const Config& config) const;
};

/// Every rule that does not hold, in the order of the sections. Each value is legal by itself
/// already.
std::vector<Violation> find_violations(const AcceleratorConfig& config);

}  // namespace m3sim
