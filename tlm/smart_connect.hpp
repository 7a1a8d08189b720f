// The interconnect between a kernel port and a PS port (Xilinx PG247): width and protocol conversion.
//
// An AXI4 burst of wide words becomes AXI3 bursts of narrower beats, one command a cycle. The narrower side
// sets the pace of the data; `latency` cycles pass each way.
#pragma once
#include "tlm/credits.hpp"
#include "tlm/hop.hpp"

namespace m3sim::tlm_mem {

struct SmartConnectConfig {
  int queue = 8;              ///< AXI4 bursts held per direction
  int request_cycles = 4;     ///< latency towards the memory
  int response_cycles = 4;    ///< latency back
  int word_cycles = 2;        ///< cycles per word of the kernel port on the narrower side
  std::uint32_t max_burst_bytes = 256;  ///< of an AXI3 burst
};

/// One direction. Never reorders; holds END_REQ while its queue is full.
class SmartConnect final : public Hop {
 public:
  SmartConnect(sc_core::sc_module_name name, const SmartConnectConfig& config,
               const timing::Clock& clock, PayloadPool& pool);

 private:
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  Cycle admit(Payload& burst);
  [[gnu::noinline]] void send();
  void sent(Cycle accepted);
  struct Queued {
    Payload* payload = nullptr;
    Cycle at = 0;  ///< cycle in which it entered the queue
  };
  Payload& make_part(const Queued& queued);

  SmartConnectConfig config_;
  PayloadPool& pool_;
  Credits slots_;
  timing::Ring<Queued> queue_;
  Payload* held_ = nullptr;     ///< burst that waits for a slot
  std::uint32_t sent_bytes_ = 0;   ///< of the queue's front
  bool part_last_ = false;         ///< the part on its way is the front's last
  bool out_held_ = false;
  Cycle out_free_ = 0;
};

}  // namespace m3sim::tlm_mem
