#include "tlm/memory_target.hpp"

#include <cstdio>
#include <cstring>

namespace m3sim::tlm_mem {

// The base keeps a reference to the member clock; it is not used before the simulation starts.
MemoryTarget::MemoryTarget(sc_core::sc_module_name name, const MemoryTargetArgs& args,
                           ActingClock acting)
    : Agent(name, acting == ActingClock::kPl ? args.clock : memory_clock_, ActOrder::kMemory,
            args.calendar),
      in("in", static_cast<std::size_t>(2 * args.controller_ports)),
      config_(args.config),
      pl_clock_(args.clock),
      memory_clock_(args.config.ddr.clock_hz),
      messages_(args.clock),
      store_(args.store) {
  for (auto& socket : in) socket.bind(*this);
}

std::unique_ptr<DdrStats> MemoryTarget::ddr_stats(Cycle) { return nullptr; }

void MemoryTarget::move(Payload& payload, std::uint64_t address, std::size_t bytes) {
  std::uint8_t* data = payload.get_data_ptr() + (address - payload.get_address());
  if (payload.is_read()) {
    std::memcpy(data, store_.data() + address, bytes);
  } else {
    std::memcpy(store_.data() + address, data, bytes);
  }
}

[[gnu::hot]]
void MemoryTarget::serve(Payload& payload, const Transfer& transfer, std::uint64_t address,
                         std::size_t bytes, std::uint64_t lines) {
  if (!store_.contains(address, bytes)) {
    throw std::logic_error("access to address " + std::to_string(address) +
                           ", which is beyond the memory's " + std::to_string(store_.size()) +
                           " bytes");
  }
  const timing::MemoryRequest& request = transfer.request;
  if (payload.is_write()) {
    store_.mark(address, bytes, request.step);
    stats_.write_lines += lines;
    stats_.write_bytes += bytes;
  } else {
    const std::uint64_t word = store_.find_hazard(address, bytes, request.depends_on, request.step);
    if (word != ByteStore::kNoWord) {
      char text[200];
      std::snprintf(text, sizeof text,
                    "hazard: the word at 0x%llx holds the result of step %u, but process %d of "
                    "step %u reads it as the result of step %u (read posted in cycle %lld)",
                    static_cast<unsigned long long>(word), store_.tag(word), transfer.route.process,
                    request.step, request.depends_on, static_cast<long long>(request.cycle));
      throw HazardError(text);
    }
    stats_.read_lines += lines;
    stats_.read_bytes += bytes;
  }
  if (config_.data) move(payload, address, bytes);
}

void MemoryTarget::b_transport(Payload& payload, sc_core::sc_time&) {
  payload.set_response_status(transport_dbg(payload) == payload.get_data_length()
                                  ? tlm::TLM_OK_RESPONSE
                                  : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned MemoryTarget::transport_dbg(Payload& payload) {
  const unsigned bytes = payload.get_data_length();
  if (!store_.contains(payload.get_address(), bytes)) return 0;
  move(payload, payload.get_address(), bytes);
  return bytes;
}

bool MemoryTarget::get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) {
  dmi.allow_read_write();
  dmi.set_dmi_ptr(store_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(store_.size() - 1);
  return true;
}

}  // namespace m3sim::tlm_mem
