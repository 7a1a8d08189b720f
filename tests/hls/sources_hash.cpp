#include "tests/hls/sources_hash.hpp"

#include <cctype>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace m3sim::hls_test {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream from(file);
  std::stringstream text;
  text << from.rdbuf();
  return text.str();
}

/// The code's lines without // comments.
void collect(const fs::path& root, const fs::path& file, std::set<fs::path>& seen,
             std::string& code) {
  if (!seen.insert(file).second) return;
  std::istringstream text(slurp(file));
  for (std::string line; std::getline(text, line);) {
    line = line.substr(0, line.find("//"));
    const std::string start = "#include \"model/";
    if (line.rfind(start, 0) == 0) {
      const std::size_t begin = start.size() - 6;
      collect(root, root / line.substr(begin, line.rfind('"') - begin), seen, code);
    } else {
      code += line;
    }
  }
}

}  // namespace

std::string sources_hash(const fs::path& root, const std::string& top) {
  for (const auto& entry : fs::directory_iterator(root / "model/hls/tops")) {
    if (slurp(entry.path()).find("\nvoid " + top + "(") == std::string::npos) continue;
    std::set<fs::path> seen;
    std::string code;
    collect(root, entry.path(), seen, code);
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : code)
      if (!std::isspace(static_cast<unsigned char>(c)))
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    std::ostringstream hex;
    hex << std::hex << hash;
    return std::string(16 - hex.str().size(), '0') + hex.str();
  }
  throw std::runtime_error(top + ": no source in model/hls/tops defines it");
}

}  // namespace m3sim::hls_test
