// `memory.kind = simple`: a fixed latency behind one data bus of a fixed width.
//
// Bursts are served whole, one after the other, in order of (arrival, controller port, read before write,
// PS port, process, sequence). A line costs 64 bytes of bus time whatever part of it is wanted. A line's
// data can be used `simple_latency_cycles` after its last byte left the bus; a write is answered likewise.
#include <algorithm>
#include <array>
#include <tuple>

#include "tlm/memory_target.hpp"

namespace m3sim::tlm_mem {
namespace {

class SimpleDdr final : public MemoryTarget {
 public:
  SimpleDdr(sc_core::sc_module_name name, const MemoryTargetArgs& args)
      : MemoryTarget(name, args, ActingClock::kPl),
        lanes_(in.size()),
        bytes_per_cycle_(args.config.memory.simple_bytes_per_cycle),
        latency_(args.config.memory.simple_latency_cycles) {}

  bool idle() const override {
    return std::all_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& lane) { return lane.queue.empty(); });
  }

 private:
  static constexpr std::size_t kQueue = 4;  // bursts per lane: hides the hand-shake

  struct Arrived {
    Payload* payload = nullptr;
    Cycle at = 0;
  };
  struct Lane {
    timing::Ring<Arrived> queue;
    Arrived held;
    Cycle own_free = 0;  // cycle in which its last burst left the bus
  };

  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    const Transfer& transfer = transfer_of(payload);
    Lane& lane = lanes_[lane_of(payload, transfer)];
    const Cycle at = transfer.at;
    if (lane.queue.size() == kQueue) {
      lane.held = {&payload, at};
      return tlm::TLM_ACCEPTED;
    }
    lane.queue.push({&payload, at});
    if (!acting_) wake_at(std::max(at, bus_free_ / bytes_per_cycle_));
    return messages_.answer(payload, phase, delay, at);
  }

  void on_time() override {
    const Cycle now = due();
    acting_ = true;
    while (bus_free_ / bytes_per_cycle_ <= now) {
      Lane* lane = first(now);
      if (!lane) break;
      grant(*lane, now);
    }
    acting_ = false;
    Cycle next = kNever;
    for (const Lane& lane : lanes_) {
      if (!lane.queue.empty()) next = std::min(next, lane.queue.front().at);
    }
    if (next < kNever) wake_at(std::max(next, bus_free_ / bytes_per_cycle_));
  }

  Lane* first(Cycle now) {
    Lane* best = nullptr;
    const auto key = [](const Lane& lane) {
      const Arrived& arrived = lane.queue.front();
      const Transfer& t = transfer_of(*arrived.payload);
      return std::tuple(arrived.at, t.route.controller_port, arrived.payload->is_write(), t.route.ps_port,
                        t.route.process, t.request.sequence);
    };
    for (Lane& lane : lanes_) {
      if (lane.queue.empty() || lane.queue.front().at > now) continue;
      if (!best || key(lane) < key(*best)) best = &lane;
    }
    return best;
  }

  void grant(Lane& lane, Cycle now) {
    const Arrived arrived = lane.queue.front();
    lane.queue.pop();
    Transfer& transfer = transfer_of(*arrived.payload);
    const Cycle ready = std::max(arrived.at, lane.own_free);
    const Cycle lost = std::max<Cycle>(0, bus_free_ / bytes_per_cycle_ - ready);
    transfer.lost += lost;
    stats_.arbitration_cycles += static_cast<std::uint64_t>(lost);
    bus_free_ = std::max(bus_free_, now * bytes_per_cycle_);
    transfer_lines(*arrived.payload, transfer, now);
    lane.own_free = bus_free_ / bytes_per_cycle_;
    if (!lane.held.payload) return;
    const Arrived held{lane.held.payload, std::max(lane.held.at, now + 1)};
    lane.held = {};
    lane.queue.push(held);
    messages_.tell(before(static_cast<std::size_t>(&lane - lanes_.data())), *held.payload,
                   tlm::END_REQ, held.at);
  }

  void transfer_lines(Payload& payload, Transfer& transfer, Cycle now) {
    auto& master = before(lane_of(payload, transfer));
    const bool is_read = payload.is_read();
    const std::uint64_t end = payload.get_address() + payload.get_data_length();
    for (std::uint64_t address = payload.get_address(); address < end;) {
      const std::uint64_t next = std::min(end, (address / kLineBytes + 1) * kLineBytes);
      if (tracing()) {
        record(memory_clock_.first_edge_at_or_after(clock().edge_ps(now)), is_read,
               address / kLineBytes * kLineBytes);
      }
      serve(payload, transfer, address, next - address, 1);
      bus_free_ += static_cast<std::int64_t>(kLineBytes);
      const Cycle at = (bus_free_ + bytes_per_cycle_ - 1) / bytes_per_cycle_ + latency_;
      if (is_read) {
        announced_.clear();
        announced_.add_line((next - address) / static_cast<std::uint64_t>(transfer.route.word_bytes), at,
                            std::exchange(transfer.lost, 0));
        transfer.announced = &announced_;
      }
      address = next;
      if (address == end) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        messages_.tell(master, payload, tlm::BEGIN_RESP, at);
      } else if (is_read) {
        messages_.tell(master, payload, LINE_READY, at);
      }
    }
  }

  std::vector<Lane> lanes_;
  std::int64_t bytes_per_cycle_;
  Cycle latency_;
  std::int64_t bus_free_ = 0;  // bytes since cycle 0
  bool acting_ = false;
};

class SimpleKind final : public MemoryTargetKind {
  std::unique_ptr<MemoryTarget> build(sc_core::sc_module_name name,
                                      const MemoryTargetArgs& args) const override {
    return std::make_unique<SimpleDdr>(name, args);
  }
};

const Strategies<MemoryTargetKind>::Entry<SimpleKind> kSimple("simple");

}  // namespace
}  // namespace m3sim::tlm_mem
