// The way from the kernels' processes to DRAM: one object that the accelerator owns.
//
//   ReadChannel/WriteChannel -> AxiMaster -> SmartConnect -> PsPort -> DdrPort -> memory (simple, ddr)
//
// Every link is a pair of TLM-2.0 sockets, one for reads and one for writes. The chain follows hardware.md,
// section 2; its latencies, widths and queue depths are the keys of [port], [ps], [memory] and [ddr].
#pragma once
#include <systemc>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tlm/axi_master.hpp"
#include "tlm/byte_store.hpp"
#include "tlm/ddr_port.hpp"
#include "tlm/memory_system_config.hpp"
#include "tlm/memory_target.hpp"
#include "tlm/protocol_checker.hpp"
#include "tlm/ps_port.hpp"
#include "tlm/smart_connect.hpp"

namespace m3sim::tlm_mem {

/// Counters of the hops between one master and its controller port, in one direction.
struct MasterStats {
  HopStats axi, smart_connect, ps_port;
};

class MemorySystem final : public sc_core::sc_module {
 public:
  /// Elaborates the chain. `config` has passed validation.
  MemorySystem(sc_core::sc_module_name name, const MemorySystemConfig& config);
  ~MemorySystem() override;

  /// A channel of one process at a kernel port (0 to kMasterCount - 1). Before the simulation starts.
  timing::ReadChannel& open_read(int master, std::string name, int process);
  timing::WriteChannel& open_write(int master, std::string name, int process);

  /// Contents and hazard tags; `store().data()` is the direct memory pointer.
  ByteStore& store() { return store_; }
  /// Loads or reads contents through the chain's debug transport. Throws std::out_of_range.
  void load(std::uint64_t address, const void* bytes, std::size_t count);
  void read_back(std::uint64_t address, void* bytes, std::size_t count);

  /// No burst is on its way: nothing happens here until a process moves.
  bool idle() const;
  /// Rethrows what stopped the simulation inside the memory system, if anything: HazardError.
  void rethrow_failure() const { calendar_.rethrow_failure(); }
  /// Whose appointments the memory system keeps.
  Calendar& calendar() { return calendar_; }
  /// Where every DRAM request goes from now on; null ends it.
  void set_trace_sink(MemoryTraceSink* sink) { memory_->set_trace_sink(sink); }

  /// One per link where `check_protocol` is set, else none.
  const std::vector<std::unique_ptr<ProtocolChecker>>& checkers() const { return checkers_; }

  const Clock& clock() const { return clock_; }
  MasterStats read_stats(int master) const;
  MasterStats write_stats(int master) const;
  int controller_ports() const { return static_cast<int>(ddr_ports_.size() / 2); }
  const HopStats& controller_port_stats(int port, bool write) const;
  const MemoryStats& memory_stats() const { return memory_->stats(); }
  /// DRAM commands, rows, refreshes and energy as of PL cycle `end`; null for `simple`.
  std::unique_ptr<DdrStats> ddr_stats(Cycle end) const { return memory_->ddr_stats(end); }

 private:
  struct Chain;
  void build_master(int master, int controller_port, std::size_t input);
  void connect(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to, Cycle lookahead);
  void debug(tlm::tlm_command command, std::uint64_t address, void* bytes, std::size_t count);

  MemorySystemConfig config_;
  Clock clock_;
  ByteStore store_;
  Calendar calendar_;
  PayloadPool pool_;
  std::vector<std::unique_ptr<Chain>> chains_;        ///< by master
  std::vector<std::unique_ptr<DdrPort>> ddr_ports_;   ///< 2 * controller port, + 1 for writes
  std::vector<std::unique_ptr<ProtocolChecker>> checkers_;
  std::unique_ptr<MemoryTarget> memory_;
};

}  // namespace m3sim::tlm_mem
