#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace m3sim {

/// A whole file's bytes. Throws InputError where it cannot be read.
std::string read_file(const std::filesystem::path& file);

/// Writes beside `file` and renames, so that an interrupted run leaves no half-written file. Throws
/// InputError where it cannot be written.
void write_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace m3sim
