// An AXI slave port of the processing system with its AFI queues (Xilinx UG1085, "PL-PS interfaces").
//
// A command is accepted when fewer than `command_queue` are unanswered and the data FIFO has room for its
// whole burst, one a cycle; both are free again in the cycle after its last beat (or response) left towards
// the kernel. A write is passed on when its last beat has arrived (store and forward).
#pragma once
#include "tlm/credits.hpp"
#include "tlm/hop.hpp"

namespace m3sim::tlm_mem {

struct PsPortConfig {
  int command_queue = 8;
  int data_fifo_beats = 128;
  int beat_bytes = 16;
  int request_cycles = 16;   ///< to the controller port
  int response_cycles = 16;  ///< back
};

/// One direction. Word i of the response leaves once it arrived and the beats before it left:
/// end(i) = max(arrival(i) + response_cycles, end(i-1) + 1) + beats of a word - 1.
class PsPort final : public Hop {
 public:
  PsPort(sc_core::sc_module_name name, const PsPortConfig& config, const timing::Clock& clock);

 private:
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  int beats(const Payload& payload) const {
    return beats(static_cast<int>(payload.get_data_length()));
  }
  int beats(int bytes) const { return (bytes + config_.beat_bytes - 1) >> beat_shift_; }
  [[gnu::noinline]] Cycle admit(Payload& payload);
  void admit_held();
  [[gnu::noinline]] void send();

  PsPortConfig config_;
  const int beat_shift_;  ///< a beat has a power of two of bytes
  Credits commands_, fifo_;
  struct Command {
    Payload* payload = nullptr;
    Cycle at = 0;
  };
  timing::Ring<Command> queue_;  ///< accepted, not yet at the controller port
  Payload* held_ = nullptr;
  bool out_held_ = false;
  Cycle command_free_ = 0, out_free_ = 0, data_end_ = -1;
};

}  // namespace m3sim::tlm_mem
