#include "model/config/presets.hpp"

#include <cstdlib>
#include <system_error>

namespace m3sim {
namespace fs = std::filesystem;
namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;  // what cannot be examined is not there for us
  return fs::is_regular_file(path, ignored);
}

fs::path folder_beside_program() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return program.parent_path().parent_path() / "share" / "m3sim" / "configs";
}

/// The part below the folder, or nothing for a path that is not in it.
std::optional<std::string> below(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path relative =
      fs::weakly_canonical(path, error).lexically_relative(fs::weakly_canonical(folder, error));
  if (error || relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative.string();
}

ConfigFile named(const fs::path& path) {
  for (const fs::path& folder : preset_folders()) {
    if (const auto shown = below(path, folder)) return {path, *shown};
  }
  return {path, path.lexically_normal().string()};
}

}  // namespace

std::vector<fs::path> preset_folders() {
  std::vector<fs::path> folders;
  if (const char* chosen = std::getenv("M3SIM_CONFIGS"); chosen != nullptr && *chosen != '\0') {
    folders.emplace_back(chosen);
  }
  for (const fs::path& folder : {folder_beside_program(), fs::path(M3SIM_SOURCE_CONFIGS)}) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) folders.push_back(folder);
  }
  return folders;
}

std::optional<ConfigFile> find_config_file(const fs::path& path,
                                           const std::optional<ConfigFile>& base) {
  const fs::path direct = base ? base->path.parent_path() / path : path;
  if (is_file(direct)) return named(direct);
  if (path.is_absolute()) return std::nullopt;
  for (const fs::path& folder : preset_folders()) {
    if (is_file(folder / path)) return named(folder / path);
  }
  return std::nullopt;
}

}  // namespace m3sim
