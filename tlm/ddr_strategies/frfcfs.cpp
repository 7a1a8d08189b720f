// First ready, first come, first served: of all commands that can issue, the oldest request's.
//   frfcfs        a row is not closed while an older request still wants it
//   frfcfs-ready  any ready precharge may close a row, also one with older hits waiting
//                 (a hit is not ready within tCCD of the last, so its row may be lost)

#include "tlm/ddr_strategies.hpp"

namespace m3sim::tlm_mem {
namespace {

template <bool kKeepsWantedRows>
class FirstReady final : public DdrScheduler {
 public:
  [[gnu::hot]]
  DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                 Direction direction, Cycle from, Cycle before) const override {
    EarliestChoice earliest(queues, slots, from, before);
    const std::uint64_t open = device.open_mask();
    const std::uint64_t conflicts =
        kKeepsWantedRows ? queues.older_conflicts(direction) : queues.conflicts(direction);
    for (std::uint64_t left = conflicts & open & ~queues.active_mask(); left != 0;
         left &= left - 1) {
      const int b = std::countr_zero(left);
      earliest.consider(device.earliest_precharge(b), queues.queue(b, direction).conflict,
                        DdrOp::kPrecharge);
    }
    const DdrOp access = direction == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite;
    if (earliest.open_to(device.any_column_ok(direction))) {
      for (std::uint64_t left = queues.hits(direction) & open; left != 0; left &= left - 1) {
        const int b = std::countr_zero(left);
        earliest.consider(device.earliest_column(b, direction), queues.queue(b, direction).hit,
                          access);
      }
    }
    // Last, because the ranks' limits (tRRD, tFAW) often put them after what has been found.
    if (earliest.open_to(device.any_activate_ok())) {
      for (std::uint64_t left = queues.waiting(direction) & ~open; left != 0; left &= left - 1) {
        const int b = std::countr_zero(left);
        earliest.consider(device.earliest_activate(b), queues.queue(b, direction).head,
                          DdrOp::kActivate);
      }
    }
    return earliest.choice();
  }
  bool considers_oldest_only() const override { return true; }
};

const Strategies<DdrScheduler>::Entry<FirstReady<true>> kFrFcfs("frfcfs");
const Strategies<DdrScheduler>::Entry<FirstReady<false>> kFrFcfsReady("frfcfs-ready");

}  // namespace
}  // namespace m3sim::tlm_mem
