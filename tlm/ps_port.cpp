#include "tlm/ps_port.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace m3sim::tlm_mem {

PsPort::PsPort(sc_core::sc_module_name name, const PsPortConfig& config,
               const timing::Clock& clock)
    : Hop(name, clock),
      config_(config),
      beat_shift_(std::countr_zero(static_cast<unsigned>(config.beat_bytes))),
      commands_(config.command_queue),
      fifo_(config.data_fifo_beats) {}

[[gnu::hot, gnu::flatten]] Cycle PsPort::admit(Payload& payload) {
  const Cycle arrived = std::max(transfer_of(payload).at, command_free_);
  const int needed = beats(payload);
  const Cycle room = fifo_.available(needed, arrived);
  if (room == kNever) return kHeld;
  const Cycle at = commands_.available(1, room);
  if (at == kNever) return kHeld;
  commands_.take(1, at);
  fifo_.take(needed, at);
  command_free_ = at + 1;
  stats_.queue_full_cycles += static_cast<std::uint64_t>(at - arrived);
  stats_.peak_occupancy = commands_.peak();
  ++stats_.bursts;
  stats_.bytes += payload.get_data_length();
  if (payload.is_write()) stats_.busy_cycles += static_cast<std::uint64_t>(needed);
  queue_.push({&payload, at + config_.request_cycles});
  return at;
}

[[gnu::hot]]
tlm::tlm_sync_enum PsPort::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const Cycle at = admit(payload);
  if (at == kHeld) {
    held_ = &payload;
    return tlm::TLM_ACCEPTED;
  }
  send();
  return messages_.answer(payload, phase, delay, at);
}

[[gnu::hot, gnu::flatten]] void PsPort::send() {
  while (!out_held_ && !queue_.empty()) {
    const Command command = queue_.front();
    queue_.pop();
    const Cycle accepted =
        messages_.begin_request(*next_, *command.payload, std::max(command.at, out_free_));
    out_held_ = accepted == kHeld;
    if (!out_held_) out_free_ = accepted + 1;
  }
}

[[gnu::hot]] void PsPort::admit_held() {
  if (!held_) return;
  const Cycle at = admit(*held_);
  if (at == kHeld) return;
  Payload& payload = *held_;
  held_ = nullptr;
  messages_.tell(*before_, payload, tlm::END_REQ, at);
  send();
}

[[gnu::hot]]
tlm::tlm_sync_enum PsPort::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  if (phase == tlm::END_REQ) {
    out_held_ = false;
    out_free_ = transfer.at + 1;
    send();
    return tlm::TLM_ACCEPTED;
  }
  const bool done = phase == tlm::BEGIN_RESP;
  if (!done && phase != LINE_READY) return tlm::TLM_ACCEPTED;
  Cycle at = transfer.at + config_.response_cycles;
  if (payload.is_read()) {
    const int word_beats = beats(transfer.route.word_bytes);
    Announcement& announced = *transfer.announced;
    const Cycle later = std::exchange(announced.later, 0) + config_.response_cycles;
    for (std::size_t i = 0; i < announced.words; ++i) {
      const Cycle start = std::max(announced.arrival[i] + later, data_end_ + 1);
      data_end_ = start + word_beats - 1;
      announced.arrival[i] = data_end_;
    }
    stats_.busy_cycles += announced.words * static_cast<std::uint64_t>(word_beats);
    at = data_end_;
  }
  if (done) {  // before the message: the part's payload is released by it
    commands_.give(1, at + 1);
    fifo_.give(beats(payload), at + 1);
  }
  messages_.tell(*before_, payload, done ? tlm::tlm_phase(tlm::BEGIN_RESP) : phase, at);
  if (!done) return tlm::TLM_ACCEPTED;
  admit_held();
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

}  // namespace m3sim::tlm_mem
