#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/config/error.hpp"
#include "model/config/registry.hpp"
#include "model/config/settings.hpp"

namespace m3sim {

/// What a design point is made from: files, later ones win, then `section.key=value` assignments.
struct ConfigSources {
  std::vector<std::string> files;
  std::vector<std::string> assignments;
};

/// A key with the value in effect and where it was set.
struct ConfigEntry {
  const Key* key;
  std::string text;
  ConfigValue value;
  Origin origin;
};

/// A validated design point: typed values for the code below, entries in registry order for
/// reports.
struct Config {
  AcceleratorConfig values;
  std::vector<ConfigEntry> entries;

  /// The entries whose default is not known from any source, [?].
  std::vector<std::reference_wrapper<const ConfigEntry>> unknowns() const;
  const ConfigEntry& entry(const std::string& key) const;
};

/// The preset that `m3sim run` uses where no file is named.
inline constexpr const char* kDefaultPreset = "accelerator/edge-moe-zcu102.cfg";

/// Reads, fills and validates. Throws ConfigError with every fault found, one line each:
/// `FILE:LINE: linear.in_tile = 7: must be a multiple of 8 (features in a 256-bit word)`.
Config load_config(const ConfigSources& sources);

/// The combination rules alone, for configurations made by a program. Throws ConfigError.
void validate(const AcceleratorConfig& config);

}  // namespace m3sim
