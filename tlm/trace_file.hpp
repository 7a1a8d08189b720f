#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// One access of a memory trace.
struct TraceRequest {
  std::int64_t time = 0;  ///< earliest clock (or nanosecond) in which it may be offered
  std::uint64_t address = 0;
  std::uint32_t bytes = 64;
  Direction direction = Direction::kRead;
};

/// What every access has to keep to; it depends on the memory.
struct TraceLimits {
  std::uint64_t capacity_bytes = 0;
  std::uint32_t line_bytes = 64;
  std::int64_t latest_time = 0;
};

/// Largest access of a trace: the 4 KiB that an AXI burst may not leave.
inline constexpr std::uint32_t kMaxTraceBytes = 4096;

/// Reads a trace, plain or gzip: lines `time,R|W,hex_address[,bytes]`, bytes 64 where left out; `#`
/// starts a comment; empty lines are skipped. Times may not decrease. An access of up to a line
/// (64 bytes) begins at a multiple of the largest power of two that divides its size and stays
/// within the line; a longer one begins at a multiple of 32 bytes.
/// Throws InputError with file and line.
std::vector<TraceRequest> read_trace(const std::string& path, const TraceLimits& limits);

}  // namespace m3sim::tlm_mem
