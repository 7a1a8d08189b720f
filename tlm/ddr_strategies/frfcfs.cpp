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
  DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                 Direction direction, Cycle from) const override {
    DdrChoice best;
    const auto consider = [&](Cycle earliest, int e, DdrOp op) {
      const DdrChoice choice{slots.at_or_after(std::max(earliest, from)), queues.entry(e).sequence,
                             e, op};
      if (choice.before(best)) best = choice;
    };
    for (std::uint64_t left = queues.waiting(direction); left != 0; left &= left - 1) {
      const int b = std::countr_zero(left);
      const DdrQueues::BankQueue& queue = queues.queue(b, direction);
      if (device.bank(b).row == DdrDevice::kClosed) {
        consider(device.earliest_activate(b), queue.head, DdrOp::kActivate);
        continue;
      }
      if (queue.hit != DdrQueues::kNone) {
        consider(device.earliest_column(b, direction), queue.hit,
                 direction == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite);
      }
      if (queue.conflict != DdrQueues::kNone && may_close(queues, queue, b)) {
        consider(device.earliest_precharge(b), queue.conflict, DdrOp::kPrecharge);
      }
    }
    return best;
  }

 private:
  static bool may_close(const DdrQueues& queues, const DdrQueues::BankQueue& queue, int bank) {
    if (queues.has_active(bank)) return false;
    if (!kKeepsWantedRows || queue.hit == DdrQueues::kNone) return true;
    return queues.entry(queue.conflict).sequence < queues.entry(queue.hit).sequence;
  }
};

const Strategies<DdrScheduler>::Entry<FirstReady<true>> kFrFcfs("frfcfs");
const Strategies<DdrScheduler>::Entry<FirstReady<false>> kFrFcfsReady("frfcfs-ready");

}  // namespace
}  // namespace m3sim::tlm_mem
