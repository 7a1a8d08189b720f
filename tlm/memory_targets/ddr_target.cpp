// `memory.kind = ddr`: the DDR controller and its DRAM (ddr_controller.hpp) as a TLM target.
//
// Requests cross into the memory clock and data and responses back: the first edge at or after, plus
// `clock.crossing_cycles` of the receiving clock. In each memory clock one line per channel is offered to the
// controller; of the lanes (controller port and direction) that have one, the order is (arrival, controller
// port, read before write), in a lane that of its commands, and a lane whose line is refused does not hold up
// the others. A write is answered, and its bytes land, when the controller has accepted it; a read is checked
// for hazards and gets its bytes then, too: the controller keeps the order of accesses to a line.
//
// Nothing outside can depend on an acceptance before it has crossed back, nor on data before CL and a burst
// have passed since the read command, and on neither before it has passed the PS port (the lookahead). So the
// target acts that much later, for many clocks at once, and replays them in order; and a refused line is
// offered again when it may be accepted, not in every clock. Cycles, and what is counted as lost to others,
// are those of a target that acts, and offers, in every clock (MemorySystemConfig::every_clock).
#include <algorithm>
#include <bit>

#include "tlm/ddr_controller.hpp"
#include "tlm/earliest.hpp"
#include "tlm/memory_target.hpp"

namespace m3sim::tlm_mem {
namespace {

class DdrTarget final : public MemoryTarget {
 public:
  DdrTarget(sc_core::sc_module_name name, const MemoryTargetArgs& args)
      : MemoryTarget(name, args, ActingClock::kMemory),
        controller_(args.config.ddr),
        lanes_(in.size()),
        line_bytes_(static_cast<std::uint64_t>(controller_.addresses().line_bytes())),
        line_shift_(std::countr_zero(line_bytes_)),
        whole_line_(sectors(0, line_bytes_)),
        to_memory_(pl_clock_, memory_clock_),
        to_pl_(memory_clock_, pl_clock_),
        crossing_(args.config.crossing_cycles),
        every_clock_(args.config.every_clock),
        accept_slack_(every_clock_ ? 0
                                   : std::max<Cycle>(0, memory_clocks(crossing_ + args.lookahead) -
                                                            1)),
        data_slack_(every_clock_ ? 0
                                 : args.config.ddr.cl + args.config.ddr.burst_cycles() - 1 +
                                       memory_clocks(args.lookahead)),
        burst_cycles_(args.config.ddr.burst_cycles()),
        unloaded_(args.config.ddr.cl + args.config.ddr.burst_cycles() + 1) {
    ready_.resize(in.size());
  }

  bool idle() const override {
    return std::all_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& lane) { return lane.open.empty(); });
  }
  std::unique_ptr<DdrStats> ddr_stats(Cycle end) override {
    const Cycle clock_end = to_memory_(end);
    controller_.advance_to(clock_end);
    return std::make_unique<DdrStats>(controller_.stats(clock_end));
  }

 private:
  static constexpr int kLaneShift = 40;  // of the controller's request id; line number below

  struct Waiting {
    Payload* payload = nullptr;
    Cycle arrival = 0;  // memory clock
  };
  struct Line {
    Cycle accepted = 0, done = kNever;  // memory clocks
    Cycle lost = 0;                     // PL cycles
    std::uint64_t served_before = 0;  // reads of other lanes served when it was accepted
  };
  // One controller port in one direction. Bursts leave `waiting` when all their lines are accepted, and
  // `open` when they are answered.
  struct Lane {
    timing::Ring<Waiting> waiting;
    timing::Ring<Payload*> open;
    std::uint64_t offered = 0;      // bytes of the first waiting burst that are accepted
    Cycle own_next = 0;             // clock after its last acceptance
    std::uint64_t accepted = 0, others_before = 0;  // lines: its own, others' until its last
    timing::Ring<Line> lines;       // accepted reads, from number lines_base on
    std::uint64_t lines_base = 0;
    std::uint64_t answered = 0;     // bytes of the first open read whose arrival is published
    std::uint64_t served = 0;       // reads whose data is known
    Cycle last_arrival = 0;         // PL cycle
  };

  Cycle memory_clocks(Cycle pl_cycles) const {
    return pl_cycles * memory_clock_.hz() / pl_clock_.hz();
  }

