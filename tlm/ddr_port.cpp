#include "tlm/ddr_port.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace m3sim::tlm_mem {

DdrPort::DdrPort(sc_core::sc_module_name name, const DdrPortConfig& config, const Clock& clock,
                 Calendar& calendar)
    : Agent(name, clock, ActOrder::kControllerPort, calendar),
      in("in", config.ps_ports.size()),
      out("out"),
      config_(config),
      messages_(clock),
      heads_(config.ps_ports.size()),
      ready_(config.ps_ports.size(), 0),
      data_(config.bytes_per_cycle) {
  for (std::size_t i = 0; i < config_.ps_ports.size(); ++i) {
    const auto port = static_cast<std::size_t>(config_.ps_ports[i]);
    if (index_.size() <= port) index_.resize(port + 1, 0);
    index_[port] = i;
    in[i].bind(*this);
  }
  out.bind(*this);
}

void DdrPort::end_of_elaboration() {
  next_ = out.operator->();
  for (auto& socket : in) before_.push_back(socket.operator->());
}

// Sends the command to the memory; write data crosses first. Cycle of its END_REQ, or kHeld.
[[gnu::hot]] Cycle DdrPort::pass_on(Payload& payload, Cycle at) {
  ++stats_.bursts;
  stats_.bytes += payload.get_data_length();
  if (payload.is_write()) {
    data_.wait_until(at);
    at = data_.free_cycle();
    data_.move(data_.step(static_cast<int>(payload.get_data_length())));
  }
  const Cycle accepted = messages_.begin_request(*next_, payload, at);
  out_held_ = accepted == kHeld;
  if (!out_held_) out_free_ = accepted + 1;
  return accepted;
}

[[gnu::hot]]
tlm::tlm_sync_enum DdrPort::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const Cycle at = transfer_of(payload).at;
  if (heads_.size() == 1) {  // nothing to decide
    return messages_.answer(payload, phase, delay, pass_on(payload, at));
  }
  heads_[index_of(transfer_of(payload).route.ps_port)] = {&payload, at};
  if (!out_held_) wake_at(std::max(at, out_free_));
  return tlm::TLM_ACCEPTED;
}

Cycle DdrPort::next_decision() const {
  if (out_held_) return kNever;
  Cycle first = kNever;
  for (const Head& head : heads_) {
    if (head.payload) first = std::min(first, head.at);
  }
  return first == kNever ? kNever : std::max(first, out_free_);
}

[[gnu::hot, gnu::flatten]] void DdrPort::on_time() {
  const Cycle now = due();
  if (const Cycle decision = next_decision(); decision != now) {
    if (decision < kNever) wake_at(decision);
    return;
  }
  Head granted;
  const auto key = [](const Head& head) {
    const Transfer& t = transfer_of(*head.payload);
    return std::tuple(head.at, t.route.ps_port, t.route.process, t.request.sequence);
  };
  for (const Head& head : heads_) {
    if (head.payload && (!granted.payload || key(head) < key(granted))) granted = head;
  }
  Transfer& transfer = transfer_of(*granted.payload);
  const std::size_t index = index_of(transfer.route.ps_port);
  const Cycle ready = std::max(granted.at, ready_[index]);
  if (last_granted_ != index && last_grant_ >= ready) {
    const Cycle lost = last_grant_ - ready + 1;
    transfer.lost += lost;
    stats_.arbitration_cycles += static_cast<std::uint64_t>(lost);
  }
  last_grant_ = now;
  last_granted_ = index;
  ready_[index] = now + 1;
  heads_[index] = {};
  const Cycle accepted = pass_on(*granted.payload, now);
  // The memory's END_REQ may be still to come; the PS port's is due in any case, for it was granted.
  if (!out_held_) out_free_ = std::max(accepted, now) + 1;
  messages_.tell(*before_[index], *granted.payload, tlm::END_REQ, now);
  if (const Cycle decision = next_decision(); decision < kNever) wake_at(decision);
}

[[gnu::hot, gnu::flatten]]
tlm::tlm_sync_enum DdrPort::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time&) {
  Transfer& transfer = transfer_of(payload);
  const std::size_t index = index_of(transfer.route.ps_port);
  if (phase == tlm::END_REQ) {
    out_held_ = false;
    out_free_ = transfer.at + 1;
    if (heads_.size() == 1) {
      messages_.tell(*before_[index], payload, tlm::END_REQ, transfer.at);
    } else if (const Cycle decision = next_decision(); decision < kNever) {
      wake_at(decision);
    }
    return tlm::TLM_ACCEPTED;
  }
  const bool done = phase == tlm::BEGIN_RESP;
  if (!done && phase != LINE_READY) return tlm::TLM_ACCEPTED;
  Cycle at = transfer.at;
  if (payload.is_read()) {  // a word follows the one before it at the port's pace
    Announcement& announced = *transfer.announced;
    if (transfer.route.word_bytes != word_bytes_) {
      word_bytes_ = transfer.route.word_bytes;
      word_ = data_.step(word_bytes_);
    }
    const Cycle later = std::exchange(announced.later, 0);
    for (std::size_t i = 0; i < announced.words; ++i) {
      data_.move(word_);
      data_.wait_until(announced.arrival[i] + later);
      announced.arrival[i] = data_.free_cycle();
    }
    at = data_.free_cycle();
  }
  messages_.tell(*before_[index], payload, done ? tlm::tlm_phase(tlm::BEGIN_RESP) : phase, at);
  if (!done) return tlm::TLM_ACCEPTED;
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

}  // namespace m3sim::tlm_mem
