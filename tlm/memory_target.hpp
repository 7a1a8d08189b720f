// The memory at the end of the chain, whatever its timing model: bytes, hazard tags and sockets.
#pragma once
#include <systemc>

#include <memory>
#include <string>
#include <vector>

#include "tlm/agent.hpp"
#include "tlm/byte_store.hpp"
#include "tlm/credits.hpp"
#include "tlm/ddr_channel.hpp"
#include "tlm/memory_system_config.hpp"
#include "tlm/messages.hpp"
#include "tlm/strategies.hpp"

namespace m3sim::tlm_mem {

/// What every memory counts.
struct MemoryStats {
  std::uint64_t read_lines = 0, write_lines = 0;  ///< DRAM bursts of 64 bytes
  std::uint64_t read_bytes = 0, write_bytes = 0;  ///< of them, bytes that were asked for
  std::uint64_t arbitration_cycles = 0;           ///< PL cycles lost to other controller ports
};

struct MemoryTargetArgs {
  const MemorySystemConfig& config;
  const Clock& clock;  ///< PL clock
  ByteStore& store;
  Calendar& calendar;
  int controller_ports;
  /// PL cycles for which an answer is on its way before any decision can depend on it.
  Cycle lookahead = 0;
};

/// One socket per controller port and direction. Reads check the hazard tags when they are served; writes
/// land, bytes and tags, when they are served.
class MemoryTarget : public Agent, public tlm::tlm_fw_transport_if<> {
 public:
  /// Index 2 * controller port, and the one after it for writes.
  sc_core::sc_vector<tlm::tlm_target_socket<>> in;

  const MemoryStats& stats() const { return stats_; }
  /// DRAM commands and energy as of PL cycle `end`; null where the model has none.
  virtual std::unique_ptr<DdrStats> ddr_stats(Cycle end);
  virtual bool idle() const = 0;
  void set_trace_sink(MemoryTraceSink* sink) { trace_ = sink; }

 protected:
  /// Which clock's edges on_time() is called at.
  enum class ActingClock { kPl, kMemory };
  MemoryTarget(sc_core::sc_module_name name, const MemoryTargetArgs& args, ActingClock acting);

  static std::size_t lane_of(const Payload& payload, const Transfer& transfer) {
    return 2 * static_cast<std::size_t>(transfer.route.controller_port) + (payload.is_write() ? 1 : 0);
  }
  /// Moves the bytes [address, address + bytes) of the payload, which lie in so many lines; HazardError if a
  /// read is too early.
  void serve(Payload& payload, const Transfer& transfer, std::uint64_t address, std::size_t bytes,
             std::uint64_t lines);
  void record(Cycle memory_cycle, bool is_read, std::uint64_t line_address) {
    if (trace_) trace_->on_line(memory_cycle, is_read, line_address);
  }
  bool tracing() const { return trace_ != nullptr; }

  /// Of the controller port and direction, once all sockets are bound.
  tlm::tlm_bw_nonblocking_transport_if<>& before(std::size_t lane) { return *before_[lane]; }

  const MemorySystemConfig& config_;
  const Clock& pl_clock_;
  const Clock memory_clock_;
  Messages messages_;
  MemoryStats stats_;
  Announcement announced_;  ///< of the message that is being sent

 private:
  void end_of_elaboration() override {
    for (auto& socket : in) before_.push_back(socket.operator->());
  }
  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  unsigned transport_dbg(Payload& payload) override;
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
  void move(Payload& payload, std::uint64_t address, std::size_t bytes);

  std::vector<tlm::tlm_bw_nonblocking_transport_if<>*> before_;
  ByteStore& store_;
  MemoryTraceSink* trace_ = nullptr;
};

/// Builds the memory of one `memory.kind`; registers itself under that name.
class MemoryTargetKind {
 public:
  virtual ~MemoryTargetKind() = default;
  virtual std::unique_ptr<MemoryTarget> build(sc_core::sc_module_name name,
                                              const MemoryTargetArgs& args) const = 0;
};

}  // namespace m3sim::tlm_mem
