#include "tlm/transfer.hpp"

namespace m3sim::tlm_mem {

Payload& PayloadPool::take() {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Burst>(this));
    idle_.push_back(all_.back().get());
  }
  Payload& payload = *idle_.back();
  idle_.pop_back();
  payload.acquire();
  return payload;
}

Payload& PayloadPool::get(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                          std::uint32_t bytes) {
  Payload& payload = take();
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  return payload;
}

Payload& PayloadPool::get(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes) {
  Payload& payload = get(command, address, nullptr, bytes);
  auto& burst = static_cast<Burst&>(payload);
  if (burst.buffer_bytes < bytes) {
    burst.buffer = std::make_unique<std::uint8_t[]>(bytes);
    burst.buffer_bytes = bytes;
  }
  payload.set_data_ptr(burst.buffer.get());
  return payload;
}

}  // namespace m3sim::tlm_mem
