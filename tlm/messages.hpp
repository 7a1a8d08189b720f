// The four phases as the hops send them. A message is sent as soon as its cycle is known, with the time
// until that cycle as annotated delay where somebody observes the link: deterministic hops are arithmetic,
// only arbiters need events.
#pragma once
#include "tlm/transfer.hpp"

namespace m3sim::tlm_mem {

/// A request without END_REQ: the receiver is full, and says END_REQ when it has room.
inline constexpr Cycle kHeld = kNever;

class Messages {
 public:
  explicit Messages(const timing::Clock& clock) : clock_(clock) {}

  /// Time from SystemC's now until the edge; 0 for the edge whose cycle is being decided.
  [[gnu::always_inline]] sc_core::sc_time delay_until(const Payload& payload, Cycle cycle) const {
    if (!transfer_of(payload).route.annotated) return sc_core::SC_ZERO_TIME;
    const auto now = sc_core::sc_time_stamp().value();
    const auto edge = static_cast<sc_dt::uint64>(clock_.edge_ps(cycle));
    return sc_core::sc_time::from_value(edge > now ? edge - now : 0);
  }
  /// BEGIN_REQ in cycle `at`. Returns the cycle of END_REQ, or kHeld.
  [[gnu::always_inline]] Cycle begin_request(tlm::tlm_fw_nonblocking_transport_if<>& receiver, Payload& payload,
                                             Cycle at) const {
    transfer_of(payload).at = at;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = delay_until(payload, at);
    const tlm::tlm_sync_enum status = receiver.nb_transport_fw(payload, phase, delay);
    return status == tlm::TLM_UPDATED && phase == tlm::END_REQ ? transfer_of(payload).at : kHeld;
  }
  /// Answers a BEGIN_REQ within the call: END_REQ in cycle `at`, or nothing yet for kHeld.
  tlm::tlm_sync_enum answer(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay,
                            Cycle at) const {
    if (at == kHeld) return tlm::TLM_ACCEPTED;
    transfer_of(payload).at = at;
    phase = tlm::END_REQ;
    delay = delay_until(payload, at);
    return tlm::TLM_UPDATED;
  }
  /// END_REQ, LINE_READY or BEGIN_RESP in cycle `at`. BEGIN_RESP is answered with END_RESP at once: the
  /// initiators reserve room before they request.
  [[gnu::always_inline]] void tell(tlm::tlm_bw_nonblocking_transport_if<>& receiver, Payload& payload,
                                   const tlm::tlm_phase& what, Cycle at) const {
    transfer_of(payload).at = at;
    tlm::tlm_phase phase = what;
    sc_core::sc_time delay = delay_until(payload, at);
    receiver.nb_transport_bw(payload, phase, delay);
  }

 private:
  const timing::Clock& clock_;
};

}  // namespace m3sim::tlm_mem
