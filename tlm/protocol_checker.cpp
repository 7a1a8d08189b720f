#include "tlm/protocol_checker.hpp"

namespace m3sim::tlm_mem {

void ProtocolChecker::begin_request(const Payload& payload, const sc_core::sc_time& delay) {
  require(!requesting_, "BEGIN_REQ before END_REQ of the request before it");
  require(payload.get_data_ptr() && payload.get_data_length() > 0, "payload without data");
  require(payload.get_streaming_width() == payload.get_data_length(), "streaming width is not the length");
  require(!payload.get_byte_enable_ptr(), "byte enables on a link that has none");
  require(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE, "response status set before the response");
  require(payload.has_mm() && payload.get_ref_count() > 0, "payload is not held by a memory manager");
  const auto* transfer = payload.get_extension<Transfer>();
  require(transfer, "payload without request record");
  require(payload.get_address() % static_cast<std::uint64_t>(transfer->route.word_bytes) == 0,
          "address is not aligned to the word");
  require(payload.get_address() / 4096 ==
              (payload.get_address() + payload.get_data_length() - 1) / 4096,
          "burst crosses 4 KiB");
  const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
  require(at >= last_request_, "request times fall");
  last_request_ = at;
}

void ProtocolChecker::end_request(const Payload& payload, const sc_core::sc_time& delay) {
  require(requesting_ == &payload, "END_REQ for a payload that is not requesting");
  const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
  require(at >= last_end_, "END_REQ times fall");
  last_end_ = at;
  requesting_ = nullptr;
}

void ProtocolChecker::unchanged(const Open& open, const Payload& payload) const {
  require(open.payload == &payload, "response out of order");
  require(open.address == payload.get_address() && open.bytes == payload.get_data_length() &&
              open.data == payload.get_data_ptr(),
          "payload changed on its way");
}

// The words of a LINE_READY or BEGIN_RESP: in order, and strictly before anybody behind the link could
// see them arrive.
void ProtocolChecker::announce(const Payload& payload, bool last) {
  require(!open_.empty() && requesting_ != &payload, "response before END_REQ");
  Open& open = open_.front();
  unchanged(open, payload);
  require(!last || payload.is_response_ok(), "BEGIN_RESP without TLM_OK_RESPONSE");
  if (payload.is_write()) {
    require(last, "LINE_READY for a write");
    return;
  }
  const auto& transfer = *payload.get_extension<Transfer>();
  require(transfer.announced && transfer.announced->words > 0, "a read's answer without words");
  const Announcement& announced = *transfer.announced;
  const std::int64_t now = calendar_ ? calendar_->now() : Calendar::systemc_now();
  for (std::size_t i = 0; i < announced.words; ++i) {
    const Cycle at = announced.arrival[i] + announced.later;
    require(at >= last_word_, "words out of order");
    require(clock_.edge_ps(at + lookahead_) > now, "arrival announced too late");
    last_word_ = at;
  }
  open.announced += announced.words * static_cast<std::uint64_t>(transfer.route.word_bytes);
  require(open.announced <= open.bytes, "more words than were requested");
  require(last == (open.announced == open.bytes), "BEGIN_RESP is not the last line's");
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  require(phase == tlm::BEGIN_REQ, "forward phase is not BEGIN_REQ");
  begin_request(payload, delay);
  requesting_ = &payload;
  open_.push({&payload, payload.get_address(), payload.get_data_ptr(), payload.get_data_length(), 0});
  const tlm::tlm_sync_enum status = out->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return status;
  require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ, "BEGIN_REQ answered with neither nothing nor END_REQ");
  end_request(payload, delay);
  return status;
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  if (phase == tlm::END_REQ) {
    end_request(payload, delay);
    return in->nb_transport_bw(payload, phase, delay);
  }
  if (phase == LINE_READY) {
    announce(payload, false);
    return in->nb_transport_bw(payload, phase, delay);
  }
  require(phase == tlm::BEGIN_RESP, "backward phase is none of END_REQ, LINE_READY, BEGIN_RESP");
  announce(payload, true);
  open_.pop();
  ++checked_;
  if (observer_) observer_(payload);
  const tlm::tlm_sync_enum status = in->nb_transport_bw(payload, phase, delay);
  require(status == tlm::TLM_UPDATED && phase == tlm::END_RESP, "BEGIN_RESP was not ended");
  return status;
}

}  // namespace m3sim::tlm_mem
