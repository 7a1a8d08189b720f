#include "model/network/tensor_dump.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "model/config/error.hpp"
#include "model/network/file.hpp"

namespace m3sim {
namespace {

static_assert(std::endian::native == std::endian::little, "dumps are little-endian");

constexpr const char* kManifest = "manifest.json";
constexpr const char* kInteger = "integer";

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  std::size_t length = digest.size();
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(),
                   &length) != 1) {
    throw std::runtime_error("the cryptography library offers no SHA-256");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string_view bytes_of(const std::vector<std::int32_t>& raw) {
  return {reinterpret_cast<const char*>(raw.data()), raw.size() * sizeof(std::int32_t)};
}

std::string format_text(int fraction_bits) {
  if (fraction_bits == kIntegerFractionBits) return kInteger;
  return "ap_fixed<32," + std::to_string(32 - fraction_bits) + ">: signed, " +
         std::to_string(fraction_bits) + " fractional bits, raw two's complement";
}

int fraction_bits_of(const std::string& text, const std::string& where) {
  if (text == kInteger) return kIntegerFractionBits;
  constexpr std::string_view kPrefix = "ap_fixed<32,";
  if (!text.starts_with(kPrefix)) throw InputError(where, "unknown number format '" + text + "'");
  return 32 - std::atoi(text.c_str() + kPrefix.size());
}

bool may_be_replaced(const std::filesystem::path& directory) {
  if (!std::filesystem::exists(directory)) return true;
  if (!std::filesystem::is_directory(directory)) return false;
  return std::filesystem::is_empty(directory) || std::filesystem::exists(directory / kManifest);
}

}  // namespace

TensorDump::TensorDump(std::filesystem::path directory, std::string title)
    : directory_(std::move(directory)), title_(std::move(title)) {
  if (!directory_.has_filename()) directory_ = directory_.parent_path();  // "dump/"
  partial_ = directory_.string() + ".partial";
  if (!may_be_replaced(directory_)) {
    throw InputError(directory_.string(), "exists and is no earlier dump, it is not overwritten");
  }
  std::error_code failed;
  std::filesystem::remove_all(partial_, failed);
  std::filesystem::create_directories(partial_, failed);
  if (failed) {
    throw InputError(directory_.string(), "cannot be made (" + failed.message() + ")");
  }
}

TensorDump::~TensorDump() {
  std::error_code ignored;
  std::filesystem::remove_all(partial_, ignored);
}

void TensorDump::add(const std::string& name, std::optional<int> layer, const Tensor& tensor,
                     const std::string& note) {
  const std::string_view bytes = bytes_of(tensor.raw);
  Record record;
  record.entry = {name,         layer, note, tensor.shape, tensor.fraction_bits, sha256_hex(bytes),
                  name + ".bin"};
  if (!tensor.raw.empty()) {
    const auto [least, most] = std::minmax_element(tensor.raw.begin(), tensor.raw.end());
    record.min_raw = *least;
    record.max_raw = *most;
  }
  write_file(partial_ / record.entry.file, bytes);
  records_.push_back(std::move(record));
}

void TensorDump::finish() {
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
  for (const auto& [entry, min_raw, max_raw] : records_) {
    nlohmann::ordered_json item;
    item["name"] = entry.name;
    item["layer"] = entry.layer ? nlohmann::ordered_json(*entry.layer) : nlohmann::ordered_json();
    item["shape"] = entry.shape;
    item["dtype"] = "int32 little-endian, C order";
    item["q"] = format_text(entry.fraction_bits);
    item["sha256"] = entry.sha256;
    item["min_raw"] = min_raw;
    item["max_raw"] = max_raw;
    if (!entry.note.empty()) item["note"] = entry.note;
    item["file"] = entry.file;
    tensors.push_back(std::move(item));
  }
  const nlohmann::ordered_json manifest = {{"title", title_}, {"tensors", tensors}};
  write_file(partial_ / kManifest, manifest.dump(1) + "\n");
  std::error_code failed;
  std::filesystem::remove_all(directory_, failed);
  if (!failed) std::filesystem::rename(partial_, directory_, failed);
  if (failed) {
    throw InputError(directory_.string(), "cannot be written (" + failed.message() + ")");
  }
}

TensorDumpReader::TensorDumpReader(std::filesystem::path directory)
    : directory_(std::move(directory)) {
  const std::filesystem::path file = directory_ / kManifest;
  try {
    const nlohmann::json manifest = nlohmann::json::parse(read_file(file));
    for (const nlohmann::json& item : manifest.at("tensors")) {
      DumpEntry entry;
      entry.name = item.at("name").get<std::string>();
      if (!item.at("layer").is_null()) entry.layer = item.at("layer").get<int>();
      entry.note = item.value("note", "");
      entry.shape = item.at("shape").get<Shape>();
      entry.fraction_bits = fraction_bits_of(item.at("q").get<std::string>(), file.string());
      entry.sha256 = item.at("sha256").get<std::string>();
      entry.file = item.at("file").get<std::string>();
      entries_.push_back(std::move(entry));
    }
  } catch (const nlohmann::json::exception& error) {
    throw InputError(file.string(), std::string("not a dump's manifest (") + error.what() + ")");
  }
}

bool TensorDumpReader::has(const std::string& name) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const DumpEntry& entry) { return entry.name == name; });
}

Tensor TensorDumpReader::read(const std::string& name) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const DumpEntry& e) { return e.name == name; });
  if (entry == entries_.end()) {
    throw InputError(directory_.string(), "the dump has no tensor '" + name + "'");
  }
  const std::filesystem::path file = directory_ / entry->file;
  const std::string bytes = read_file(file);
  Tensor tensor(entry->shape, entry->fraction_bits);
  const std::size_t expected = tensor.size() * sizeof(std::int32_t);
  if (bytes.size() != expected) {
    throw InputError(file.string(), "has " + std::to_string(bytes.size()) + " bytes, expected " +
                                        std::to_string(expected) + " (int32 " +
                                        to_string(tensor.shape) + ")");
  }
  if (sha256_hex(bytes) != entry->sha256) {
    throw InputError(file.string(), "its SHA-256 is not the manifest's");
  }
  std::memcpy(tensor.raw.data(), bytes.data(), bytes.size());
  return tensor;
}

}  // namespace m3sim
