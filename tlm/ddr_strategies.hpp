#pragma once

#include <string>

#include "tlm/ddr_device.hpp"
#include "tlm/ddr_queues.hpp"
#include "tlm/strategies.hpp"

namespace m3sim::tlm_mem {

/// A command for a request: the next one that it needs.
struct DdrChoice {
  Cycle cycle = kNever;
  std::int64_t sequence = 0;  ///< of the request: of commands ready together the oldest wins
  int entry = DdrQueues::kNone;
  DdrOp op = DdrOp::kActivate;

  bool before(const DdrChoice& other) const {
    return cycle != other.cycle ? cycle < other.cycle : sequence < other.sequence;
  }
};

/// Clocks in which the controller may issue: all, or at half rate every second.
class CommandSlots {
 public:
  explicit CommandSlots(bool half_rate) : mask_(half_rate ? 1 : 0) {}
  Cycle at_or_after(Cycle t) const { return (t + mask_) & ~mask_; }

 private:
  Cycle mask_;
};

/// Which waiting request is served next. Active requests, refresh and the choice between reads and
/// writes are the channel's business.
class DdrScheduler {
 public:
  virtual ~DdrScheduler() = default;
  /// The first command for a request of that direction that can issue at `from` or later, if
  /// nothing else happens until then.
  virtual DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                         Direction direction, Cycle from) const = 0;
  /// Whether the choice depends only on the oldest request of each bank, its oldest hit and its
  /// oldest conflict: then most arrivals cannot change it, and it is not made again for them.
  virtual bool considers_oldest_only() const { return false; }
};

/// Whether a row stays open after a column command.
class DdrPagePolicy {
 public:
  virtual ~DdrPagePolicy() = default;
  /// `row_wanted`: a waiting request wants this row.
  virtual bool closes_row(bool row_wanted) const = 0;
};

/// When the ranks are due for an all-bank refresh.
class DdrRefreshPolicy {
 public:
  virtual ~DdrRefreshPolicy() = default;
  /// The first due cycle after `after`; kNever where there is no refresh.
  virtual Cycle next_due(const DdrTiming& timing, Cycle after) const = 0;
};

}  // namespace m3sim::tlm_mem
