#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "tlm/axi_master.hpp"

namespace m3sim::tlm_mem {

struct AxiReader::Port final : timing::ChannelListener {
  Port(AxiReader& reader, std::string name, int process, int request_queue, int number)
      : owner(reader), channel(std::move(name), process, request_queue), index(number) {
    channel.connect(*this);
  }
  void on_request(Cycle cycle) override { owner.on_request(*this, cycle); }
  void on_word(Cycle cycle) override { owner.on_take(*this, cycle); }

  auto key() const {
    return std::tuple(channel.front_request().cycle, channel.process(), index);
  }

  AxiReader& owner;
  timing::ReadChannel channel;
  int index;
  std::uint32_t issued = 0;  ///< words of the front request
  Cycle ready = 0;           ///< when the next burst could have been issued, but for others
  bool waiting = false;
  timing::Ring<Cycle> takes;
};

AxiReader::AxiReader(sc_core::sc_module_name name, const AxiMasterConfig& config,
                     const Clock& clock, PayloadPool& pool, Failure& failure)
    : AxiAdapter(name, config, config.port.outstanding_reads, clock, pool, failure),
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

void AxiReader::on_take(Port& port, Cycle cycle) {
  if (port.takes.empty()) takers_.push_back(&port);
  port.takes.push(cycle);
  ++known_takes_;
  if (acting_ || awaited_takes_ == 0 || known_takes_ < awaited_takes_) return;
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
  for (std::size_t i = 0; i < takers_.size();) {
    Port& port = *takers_[i];
    for (; !port.takes.empty() && port.takes.front() < before; port.takes.pop()) {
      ++room_;
      --known_takes_;
    }
    if (port.takes.empty()) {
      takers_[i] = takers_.back();
      takers_.pop_back();
    } else {
      ++i;
    }
  }
}

// The first cycle >= from in which there is room for the words; kNever while too few takes are known.
Cycle AxiReader::room_at(int words, Cycle from) {
  const int missing = words - room_;
  awaited_takes_ = std::max(missing, 0);
  if (missing <= 0) return from;
  if (known_takes_ < missing) return kNever;
  return std::max(from, nth_take(static_cast<std::size_t>(missing)) + 1);
}

// Cycle of the n-th of the takes not yet counted, in order of cycles over all takers.
Cycle AxiReader::nth_take(std::size_t n) {
  if (takers_.size() == 1) return takers_.front()->takes[n - 1];
  merged_.clear();
  for (const Port* port : takers_) {
    for (std::size_t i = 0; i < std::min(n, port->takes.size()); ++i) {
      merged_.push_back(port->takes[i]);
    }
  }
  const auto nth = merged_.begin() + static_cast<std::ptrdiff_t>(n - 1);
  std::nth_element(merged_.begin(), nth, merged_.end());
  return *nth;
}

Cycle AxiReader::next_chance(Cycle from) {
  const Port* port = oldest();
  if (!port) return kNever;
  const timing::MemoryRequest& request = port->channel.front_request();
  const Cycle free = can_issue(std::max(from, request.cycle));
  if (free == kNever) return kNever;
  return room_at(static_cast<int>(burst_words(request, port->issued)), free);
}

void AxiReader::act(Cycle now) {
  acting_ = true;
  if (awaited_takes_ > 0) count_takes(now);
  Cycle chance = next_chance(now);
  if (chance == now) {
    issue_burst(*oldest(), now);
    chance = next_chance(now + 1);
  }
  acting_ = false;
  if (chance < kNever) wake_at(chance);
}

void AxiReader::issue_burst(Port& port, Cycle now) {
  const timing::MemoryRequest request = port.channel.front_request();
  const std::uint32_t words = burst_words(request, port.issued);
  Payload& payload = make_burst(tlm::TLM_READ_COMMAND, port.channel, port.index, request,
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

void AxiReader::publish(const Transfer& transfer) {
  timing::ReadChannel& channel = ports_[static_cast<std::size_t>(transfer.channel)]->channel;
  for (std::size_t i = 0; i < transfer.words; ++i) {
    channel.publish_arrival(transfer.word_at[i], i == 0 ? transfer.lost : 0);
  }
}

tlm::tlm_sync_enum AxiReader::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  if (phase == tlm::END_REQ) {
    end_request(transfer);
    if (acting_) return tlm::TLM_ACCEPTED;
  } else if (phase == LINE_READY) {
    publish(transfer);
    transfer.lost = 0;
    return tlm::TLM_ACCEPTED;
  } else if (phase == tlm::BEGIN_RESP) {
    answered(transfer.at);
    publish(transfer);
    payload.release();
    phase = tlm::END_RESP;
  }
  if (const Cycle chance = next_chance(0); chance < kNever) wake_at(chance);
  return phase == tlm::END_RESP ? tlm::TLM_UPDATED : tlm::TLM_ACCEPTED;
}

}  // namespace m3sim::tlm_mem
