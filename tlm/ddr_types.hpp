#pragma once

#include <cstdint>

#include "model/timing/cycle.hpp"

namespace m3sim::tlm_mem {

using timing::Cycle;
using timing::kNever;

/// Direction of an access; also the index of the queue that it waits in.
enum class Direction : std::uint8_t { kRead = 0, kWrite = 1 };
constexpr std::size_t index(Direction d) { return static_cast<std::size_t>(d); }
constexpr Direction opposite(Direction d) {
  return d == Direction::kRead ? Direction::kWrite : Direction::kRead;
}

/// Commands on a channel's command bus (JESD79-4 table 35). `Auto` variants close the row after
/// the burst.
enum class DdrOp : std::uint8_t {
  kActivate,
  kPrecharge,
  kPrechargeAll,
  kRead,
  kReadAuto,
  kWrite,
  kWriteAuto,
  kRefresh
};
constexpr bool is_read(DdrOp op) { return op == DdrOp::kRead || op == DdrOp::kReadAuto; }
constexpr bool is_write(DdrOp op) { return op == DdrOp::kWrite || op == DdrOp::kWriteAuto; }
constexpr bool is_column(DdrOp op) { return is_read(op) || is_write(op); }
constexpr bool is_auto(DdrOp op) { return op == DdrOp::kReadAuto || op == DdrOp::kWriteAuto; }
/// The mnemonic of the command stream files: ACT PRE PREA RD RDA WR WRA REF.
const char* mnemonic(DdrOp op);

/// Where a burst lives in the DRAM. `column` counts bursts within a row.
struct DdrLocation {
  int channel = 0, rank = 0, bank_group = 0, bank = 0;
  std::int32_t row = 0, column = 0;
  bool operator==(const DdrLocation&) const = default;
};

/// One command as the channel issued it. PREA and REF concern a rank: their other fields are 0.
struct DdrCommand {
  Cycle cycle = 0;
  DdrOp op = DdrOp::kActivate;
  DdrLocation at;
  bool operator==(const DdrCommand&) const = default;
};

/// An access to one burst (64 bytes on a 64-bit channel of DDR4).
struct DdrRequest {
  std::uint64_t id = 0;       ///< the master's own tag; comes back with the data of a read
  std::uint64_t address = 0;  ///< any byte within the burst
  Direction direction = Direction::kRead;
  /// Which 32-byte sectors are wanted or written. The burst is transferred whole whatever the mask;
  /// it decides whether a buffered write can answer a read.
  std::uint8_t sectors = 0xff;
};

/// What becomes of an offered request.
enum class Offer : std::uint8_t {
  kRefused,    ///< no room, or it must wait for an older access to its line: offer it again
  kQueued,     ///< waits in a queue
  kMerged,     ///< write: joined one to the same line that is still waiting
  kForwarded,  ///< read: answered from a waiting write, one clock later
};

/// The data of a read: the clock in which its last beat has been transferred. Known CL and a burst
/// ahead, when the column command issues.
struct DdrCompletion {
  std::uint64_t id = 0;
  Cycle cycle = 0;
};

}  // namespace m3sim::tlm_mem
