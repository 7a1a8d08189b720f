// One direction of a hop between a master and the memory: a target and an initiator socket.
#pragma once
#include <systemc>
#include <tlm>

#include "tlm/messages.hpp"

namespace m3sim::tlm_mem {

/// Reads and writes of a port are independent, so every hop is two of these. Timing is in the
/// non-blocking calls; blocking, debug and DMI calls pass through untimed.
class Hop : public sc_core::sc_module,
            public tlm::tlm_fw_transport_if<>,
            public tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_target_socket<> in;
  tlm::tlm_initiator_socket<> out;

  Hop(const Hop&) = delete;
  Hop& operator=(const Hop&) = delete;

  void b_transport(Payload& payload, sc_core::sc_time& delay) override {
    out->b_transport(payload, delay);
  }
  unsigned transport_dbg(Payload& payload) override { return out->transport_dbg(payload); }
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override {
    return out->get_direct_mem_ptr(payload, dmi);
  }
  const HopStats& stats() const { return stats_; }
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override {
    in->invalidate_direct_mem_ptr(start, end);
  }

 protected:
  Hop(sc_core::sc_module_name name, const timing::Clock& clock)
      : sc_module(name), in("in"), out("out"), messages_(clock) {
    in.bind(*this);
    out.bind(*this);
  }
  void end_of_elaboration() override {
    next_ = out.operator->();
    before_ = in.operator->();
  }
  Messages messages_;
  HopStats stats_;
  // Behind the sockets, once all are bound.
  tlm::tlm_fw_nonblocking_transport_if<>* next_ = nullptr;
  tlm::tlm_bw_nonblocking_transport_if<>* before_ = nullptr;
};

}  // namespace m3sim::tlm_mem