  [[gnu::hot]]
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    const Transfer& transfer = transfer_of(payload);
    const Cycle at = transfer.at;
    const Cycle arrival = to_memory_(at) + crossing_;
    const std::size_t index = lane_of(payload, transfer);
    Lane& lane = lanes_[index];
    if (lane.waiting.empty()) ready_.set(index, arrival);
    lane.waiting.push({&payload, arrival});
    lane.open.push(&payload);
    wake_at(std::max(arrival, next_clock_) + accept_slack_);
    // The PS ports' command queues bound what waits here.
    return messages_.answer(payload, phase, delay, at);
  }

  [[gnu::hot]] void on_time() override {
    const Cycle now = due();
    for (;;) {
      if (refused_ == 0 && config_.ddr.channels == 1) {  // at most one offer a clock, and it is known which
        const Earliest::Key oldest = ready_.first();
        const Cycle clock = std::max(Earliest::time_of(oldest), next_clock_);
        if (clock > now) break;
        if (offer(Earliest::number_of(oldest), clock, now)) continue;
        offer_rest(next_clock_ - 1);
      } else {
        const Cycle clock = next_offer();
        if (clock > now) break;
        offer_lines(clock);
      }
    }
    advance_to(now);
    publish();
    const Cycle offer = next_offer();
    Cycle next = offer == kNever ? kNever : offer + accept_slack_;
    if (const Cycle event = controller_.next_event(); event < kNever) {
      next = std::min(next, event + data_slack_);
    }
    if (next < kNever) wake_at(std::max(next, now + 1));
  }

  void advance_to(Cycle now) {
    controller_.advance_to(now);
    if (config_.ddr.channels > 1) sort_completions();
    note_completions();
  }

  // Of several channels, as if each had been advanced clock by clock.
  [[gnu::noinline]] void sort_completions() {
    std::ranges::stable_sort(controller_.completions(), {}, &DdrCompletion::cycle);
  }

  // The next clock in which a line can be offered with hope: an arrival, or for refused ones the next issue.
  Cycle next_offer() {
    Cycle first = std::min(Earliest::time_of(ready_.first()), kNever);
    if (refused_ != 0) {
      first = std::min(first, every_clock_ ? next_clock_ : controller_.next_event());
    }
    return first == kNever ? kNever : std::max(first, next_clock_);
  }

  // Refused lines that can have a chance again, because a command has issued until now or a write is accepted.
  [[gnu::noinline]] void reconsider() {
    for (std::uint64_t left = refused_; left != 0; left &= left - 1) {
      const auto index = static_cast<std::size_t>(std::countr_zero(left));
      Lane& lane = lanes_[index];
      if (!every_clock_ && !controller_.may_accept(next_address(lane), direction_of(index))) continue;
      ready_.set(index, lane.waiting.front().arrival);
      refused_ &= ~(std::uint64_t{1} << index);
    }
  }

  [[gnu::noinline]] void offer_lines(Cycle clock) {
    const bool chance = refused_ != 0 && (every_clock_ || controller_.next_event() <= clock);
    // What has been served before counts, in every channel.
    if (chance || config_.ddr.channels > 1) advance_to(clock);
    if (chance) reconsider();
    offer_rest(clock);
  }

  // Offers to every channel that has not accepted in this clock yet, until none does.
  void offer_rest(Cycle clock) {
    next_clock_ = clock + 1;
    for (unsigned channels = 0;;) {
      const std::size_t index = first(clock, channels);
      if (index == lanes_.size()) return;
      const std::uint64_t address = next_address(lanes_[index]);
      if (!offer(index, clock, clock)) continue;
      if (config_.ddr.channels == 1) return;
      channels |= channel_bit(address);
    }
  }

  static Direction direction_of(std::size_t lane) {
    return lane % 2 == 0 ? Direction::kRead : Direction::kWrite;
  }
  std::uint64_t next_address(const Lane& lane) const {
    return lane.waiting.front().payload->get_address() + lane.offered;
  }
  unsigned channel_bit(std::uint64_t address) const {
    return 1u << controller_.addresses().decode(address).channel;
  }

  // The first lane in order that can offer in this clock, to a channel that has not accepted in it yet.
  std::size_t first(Cycle clock, unsigned channels) const {
    std::size_t best = lanes_.size();
    Cycle earliest = clock + 1;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const Cycle arrival = Earliest::time_of(ready_[i]);
      if (arrival >= earliest) continue;
      if (channels != 0 && (channels & channel_bit(next_address(lanes_[i]))) != 0) continue;
      earliest = arrival;
      best = i;
    }
    return best;
  }

  // Offers lines of the lane's first burst, one a clock from `clock` to `last` on while none is refused. No
  // other lane is accepted in between. False: the last one offered is refused.
  [[gnu::hot, gnu::noinline, gnu::flatten]] bool offer(std::size_t index, Cycle clock, Cycle last) {
    Lane& lane = lanes_[index];
    const Waiting burst = lane.waiting.front();
    Payload& payload = *burst.payload;
    const std::uint64_t begin = payload.get_address() + lane.offered;
    const std::uint64_t end = payload.get_address() + payload.get_data_length();
    DdrRequest request;
    request.direction = direction_of(index);
    request.id = std::uint64_t{index} << kLaneShift | (lane.lines_base + lane.lines.size());
    const bool read = payload.is_read();
    std::uint64_t lines = 0, address = begin;
    Offer answer = Offer::kQueued;
    for (; address < end && clock <= last; ++clock) {
      request.address = address >> line_shift_ << line_shift_;
      const std::uint64_t next = std::min(end, request.address + line_bytes_);
      const bool whole = next - address == line_bytes_;
      request.sectors = whole ? whole_line_ : sectors(address - request.address, next - request.address);
      answer = controller_.offer(request, clock);
      if (answer == Offer::kRefused) break;
      if (answer != Offer::kForwarded) note_completions();  // its own is noted when its line stands
      record(clock, read, request.address);
      // Whatever others have had since the lane's last line was before the first of these.
      const Cycle lost =
          lines != 0 ? 0
                     : count_lost(std::min(clock - std::max(burst.arrival, lane.own_next),
                                           static_cast<Cycle>(accepted_ - lane.accepted - lane.others_before)));
      if (read) {
        lane.lines.push({clock, kNever, lost, served_ - lane.served});
        ++request.id;
        if (answer == Offer::kForwarded) note_completions();
      }
      ++lines;
      address = next;
    }
    if (lines != 0) {
      lane.own_next = clock;
      lane.others_before = accepted_ - lane.accepted;
      accepted_ += lines;
      lane.accepted += lines;
      serve(payload, transfer_of(payload), begin, address - begin, lines);
      lane.offered = address - payload.get_address();
      if (!read) reconsider();  // a line written may answer a read or take a write now
    }
    if (answer == Offer::kRefused) {
      next_clock_ = clock + 1;
      ready_.clear(index);
      refused_ |= std::uint64_t{1} << index;
      return false;
    }
    next_clock_ = clock;
    if (address == end) {
      lane.waiting.pop();
      lane.offered = 0;
      lane.waiting.empty() ? ready_.clear(index) : ready_.set(index, lane.waiting.front().arrival);
      if (payload.is_write()) answer_write(lane, payload, clock - 1);
    }
    return true;
  }

  static std::uint8_t sectors(std::uint64_t begin, std::uint64_t end) {
    constexpr std::uint64_t kSector = 32;
    const std::uint64_t first = begin / kSector, last = (end + kSector - 1) / kSector;
    return static_cast<std::uint8_t>((1u << last) - (1u << first));
  }
  // The same in PL cycles, counted.
  Cycle count_lost(Cycle memory_clocks) {
    if (memory_clocks == 0) return 0;
    const Cycle lost = memory_clocks * pl_clock_.hz() / memory_clock_.hz();
    stats_.arbitration_cycles += static_cast<std::uint64_t>(lost);
    return lost;
  }
  Cycle cross_back(Cycle clock) const {
    return to_pl_(clock) + crossing_;
  }

  void answer_write(Lane& lane, Payload& payload, Cycle clock) {
    lane.open.pop();
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    messages_.tell(master_of(lane), payload, tlm::BEGIN_RESP, cross_back(clock));
  }

  tlm::tlm_bw_nonblocking_transport_if<>& master_of(const Lane& lane) {
    return before(static_cast<std::size_t>(&lane - lanes_.data()));
  }

  // Notes the data whose end has become known, in the order of the read commands.
  void note_completions() {
    if (!controller_.completions().empty()) note_each();
  }
  [[gnu::hot, gnu::noinline, gnu::flatten]] void note_each() {
    auto& completions = controller_.completions();
    for (const DdrCompletion& completion : completions) {
      touched_ |= std::uint64_t{1} << (completion.id >> kLaneShift);
      Lane& lane = lanes_[completion.id >> kLaneShift];
      const std::uint64_t number = completion.id & ((std::uint64_t{1} << kLaneShift) - 1);
      Line& line = lane.lines[number - lane.lines_base];
      line.done = completion.cycle;
      // Bus time that others' reads took while this one waited for more than its own access.
      const auto others = static_cast<Cycle>(served_ - lane.served - line.served_before);
      line.lost += count_lost(
          std::clamp<Cycle>(line.done - line.accepted - unloaded_, 0, others * burst_cycles_));
      ++served_;
      ++lane.served;
    }
    completions.clear();
  }

  // Publishes lane by lane, in the order of its commands.
  void publish() {
    for (; touched_ != 0; touched_ &= touched_ - 1) {
      Lane& lane = lanes_[static_cast<std::size_t>(std::countr_zero(touched_))];
      while (!lane.lines.empty() && lane.lines.front().done < kNever) publish(lane);
    }
  }

  // One message for all the lines of the lane's oldest burst that are known.
  [[gnu::hot, gnu::noinline, gnu::flatten]] void publish(Lane& lane) {
    Payload& payload = *lane.open.front();
    Transfer& transfer = transfer_of(payload);
    const std::uint64_t first = payload.get_address();
    const std::uint64_t bytes = payload.get_data_length();
    const int word_shift = std::countr_zero(static_cast<unsigned>(transfer.route.word_bytes));
    announced_.clear();
    transfer.announced = &announced_;
    while (lane.answered < bytes && !lane.lines.empty() && lane.lines.front().done < kNever &&
           announced_.has_room()) {
      const Line line = lane.lines.front();
      lane.lines.pop();
      ++lane.lines_base;
      const std::uint64_t line_end = (((first + lane.answered) >> line_shift_) + 1) << line_shift_;
      const std::uint64_t answered = std::min(bytes, line_end - first);
      lane.last_arrival = std::max(cross_back(line.done), lane.last_arrival);
      announced_.add_line((answered >> word_shift) - (lane.answered >> word_shift), lane.last_arrival,
                          std::exchange(transfer.lost, 0) + line.lost);
      lane.answered = answered;
    }
    if (lane.answered == bytes) {
      lane.open.pop();
      lane.answered = 0;
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
      messages_.tell(master_of(lane), payload, tlm::BEGIN_RESP, lane.last_arrival);
    } else if (announced_.words > 0) {
      messages_.tell(master_of(lane), payload, LINE_READY, lane.last_arrival);
    }
  }

  DdrController controller_;
  std::vector<Lane> lanes_;
  Earliest ready_;             // arrivals of the lanes' first waiting bursts, but for refused ones
  std::uint64_t refused_ = 0;  // lanes whose line was refused since a command last issued
  const std::uint64_t line_bytes_;
  const int line_shift_;
  const std::uint8_t whole_line_;  // all its sectors
  const timing::EdgeCrossing to_memory_, to_pl_;
  const Cycle crossing_;
  const bool every_clock_;
  const Cycle accept_slack_;  // clocks by which acting on an offer may come late
  const Cycle data_slack_;    // clocks by which acting on a read command may come late
  const Cycle burst_cycles_;
  const Cycle unloaded_;      // clocks from acceptance to data of an undisturbed row hit
  Cycle next_clock_ = 0;      // no line is offered before
  std::uint64_t accepted_ = 0;  // lines, all lanes
  std::uint64_t served_ = 0;  // reads whose data is known, all lanes
  std::uint64_t touched_ = 0; // lanes with data known and not yet published
};

class DdrKind final : public MemoryTargetKind {
  std::unique_ptr<MemoryTarget> build(sc_core::sc_module_name name,
                                      const MemoryTargetArgs& args) const override {
    return std::make_unique<DdrTarget>(name, args);
  }
};

const Strategies<MemoryTargetKind>::Entry<DdrKind> kDdr("ddr");

}  // namespace
}  // namespace m3sim::tlm_mem
