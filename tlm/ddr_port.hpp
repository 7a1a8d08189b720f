// A port of the DRAM controller, which one or more PS ports share (Xilinx UG1085: HP1 and HP2 do).
//
// Where several PS ports meet, one command a cycle goes on: the one that arrived first, then the lower PS
// port, process and sequence number. Data crosses at `bytes_per_cycle` per direction; responses keep the
// order of the commands.
#pragma once
#include <systemc>

#include "tlm/agent.hpp"
#include "tlm/credits.hpp"
#include "tlm/messages.hpp"

namespace m3sim::tlm_mem {

struct DdrPortConfig {
  int bytes_per_cycle = 16;    ///< width of the data channel, per PL cycle
  std::vector<int> ps_ports;   ///< numbers of the PS ports behind `in`, in the same order
};

/// How far a channel has got that moves a fixed number of bytes a cycle, to the byte.
class BytePace {
 public:
  /// What so many bytes take: whole cycles, and bytes of one more.
  struct Step {
    Cycle cycles = 0;
    int part = 0;
  };
  explicit BytePace(int per_cycle) : per_cycle_(per_cycle) {}
  Step step(int bytes) const { return {bytes / per_cycle_, bytes % per_cycle_}; }
  /// Nothing moves before `cycle`.
  void wait_until(Cycle cycle) {
    if (cycle <= cycle_) return;
    cycle_ = cycle;
    part_ = 0;
  }
  void move(const Step& step) {
    cycle_ += step.cycles;
    part_ += step.part;
    if (part_ >= per_cycle_) {
      ++cycle_;
      part_ -= per_cycle_;
    }
  }
  /// The first cycle that is wholly free.
  Cycle free_cycle() const { return part_ > 0 ? cycle_ + 1 : cycle_; }

 private:
  int per_cycle_;
  Cycle cycle_ = 0;
  int part_ = 0;  ///< bytes of `cycle_` that have moved
};

class DdrPort final : public Agent,
                      public tlm::tlm_fw_transport_if<>,
                      public tlm::tlm_bw_transport_if<> {
 public:
  sc_core::sc_vector<tlm::tlm_target_socket<>> in;
  tlm::tlm_initiator_socket<> out;

  DdrPort(sc_core::sc_module_name name, const DdrPortConfig& config, const Clock& clock,
          Calendar& calendar);
  const HopStats& stats() const { return stats_; }

 private:
  void end_of_elaboration() override;
  void on_time() override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void b_transport(Payload& payload, sc_core::sc_time& delay) override {
    out->b_transport(payload, delay);
  }
  unsigned transport_dbg(Payload& payload) override { return out->transport_dbg(payload); }
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override {
    return out->get_direct_mem_ptr(payload, dmi);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override {
    for (auto& socket : in) socket->invalidate_direct_mem_ptr(start, end);
  }
  std::size_t index_of(int ps_port) const { return index_[static_cast<std::size_t>(ps_port)]; }
  Cycle pass_on(Payload& payload, Cycle at);
  Cycle next_decision() const;

  DdrPortConfig config_;
  Messages messages_;
  HopStats stats_;
  std::vector<std::size_t> index_;   ///< by PS port
  struct Head {
    Payload* payload = nullptr;
    Cycle at = 0;
  };
  std::vector<Head> heads_;          ///< command that waits, by index
  std::vector<Cycle> ready_;         ///< first cycle in which its next command can be the first, by index
  bool out_held_ = false;
  Cycle out_free_ = 0, last_grant_ = -1;
  std::size_t last_granted_ = 0;
  BytePace data_;                    ///< the data channel
  int word_bytes_ = 0;               ///< of the last read,
  BytePace::Step word_;              ///< and what such a word takes
  // Behind the sockets, once all are bound.
  tlm::tlm_fw_nonblocking_transport_if<>* next_ = nullptr;
  std::vector<tlm::tlm_bw_nonblocking_transport_if<>*> before_;
};

}  // namespace m3sim::tlm_mem
