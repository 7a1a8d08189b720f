#include "model/explore/point.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "model/config/presets.hpp"
#include "model/network/file.hpp"

namespace m3sim::explore {
namespace {

namespace fs = std::filesystem;

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(), &size) !=
      1) {
    throw std::runtime_error("the cryptography library offers no SHA-256");
  }
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

/// Digest of a file, or of a folder's file names and contents.
std::string digest_of(const fs::path& path) {
  if (!fs::is_directory(path)) return sha256_hex(read_file(path));
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const fs::path& file : files) {
    all += file.filename().string() + ' ' + sha256_hex(read_file(file)) + '\n';
  }
  return sha256_hex(all);
}

}  // namespace

std::string describe(const Inputs& inputs, const Config& base) {
  std::string text;
  for (const auto& [name, value] : inputs) {
    text += name + " = " + value;
    if (std::error_code ignored; fs::exists(value, ignored)) text += " sha256:" + digest_of(value);
    text += '\n';
  }
  if (const auto table = find_config_file(base.values.energy.table)) {
    text += "energy table sha256:" + digest_of(table->path) + '\n';
  }
  return text;
}

Point make_point(const Config& base, const std::vector<Axis>& axes, const Choice& choice,
                 const std::string& version, const std::string& inputs) {
  Point point{choice, {}, {}, {}, base.values};
  const Registry& registry = Registry::instance();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    registry.find(axes[a].key)->assign(point.values, axes[a].values[choice[a]]);
  }
  std::string identity = "m3sim " + version + "\n" + inputs;
  for (const auto& key : registry.keys()) {
    point.keys.push_back(key->text(point.values));
    identity += key->name() + " = " + point.keys.back() + '\n';
  }
  point.hash = sha256_hex(identity);
  try {
    validate(point.values);
  } catch (const ConfigError& error) {
    point.fault = error.what();
  }
  return point;
}

}  // namespace m3sim::explore
