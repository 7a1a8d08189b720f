#pragma once

#include <string>
#include <vector>

namespace m3sim {

/// Where a value was set.
struct Origin {
  enum class Kind { kDefault, kFile, kCommandLine };
  Kind kind = Kind::kDefault;
  std::string file;
  int line = 0;

  /// `FILE:LINE`, `--set` or `default`.
  std::string text() const {
    switch (kind) {
      case Kind::kFile: return file + ":" + std::to_string(line);
      case Kind::kCommandLine: return "--set";
      case Kind::kDefault: break;
    }
    return "default";
  }
};

/// One `key = value` as it was written, the key with its section.
struct Setting {
  std::string key;
  std::string value;
  Origin origin;
};

/// What is wrong, one line each.
using Diagnostics = std::vector<std::string>;

/// The settings of an INI file and of the files that it includes, in order of reading. Sections
/// `[section]`, `key = value`, comments from `#` to the end of the line; `include = FILE` puts
/// another file's settings in its place, relative to the including file or below a preset folder.
/// Faults (unreadable file, bad line, key twice in a file, include loop) go to `diagnostics`, and
/// reading goes on.
std::vector<Setting> read_ini(const std::string& path, Diagnostics& diagnostics);

/// A `section.key=value` of the command line.
void read_assignment(const std::string& text, std::vector<Setting>& settings,
                     Diagnostics& diagnostics);

}  // namespace m3sim
