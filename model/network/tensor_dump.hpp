#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/network/tensor.hpp"

namespace m3sim {

/// A named stage tensor in a dump.
struct DumpEntry {
  std::string name;          // "l0_norm1"
  std::optional<int> layer;  // absent for tensors of no layer
  std::string note;          // what the name does not say; may be empty
  Shape shape;
  int fraction_bits = kActivationFractionBits;
  std::string sha256;  // of the file, hexadecimal
  std::string file;    // relative to the dump
};

/// Writes stage tensors as raw little-endian int32 files and a manifest.json that describes them.
/// All is written beside `directory` and takes its place in `finish`; without `finish` nothing is
/// left.
class TensorDump {
 public:
  /// Throws InputError where `directory` exists and is neither empty nor an earlier dump, or cannot
  /// be made.
  TensorDump(std::filesystem::path directory, std::string title);
  ~TensorDump();
  TensorDump(const TensorDump&) = delete;
  TensorDump& operator=(const TensorDump&) = delete;

  void add(const std::string& name, std::optional<int> layer, const Tensor& tensor,
           const std::string& note = "");
  void finish();

 private:
  struct Record {
    DumpEntry entry;
    std::int32_t min_raw = 0;
    std::int32_t max_raw = 0;
  };

  std::filesystem::path directory_;
  std::filesystem::path partial_;
  std::string title_;
  std::vector<Record> records_;
};

/// Reads a dump. Throws InputError for a manifest that is none, a missing or short file, another
/// hash.
class TensorDumpReader {
 public:
  explicit TensorDumpReader(std::filesystem::path directory);

  const std::vector<DumpEntry>& entries() const { return entries_; }
  bool has(const std::string& name) const;
  Tensor read(const std::string& name) const;

 private:
  std::filesystem::path directory_;
  std::vector<DumpEntry> entries_;
};

}  // namespace m3sim
