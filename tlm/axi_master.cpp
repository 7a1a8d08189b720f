#include "tlm/axi_master.hpp"

#include <algorithm>
#include <bit>

namespace m3sim::tlm_mem {

namespace {
constexpr std::uint64_t kBoundary = 4096;  // no AXI burst crosses it
}

AxiAdapter::AxiAdapter(sc_core::sc_module_name name, const AxiMasterConfig& config,
                       int outstanding, const Clock& clock, PayloadPool& pool, Calendar& calendar)
    : Agent(name, clock, ActOrder::kMaster, calendar),
      socket("socket"),
      config_(config),
      pool_(pool),
      messages_(clock),
      word_shift_(std::countr_zero(static_cast<unsigned>(config.word_bytes))),
      outstanding_(outstanding) {
  socket.bind(*this);
}

std::uint32_t AxiAdapter::burst_words(const timing::MemoryRequest& request,
                                      std::uint32_t done) const {
  const std::uint64_t address = request.address + (std::uint64_t{done} << word_shift_);
  const std::uint64_t to_boundary = (kBoundary - address % kBoundary) >> word_shift_;
  return static_cast<std::uint32_t>(
      std::min({std::uint64_t{request.words - done}, to_boundary,
                static_cast<std::uint64_t>(config_.port.max_burst_beats)}));
}

Route AxiAdapter::route(const timing::MemoryChannel& channel, int index) const {
  Route route;
  route.process = channel.process();
  route.channel = static_cast<std::int16_t>(index);
  route.ps_port = static_cast<std::int16_t>(config_.ps_port);
  route.controller_port = static_cast<std::int16_t>(config_.controller_port);
  route.word_bytes = static_cast<std::int16_t>(config_.word_bytes);
  route.annotated = config_.annotate;
  return route;
}

Payload& AxiAdapter::make_burst(tlm::tlm_command command, const Route& route,
                                const timing::MemoryRequest& request, std::uint32_t done,
                                std::uint32_t words) {
  const auto word = static_cast<std::uint32_t>(config_.word_bytes);
  Payload& payload = pool_.get(command, request.address + std::uint64_t{done} * word, words * word);
  Transfer& transfer = transfer_of(payload);
  transfer.request = request;
  transfer.route = route;
  transfer.last = done + words == request.words;
  transfer.lost = 0;
  transfer.parent = nullptr;
  return payload;
}

void AxiAdapter::issue(Payload& payload, Cycle now) {
  outstanding_.take(1, now);
  ++in_flight_;
  ++stats_.bursts;
  stats_.bytes += payload.get_data_length();
  stats_.peak_occupancy = outstanding_.peak();
  last_issue_ = now;
  last_channel_ = transfer_of(payload).route.channel;
  const Cycle accepted = messages_.begin_request(*next_, payload, now);
  held_ = accepted == kHeld;
  held_since_ = now;
  if (held_) return;
  issue_free_ = std::max(now + 1, accepted);
  stats_.queue_full_cycles += static_cast<std::uint64_t>(issue_free_ - now - 1);
}

void AxiAdapter::end_request(const Transfer& transfer) {
  held_ = false;
  issue_free_ = std::max(held_since_ + 1, transfer.at);
  stats_.queue_full_cycles += static_cast<std::uint64_t>(issue_free_ - held_since_ - 1);
}

void AxiAdapter::answered(Cycle cycle) {
  outstanding_.give(1, cycle);
  --in_flight_;
}

}  // namespace m3sim::tlm_mem
