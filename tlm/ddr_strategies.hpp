#pragma once

#include <limits>
#include <string>

#include "tlm/ddr_device.hpp"
#include "tlm/ddr_queues.hpp"
#include "tlm/strategies.hpp"

namespace m3sim::tlm_mem {

/// A command for a request: the next one that it needs. Made to be returned in two registers.
class DdrChoice {
 public:
  DdrChoice() = default;  ///< none
  DdrChoice(Cycle at, int entry, DdrOp op)
      : cycle(at), what_(static_cast<std::int64_t>(op) << 32 | static_cast<std::uint32_t>(entry)) {}
  int entry() const { return static_cast<int>(what_ & 0xffff'ffff); }
  DdrOp op() const { return static_cast<DdrOp>(what_ >> 32); }

  Cycle cycle = kNever;

 private:
  std::int64_t what_ = 0;
};

/// Clocks in which the controller may issue: all, or at half rate every second.
class CommandSlots {
 public:
  explicit CommandSlots(bool half_rate) : mask_(half_rate ? 1 : 0) {}
  Cycle at_or_after(Cycle t) const { return (t + mask_) & ~mask_; }

 private:
  Cycle mask_;
};

/// The earliest of several commands; of those in one clock the oldest request's. Without branches,
/// because which one wins is hard to predict.
class EarliestChoice {
 public:
  /// Only commands of clocks from `from` to before `before` count.
  EarliestChoice(const DdrQueues& queues, CommandSlots slots, Cycle from, Cycle before = kNever)
      : queues_(queues), slots_(slots), from_(from), cycle_(before) {}

  /// Whether commands that are allowed no sooner than `allowed` can still change the choice.
  bool open_to(Cycle allowed) const {
    const Cycle cycle = slots_.at_or_after(std::max(allowed, from_));
    return cycle < cycle_ || (cycle == cycle_ && entry_ != DdrQueues::kNone);
  }

  void consider(Cycle allowed, int e, DdrOp op) {
    const Cycle cycle = slots_.at_or_after(std::max(allowed, from_));
    const std::int64_t sequence = queues_.entry(e).sequence;
    const int wins = static_cast<int>(cycle < cycle_) |
                     (static_cast<int>(cycle == cycle_) & static_cast<int>(sequence < sequence_));
    cycle_ = wins != 0 ? cycle : cycle_;
    sequence_ = wins != 0 ? sequence : sequence_;
    entry_ = wins != 0 ? e : entry_;
    op_ = wins != 0 ? static_cast<int>(op) : op_;
  }
  DdrChoice choice() const {
    return {entry_ == DdrQueues::kNone ? kNever : cycle_, entry_, static_cast<DdrOp>(op_)};
  }

 private:
  const DdrQueues& queues_;
  const CommandSlots slots_;
  const Cycle from_;
  Cycle cycle_;
  std::int64_t sequence_ = std::numeric_limits<std::int64_t>::min();  // no entry is older
  int entry_ = DdrQueues::kNone;
  int op_ = 0;
};

/// Which waiting request is served next. Active requests, refresh and the choice between reads and
/// writes are the channel's business.
class DdrScheduler {
 public:
  virtual ~DdrScheduler() = default;
  /// The first command for a request of that direction that can issue at `from` or later, if
  /// nothing else happens until then. One at `before` or later is of no interest.
  virtual DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                         Direction direction, Cycle from, Cycle before) const = 0;
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
