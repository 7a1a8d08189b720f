#include <algorithm>
#include <tuple>

#include "tlm/axi_master.hpp"

namespace m3sim::tlm_mem {

struct AxiWriter::Port final : timing::ChannelListener {
  Port(AxiWriter& writer, std::string name, int process, const AxiMasterConfig& config, int number)
      : owner(writer),
        channel(std::move(name), process, config.port.request_queue, config.port.write_buffer_beats,
                config.word_bytes, config.data),
        index(number),
        route(owner.route(channel, index)) {
    channel.connect(*this, false);
  }
  void on_request(Cycle) override {
    if (waiting) return;
    waiting = true;
    owner.waiting_.push_back(this);
    owner.refresh(*this);
  }
  void on_word(Cycle) override {
    if (waiting && ready == kNever && channel.words_waiting() >= words) owner.refresh(*this);
  }
  auto key() const { return std::tuple(ready, channel.process(), index); }

  AxiWriter& owner;
  timing::WriteChannel channel;
  int index;
  const Route route;
  std::uint32_t issued = 0;  ///< words of the front request
  std::uint32_t words = 0;   ///< of the next burst
  Cycle ready = kNever;      ///< cycle in which the next burst is complete in the buffer
  Cycle own_free = 0;        ///< cycle after the port's last burst
  bool waiting = false;
};

AxiWriter::AxiWriter(sc_core::sc_module_name name, const AxiMasterConfig& config,
                     const Clock& clock, PayloadPool& pool, Calendar& calendar)
    : AxiAdapter(name, config, config.port.outstanding_writes, clock, pool, calendar) {}

AxiWriter::~AxiWriter() = default;

timing::WriteChannel& AxiWriter::open(std::string name, int process) {
  ports_.push_back(std::make_unique<Port>(*this, std::move(name), process, config_,
                                          static_cast<int>(ports_.size())));
  return ports_.back()->channel;
}

// Works out the port's next burst after its request, words or progress changed.
[[gnu::hot]] void AxiWriter::refresh(Port& port) {
  const timing::MemoryRequest& request = port.channel.front_request();
  port.words = burst_words(request, port.issued);
  const std::size_t there = port.channel.words_waiting();
  if (there < port.words) {
    port.ready = kNever;
    port.channel.watch(port.channel.words_moved() + static_cast<Cycle>(port.words - there));
    return;
  }
  port.ready = std::max(request.cycle, port.channel.word_cycle(port.words - 1));
  if (acting_) return;
  if (const Cycle chance = next_chance(0); chance < kNever) wake_at(chance);
}

AxiWriter::Port* AxiWriter::oldest() const {
  Port* best = nullptr;
  for (Port* port : waiting_) {
    if (port->ready < kNever && (!best || port->key() < best->key())) best = port;
  }
  return best;
}

[[gnu::hot]] Cycle AxiWriter::next_chance(Cycle from) {
  turn_ = oldest();
  return turn_ ? can_issue(std::max(from, turn_->ready)) : kNever;
}

[[gnu::hot]] void AxiWriter::on_time() {
  const Cycle now = due();
  acting_ = true;
  Cycle chance = next_chance(now);
  if (chance == now) {
    issue_burst(*turn_, now);
    chance = next_chance(now + 1);
  }
  acting_ = false;
  if (chance < kNever) wake_at(chance);
}

[[gnu::hot]] void AxiWriter::issue_burst(Port& port, Cycle now) {
  const timing::MemoryRequest request = port.channel.front_request();
  const std::uint32_t words = port.words;
  Payload& payload = make_burst(tlm::TLM_WRITE_COMMAND, port.route, request,
                                port.issued, words);
  Transfer& transfer = transfer_of(payload);
  stats_.arbitration_cycles +=
      static_cast<std::uint64_t>(lost_since(std::max(port.ready, port.own_free), port.index));
  port.own_free = now + 1;
  port.issued += words;
  transfer.data_at = std::max(now, data_free_);
  data_free_ = transfer.data_at + Cycle{words} * config_.word_cycles;
  stats_.busy_cycles += std::uint64_t{words} * static_cast<std::uint64_t>(config_.word_cycles);
  // The process may go on while its words leave: whatever it posts is seen at the end of on_time().
  const auto word = static_cast<std::uint32_t>(config_.word_bytes);
  for (std::uint32_t i = 0; i < words; ++i) {
    port.channel.drain(transfer.data_at + Cycle{i} * config_.word_cycles,
                       payload.get_data_ptr() + i * word);
  }
  if (transfer.last) {
    port.issued = 0;
    port.channel.accept(now);
  }
  const bool more = port.channel.has_request();
  issue(payload, now);
  if (more) {
    refresh(port);
  } else {
    port.waiting = false;
    port.ready = kNever;
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &port));
  }
}

[[gnu::hot]]
tlm::tlm_sync_enum AxiWriter::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  if (phase == tlm::END_REQ) {
    end_request(transfer);
    if (acting_) return tlm::TLM_ACCEPTED;
  } else if (phase == tlm::BEGIN_RESP) {
    answered(transfer.at);
    timing::WriteChannel& channel = ports_[static_cast<std::size_t>(transfer.route.channel)]->channel;
    const bool last = transfer.last;
    const Cycle at = transfer.at;
    payload.release();
    phase = tlm::END_RESP;
    if (last) channel.publish_response(at);
  }
  if (const Cycle chance = next_chance(0); chance < kNever) wake_at(chance);
  return phase == tlm::END_RESP ? tlm::TLM_UPDATED : tlm::TLM_ACCEPTED;
}

}  // namespace m3sim::tlm_mem
