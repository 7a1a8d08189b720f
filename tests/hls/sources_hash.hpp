// Which text a top is made of.
#pragma once

#include <filesystem>
#include <string>

namespace m3sim::hls_test {

/// FNV-1a (64 bits, hexadecimal) of a top's source and of all headers of the tree that it includes,
/// comments and white space left out: layout and words may change, code may not. Throws
/// std::runtime_error where no source below root/model/hls/tops defines the top.
std::string sources_hash(const std::filesystem::path& root, const std::string& top);

}  // namespace m3sim::hls_test
