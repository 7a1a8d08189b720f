#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "tlm/axi_master.hpp"

namespace m3sim::tlm_mem {

struct AxiReader::Port final : timing::ChannelListener {
  Port(AxiReader& reader, std::string name, int process, int request_queue, int number)
      : owner(reader),
        channel(std::move(name), process, request_queue),
        index(number),
        route(owner.route(channel, index)) {
    channel.connect(*this, false);
  }
  void on_request(Cycle cycle) override { owner.on_request(*this, cycle); }
  void on_word(Cycle) override { owner.on_take(); }

  auto key() const {
    return std::tuple(channel.front_request().cycle, channel.process(), index);
  }

  AxiReader& owner;
  timing::ReadChannel channel;
  int index;
  const Route route;
  std::uint32_t issued = 0;  ///< words of the front request
  Cycle ready = 0;           ///< when the next burst could have been issued, but for others
  bool waiting = false;
};

AxiReader::AxiReader(sc_core::sc_module_name name, const AxiMasterConfig& config,
                     const Clock& clock, PayloadPool& pool, Calendar& calendar)
    : AxiAdapter(name, config, config.port.outstanding_reads, clock, pool, calendar),
      room_(config.port.read_buffer_beats) {}

AxiReader::~AxiReader() = default;

timing::ReadChannel& AxiReader::open(std::string name, int process) {
  ports_.push_back(std::make_unique<Port>(*this, std::move(name), process,
                                          config_.port.request_queue,
                                          static_cast<int>(ports_.size())));
  return ports_.back()->channel;
}

void AxiReader::on_request(Port& port, Cycle cycle) {
  if (port.waiting) return;  // the request before it is still the port's oldest
  port.waiting = true;
  waiting_.push_back(&port);
  if (acting_) return;
  if (const Cycle chance = next_chance(cycle); chance < kNever) wake_at(chance);
}

void AxiReader::on_take() {
  if (acting_ || awaited_takes_ == 0) return;
  if (const Cycle chance = next_chance(0); chance < kNever) wake_at(chance);
}

AxiReader::Port* AxiReader::oldest() const {
  Port* best = nullptr;
  for (Port* port : waiting_) {
    if (!best || port->key() < best->key()) best = port;
  }
  return best;
}

// A take in cycle c makes room from c + 1 on.
void AxiReader::count_takes(Cycle before) {
  for (const auto& port : ports_) {
    const timing::Ring<Cycle>& taken = port->channel.taken();
    for (; !taken.empty() && taken.front() < before; port->channel.forget_taken()) ++room_;
  }
}

// The first cycle >= from in which there is room for the words; kNever while too few takes are known.
Cycle AxiReader::room_at(int words, Cycle from) {
  const int missing = words - room_;
  awaited_takes_ = std::max(missing, 0);
  if (missing <= 0) return from;
  std::size_t known = 0;
  for (const auto& port : ports_) known += port->channel.taken().size();
  const auto wanted = static_cast<std::size_t>(missing);
  if (known < wanted) {
    // Before there are enough, some port has taken its share of them.
    const auto share = static_cast<Cycle>((wanted - known + ports_.size() - 1) / ports_.size());
    for (const auto& port : ports_) port->channel.watch(port->channel.words_moved() + share);
    return kNever;
  }
  // What another port takes may come to be known later and yet be earlier.
  for (const auto& port : ports_) {
    if (port->channel.taken().size() < wanted) port->channel.watch(port->channel.words_moved() + 1);
  }
  return std::max(from, nth_take(wanted) + 1);
}

bool AxiReader::only_taker(const Port& port) const {
  return std::all_of(ports_.begin(), ports_.end(), [&](const auto& other) {
    return other.get() == &port || other->channel.taken().empty();
  });
}

// Cycle of the n-th of the takes not yet counted, in order of cycles over all takers.
Cycle AxiReader::nth_take(std::size_t n) {
  merged_.clear();
  for (const auto& port : ports_) {
    const timing::Ring<Cycle>& taken = port->channel.taken();
    if (merged_.empty() && taken.size() >= n && only_taker(*port)) return taken[n - 1];
    for (std::size_t i = 0; i < std::min(n, taken.size()); ++i) merged_.push_back(taken[i]);
  }
  const auto nth = merged_.begin() + static_cast<std::ptrdiff_t>(n - 1);
  std::nth_element(merged_.begin(), nth, merged_.end());
  return *nth;
}

[[gnu::hot, gnu::flatten]] Cycle AxiReader::next_chance(Cycle from) {
  chance_ = kNever;
  turn_ = oldest();
  if (!turn_) return kNever;
  const timing::MemoryRequest& request = turn_->channel.front_request();
  const Cycle free = can_issue(std::max(from, request.cycle));
  if (free == kNever) return kNever;
  return chance_ = room_at(static_cast<int>(burst_words(request, turn_->issued)), free);
}

[[gnu::hot]] void AxiReader::on_time() {
  const Cycle now = due();
  acting_ = true;
  if (awaited_takes_ > 0) count_takes(now);
  // What has become known since can only have made a later chance sooner.
  Cycle chance = chance_ == now ? now : next_chance(now);
  if (chance == now) {
    issue_burst(*turn_, now);
    chance = next_chance(now + 1);
  }
  acting_ = false;
  if (chance < kNever) wake_at(chance);
}

[[gnu::hot, gnu::flatten]] void AxiReader::issue_burst(Port& port, Cycle now) {
  const timing::MemoryRequest request = port.channel.front_request();
  const std::uint32_t words = burst_words(request, port.issued);
  Payload& payload = make_burst(tlm::TLM_READ_COMMAND, port.route, request,
                                port.issued, words);
  Transfer& transfer = transfer_of(payload);
  transfer.lost = lost_since(std::max(request.cycle, port.ready), port.index);
  stats_.arbitration_cycles += static_cast<std::uint64_t>(transfer.lost);
  room_ -= static_cast<int>(words);
  port.issued += words;
  port.ready = now + 1;
  const bool whole = transfer.last;
  issue(payload, now);
  if (!whole) return;
  port.issued = 0;
  port.channel.accept(now);
  if (port.channel.has_request()) return;
  port.waiting = false;
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &port));
}

// The first word also brings what the burst lost before it left.
void AxiReader::publish(Transfer& transfer) {
  timing::ReadChannel& channel = ports_[static_cast<std::size_t>(transfer.route.channel)]->channel;
  Announcement& announced = *transfer.announced;
  announced.lost[0] += std::exchange(transfer.lost, 0);
  channel.publish_arrivals(announced.arrival.data(), announced.lost.data(), announced.words, announced.later);
}

[[gnu::hot, gnu::flatten]]
tlm::tlm_sync_enum AxiReader::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  if (phase == tlm::END_REQ) {
    end_request(transfer);
    if (acting_) return tlm::TLM_ACCEPTED;
  } else if (phase == LINE_READY) {
    publish(transfer);
    return tlm::TLM_ACCEPTED;
  } else if (phase == tlm::BEGIN_RESP) {
    answered(transfer.at);
    publish(transfer);
    payload.release();
    phase = tlm::END_RESP;
    if (!asleep()) return tlm::TLM_UPDATED;  // an answer to come makes no burst leave sooner than agreed
  }
  if (const Cycle chance = next_chance(0); chance < kNever) wake_at(chance);
  return phase == tlm::END_RESP ? tlm::TLM_UPDATED : tlm::TLM_ACCEPTED;
}

}  // namespace m3sim::tlm_mem
