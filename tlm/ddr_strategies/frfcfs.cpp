// First ready, first come, first served: of all commands that can issue, the oldest request's.
//   frfcfs        a row is not closed while an older request still wants it
//   frfcfs-ready  any ready precharge may close a row, also one with older hits waiting
//                 (a hit is not ready within tCCD of the last, so its row may be lost)

#include "tlm/ddr_strategies.hpp"

namespace m3sim::tlm_mem {
namespace {

/// The earliest of several commands; of those in one clock the oldest request's. Without branches,
/// because which one wins is hard to predict.
class Earliest {
 public:
  Earliest(const DdrQueues& queues, CommandSlots slots, Cycle from)
      : queues_(queues), slots_(slots), from_(from) {}

  void consider(Cycle allowed, int e, DdrOp op) {
    const Cycle cycle = slots_.at_or_after(std::max(allowed, from_));
    const std::int64_t sequence = queues_.entry(e).sequence;
    const bool wins =
        (cycle < cycle_) | (static_cast<int>(cycle == cycle_) & static_cast<int>(sequence < sequence_));
    cycle_ = wins ? cycle : cycle_;
    sequence_ = wins ? sequence : sequence_;
    entry_ = wins ? e : entry_;
    op_ = wins ? static_cast<int>(op) : op_;
  }
  DdrChoice choice() const { return {cycle_, sequence_, entry_, static_cast<DdrOp>(op_)}; }

 private:
  const DdrQueues& queues_;
  const CommandSlots slots_;
  const Cycle from_;
  Cycle cycle_ = kNever;
  std::int64_t sequence_ = 0;
  int entry_ = DdrQueues::kNone;
  int op_ = 0;
};

template <bool kKeepsWantedRows>
class FirstReady final : public DdrScheduler {
 public:
  DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                 Direction direction, Cycle from) const override {
    Earliest earliest(queues, slots, from);
    const std::uint64_t open = device.open_mask();
    for (std::uint64_t left = queues.waiting(direction) & ~open; left != 0; left &= left - 1) {
      const int b = std::countr_zero(left);
      earliest.consider(device.earliest_activate(b), queues.queue(b, direction).head,
                        DdrOp::kActivate);
    }
    const DdrOp access = direction == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite;
    for (std::uint64_t left = queues.hits(direction) & open; left != 0; left &= left - 1) {
      const int b = std::countr_zero(left);
      earliest.consider(device.earliest_column(b, direction), queues.queue(b, direction).hit,
                        access);
    }
    const std::uint64_t conflicts =
        kKeepsWantedRows ? queues.older_conflicts(direction) : queues.conflicts(direction);
    for (std::uint64_t left = conflicts & open & ~queues.active_mask(); left != 0;
         left &= left - 1) {
      const int b = std::countr_zero(left);
      earliest.consider(device.earliest_precharge(b), queues.queue(b, direction).conflict,
                        DdrOp::kPrecharge);
    }
    return earliest.choice();
  }
  bool considers_oldest_only() const override { return true; }
};

const Strategies<DdrScheduler>::Entry<FirstReady<true>> kFrFcfs("frfcfs");
const Strategies<DdrScheduler>::Entry<FirstReady<false>> kFrFcfsReady("frfcfs-ready");

}  // namespace
}  // namespace m3sim::tlm_mem
