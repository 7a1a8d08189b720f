#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace m3sim {

/// A configuration or table file: where it is, and how diagnostics and reports call it. Files among
/// the presets are called by their path below the preset folder, so that reports are alike on every
/// machine.
struct ConfigFile {
  std::filesystem::path path;
  std::string shown;
};

/// Folders that are searched for presets, first one first: $M3SIM_CONFIGS, share/m3sim/configs
/// beside the installed program, the source tree.
std::vector<std::filesystem::path> preset_folders();

/// The regular file that a path names: as it stands (relative to `base` if that is given), or below
/// a preset folder. Nothing if there is none.
std::optional<ConfigFile> find_config_file(const std::filesystem::path& path,
                                           const std::optional<ConfigFile>& base = std::nullopt);

}  // namespace m3sim
