#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// Writes a trace that `read_trace` reads: lines `clock,R|W,hex_address[,bytes]`, gzip where the
/// name ends in .gz. The file appears under its name when `finish` has succeeded; before that, or
/// without it, there is none.
class TraceWriter {
 public:
  /// Every access is a whole line of `line_bytes`. Throws InputError where the file cannot be
  /// created.
  TraceWriter(std::filesystem::path file, int line_bytes);
  ~TraceWriter();
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  /// Clocks may not decrease. What cannot be written is noticed by `finish`.
  void add(Cycle clock, Direction direction, std::uint64_t address);
  /// Throws InputError where anything could not be written.
  void finish();

 private:
  void flush();

  std::filesystem::path file_, partial_;
  std::string suffix_;  ///< of a line: its size, unless that is the default
  std::unique_ptr<gzFile_s, int (*)(gzFile)> out_;
  std::string text_;
  bool failed_ = false;
};

}  // namespace m3sim::tlm_mem
