// A kernel's AXI4 port: the HLS adapter between the processes' channels and the interconnect.
//
// A request of any length becomes INCR bursts of at most `max_burst_beats` words that never cross 4 KiB
// (AMBA AXI, A3.4.1). Of the channels of one direction the burst that became ready first goes first, then
// the lower process number; one address a cycle; at most `outstanding_reads`/`outstanding_writes` bursts.
// A burst is ready:
//   * read: in its request's cycle; it is issued only when the read buffer, which all channels of the port
//     share, has room for its whole data (room comes back in the cycle after the process took the word);
//   * write: when its request is posted and its last word is in the channel's write buffer.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/agent.hpp"
#include "tlm/credits.hpp"
#include "tlm/messages.hpp"

namespace m3sim::tlm_mem {

struct AxiMasterConfig {
  PortConfig port;
  int ps_port = 0;           ///< PS port behind it
  int controller_port = 0;   ///< controller port behind that
  int word_bytes = 32;       ///< width of the port
  int word_cycles = 2;       ///< cycles per word that the interconnect takes
  bool data = true;          ///< payloads carry the tensors' bytes
  bool annotate = true;      ///< messages carry their delay
};

/// What both directions of a port share: burst splitting and the address channel.
class AxiAdapter : public Agent, public tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<> socket;
  const HopStats& stats() const { return stats_; }
  /// No burst is on its way, nor about to leave. A request that still waits then waits for a process: for room in the
  /// read buffer or for data to write. (An answer is known before it arrives: between the two nothing is in flight.)
  bool idle() const { return in_flight_ == 0 && asleep(); }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

 protected:
  AxiAdapter(sc_core::sc_module_name name, const AxiMasterConfig& config, int outstanding,
             const Clock& clock, PayloadPool& pool, Calendar& calendar);

  /// Words of the burst that starts `done` words into a request.
  std::uint32_t burst_words(const timing::MemoryRequest& request, std::uint32_t done) const;
  /// Of the bursts of channel number `index`.
  Route route(const timing::MemoryChannel& channel, int index) const;
  /// A payload for the burst, its record filled in.
  Payload& make_burst(tlm::tlm_command command, const Route& route, const timing::MemoryRequest& request,
                      std::uint32_t done, std::uint32_t words);
  /// Puts the burst on the address channel in cycle `now`.
  void issue(Payload& payload, Cycle now);
  /// Of the cycles since `ready`, those before another channel's last burst.
  Cycle lost_since(Cycle ready, int channel) const {
    return last_channel_ == channel || last_issue_ < ready ? 0 : last_issue_ - ready + 1;
  }
  /// The first cycle >= `from` in which the address channel is free and a transaction may be outstanding;
  /// kNever while a message is awaited.
  Cycle can_issue(Cycle from) {
    return held_ ? kNever : outstanding_.available(1, std::max(from, issue_free_));
  }
  void end_request(const Transfer& transfer);
  void answered(Cycle cycle);

  AxiMasterConfig config_;
  PayloadPool& pool_;
  Messages messages_;
  HopStats stats_;

 private:
  const int word_shift_;  ///< words have a power of two of bytes
  void end_of_elaboration() override { next_ = socket.operator->(); }
  tlm::tlm_fw_nonblocking_transport_if<>* next_ = nullptr;  ///< behind the socket, once it is bound
  Credits outstanding_;
  bool held_ = false;       ///< BEGIN_REQ without END_REQ
  Cycle issue_free_ = 0, held_since_ = 0, last_issue_ = -1;
  int last_channel_ = -1;
  int in_flight_ = 0;
};

class AxiReader final : public AxiAdapter {
 public:
  AxiReader(sc_core::sc_module_name name, const AxiMasterConfig& config, const Clock& clock,
            PayloadPool& pool, Calendar& calendar);
  ~AxiReader() override;
  timing::ReadChannel& open(std::string name, int process);

 private:
  struct Port;
  void on_time() override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  Port* oldest() const;
  [[gnu::noinline]] Cycle next_chance(Cycle from);
  void count_takes(Cycle before);
  Cycle room_at(int words, Cycle from);
  Cycle nth_take(std::size_t n);
  bool only_taker(const Port& port) const;
  [[gnu::noinline]] void issue_burst(Port& port, Cycle now);
  void publish(Transfer& transfer);
  void on_request(Port& port, Cycle cycle);
  void on_take();

  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<Port*> waiting_;   ///< ports with a request
  Port* turn_ = nullptr;         ///< of them, the one whose burst goes next,
  Cycle chance_ = kNever;        ///< and when, as far as was known when it was looked at
  int room_;                     ///< words of the read buffer that are free
  int awaited_takes_ = 0;        ///< takes the oldest burst waits for; 0: none
  std::vector<Cycle> merged_;    ///< scratch of nth_take
  bool acting_ = false;
};

class AxiWriter final : public AxiAdapter {
 public:
  AxiWriter(sc_core::sc_module_name name, const AxiMasterConfig& config, const Clock& clock,
            PayloadPool& pool, Calendar& calendar);
  ~AxiWriter() override;
  timing::WriteChannel& open(std::string name, int process);

 private:
  struct Port;
  void on_time() override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  Port* oldest() const;
  [[gnu::noinline]] Cycle next_chance(Cycle from);
  void issue_burst(Port& port, Cycle now);
  void refresh(Port& port);

  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<Port*> waiting_;  ///< ports with a request
  Port* turn_ = nullptr;        ///< of them, the one whose burst goes next
  Cycle data_free_ = 0;         ///< first cycle of the next burst on the write data channel
  bool acting_ = false;
};

struct AxiMaster {
  AxiMaster(const std::string& name, const AxiMasterConfig& config, const Clock& clock,
            PayloadPool& pool, Calendar& calendar)
      : read((name + "_read").c_str(), config, clock, pool, calendar),
        write((name + "_write").c_str(), config, clock, pool, calendar) {}
  bool idle() const { return read.idle() && write.idle(); }
  AxiReader read;
  AxiWriter write;
};

}  // namespace m3sim::tlm_mem
