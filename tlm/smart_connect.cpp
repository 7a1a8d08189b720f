#include "tlm/smart_connect.hpp"

#include <algorithm>

namespace m3sim::tlm_mem {

SmartConnect::SmartConnect(sc_core::sc_module_name name, const SmartConnectConfig& config,
                           const timing::Clock& clock, PayloadPool& pool)
    : Hop(name, clock), config_(config), pool_(pool), slots_(config.queue) {}

// Takes the burst into the queue; the cycle in which it finds a slot, or kHeld.
[[gnu::hot]] Cycle SmartConnect::admit(Payload& burst) {
  const Cycle arrived = transfer_of(burst).at;
  const Cycle at = slots_.available(1, arrived);
  if (at == kNever) return kHeld;
  slots_.take(1, at);
  stats_.queue_full_cycles += static_cast<std::uint64_t>(at - arrived);
  stats_.peak_occupancy = slots_.peak();
  ++stats_.bursts;
  stats_.bytes += burst.get_data_length();
  queue_.push({&burst, at});
  return at;
}

[[gnu::hot]]
tlm::tlm_sync_enum SmartConnect::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
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

// The next AXI3 burst of the AXI4 burst at the queue's front.
[[gnu::hot]] Payload& SmartConnect::make_part(const Queued& queued) {
  Payload& burst = *queued.payload;
  const std::uint32_t bytes =
      std::min(burst.get_data_length() - sent_bytes_, config_.max_burst_bytes);
  Payload& part = pool_.get(burst.get_command(), burst.get_address() + sent_bytes_,
                            burst.get_data_ptr() + sent_bytes_, bytes);
  const Transfer& whole = transfer_of(burst);
  Transfer& transfer = transfer_of(part);
  transfer.request = whole.request;
  transfer.route = whole.route;
  transfer.lost = 0;
  transfer.parent = &burst;
  transfer.at = queued.at + config_.request_cycles;
  sent_bytes_ += bytes;
  if (burst.is_write()) {  // arrives with its last beat
    const Cycle words = static_cast<Cycle>(sent_bytes_) / whole.route.word_bytes;
    const Cycle data = whole.data_at + words * config_.word_cycles - 1;
    transfer.at = std::max(queued.at, data) + config_.request_cycles;
    stats_.busy_cycles += bytes / static_cast<std::uint32_t>(whole.route.word_bytes) *
                          static_cast<std::uint32_t>(config_.word_cycles);
  }
  transfer.last = sent_bytes_ == burst.get_data_length();
  return part;
}

[[gnu::hot, gnu::flatten]] void SmartConnect::send() {
  while (!out_held_ && !queue_.empty()) {
    Payload& part = make_part(queue_.front());
    part_last_ = transfer_of(part).last;
    const Cycle accepted =
        messages_.begin_request(*next_, part, std::max(transfer_of(part).at, out_free_));
    out_held_ = accepted == kHeld;
    if (!out_held_) sent(accepted);
  }
}

// A part was accepted: one command a cycle, and the burst leaves the queue with its last part.
[[gnu::hot]] void SmartConnect::sent(Cycle accepted) {
  out_free_ = accepted + 1;
  if (!part_last_) return;
  queue_.pop();
  sent_bytes_ = 0;
  slots_.give(1, accepted);
  if (!held_) return;
  Payload& burst = *held_;
  held_ = nullptr;
  messages_.tell(*before_, burst, tlm::END_REQ, admit(burst));
}

[[gnu::hot]]
tlm::tlm_sync_enum SmartConnect::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  if (phase == tlm::END_REQ) {
    out_held_ = false;
    sent(transfer.at);
    send();
    return tlm::TLM_ACCEPTED;
  }
  const bool part_done = phase == tlm::BEGIN_RESP;
  if (!part_done && phase != LINE_READY) return tlm::TLM_ACCEPTED;
  Payload& burst = *transfer.parent;
  if (burst.is_read()) {
    Announcement& announced = *transfer.announced;
    announced.later += config_.response_cycles;
    transfer_of(burst).announced = &announced;
  }
  const Cycle at = transfer.at + config_.response_cycles;
  const bool burst_done = part_done && transfer.last;
  if (part_done) payload.release();
  if (burst_done) {
    burst.set_response_status(tlm::TLM_OK_RESPONSE);
    messages_.tell(*before_, burst, tlm::BEGIN_RESP, at);
  } else if (burst.is_read()) {
    messages_.tell(*before_, burst, LINE_READY, at);
  }
  if (!part_done) return tlm::TLM_ACCEPTED;
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

}  // namespace m3sim::tlm_mem
