// First come, first served: only the oldest request is looked at.

#include "tlm/ddr_strategies.hpp"

namespace m3sim::tlm_mem {
namespace {

class Fcfs final : public DdrScheduler {
 public:
  DdrChoice pick(const DdrDevice& device, const DdrQueues& queues, CommandSlots slots,
                 Direction direction, Cycle from, Cycle) const override {
    int oldest = DdrQueues::kNone;
    for (std::uint64_t left = queues.waiting(direction); left != 0; left &= left - 1) {
      const int e = queues.queue(std::countr_zero(left), direction).head;
      if (oldest == DdrQueues::kNone || queues.entry(e).sequence < queues.entry(oldest).sequence) {
        oldest = e;
      }
    }
    if (oldest == DdrQueues::kNone) return {};
    const DdrQueues::Entry& request = queues.entry(oldest);
    const auto choice = [&](Cycle earliest, DdrOp op) {
      return DdrChoice{slots.at_or_after(std::max(earliest, from)), oldest, op};
    };
    const int b = request.bank;
    const std::int32_t row = device.bank(b).row;
    if (row == DdrDevice::kClosed) return choice(device.earliest_activate(b), DdrOp::kActivate);
    if (row == request.row) {
      return choice(device.earliest_column(b, direction),
                    direction == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite);
    }
    if (queues.has_active(b)) return {};
    return choice(device.earliest_precharge(b), DdrOp::kPrecharge);
  }
  bool considers_oldest_only() const override { return true; }
};

const Strategies<DdrScheduler>::Entry<Fcfs> kFcfs("fcfs");

}  // namespace
}  // namespace m3sim::tlm_mem
