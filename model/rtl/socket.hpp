// A module of the same ports around every kernel's module, and a Verilated one driven through them.
//
// Ports are packed vectors of at least one bit: one bit per stream or memory port for handshakes,
// data side by side in the order of the ports, numbers (parameters, addresses, shared registers) in
// 32 bits each.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/rtl/module.hpp"

namespace m3sim::rtl {

#define M3SIM_SOCKET_PORTS(PORT)                                                                  \
  PORT(clk)                                                                                       \
  PORT(reset)                                                                                     \
  PORT(start) PORT(start_values) PORT(in_valid) PORT(in_data) PORT(out_ready) PORT(request_ready) \
      PORT(take_valid) PORT(take_data) PORT(put_ready) PORT(response_valid) PORT(read_data)       \
          PORT(shared) PORT(in_ready) PORT(out_valid) PORT(out_data) PORT(request)                \
              PORT(request_word) PORT(request_words) PORT(take) PORT(put) PORT(put_data)          \
                  PORT(response_take) PORT(read_enable) PORT(read_address) PORT(write_lanes)      \
                      PORT(write_address) PORT(write_data) PORT(shared_write) PORT(shared_next)   \
                          PORT(active) PORT(finished) PORT(issue) PORT(held) PORT(held_by)        \
                              PORT(starved_by)

enum class SocketPort : std::uint8_t {
#define M3SIM_SOCKET_PORT(name) name,
  M3SIM_SOCKET_PORTS(M3SIM_SOCKET_PORT)
#undef M3SIM_SOCKET_PORT
      kCount
};

/// A Verilated socket: its ports as bytes, lowest bits first.
class SocketModel {
 public:
  virtual ~SocketModel() = default;
  virtual void evaluate() = 0;
  std::uint8_t* bytes(SocketPort port) { return bytes_[static_cast<std::size_t>(port)]; }

  void set_bit(SocketPort port, std::size_t bit, bool value) {
    std::uint8_t& byte = bytes(port)[bit / 8];
    byte = static_cast<std::uint8_t>((byte & ~(1U << (bit % 8))) | (unsigned{value} << (bit % 8)));
  }
  bool bit(SocketPort port, std::size_t bit_number) {
    return (bytes(port)[bit_number / 8] >> (bit_number % 8) & 1) != 0;
  }
  void set_number(SocketPort port, std::size_t i, std::uint32_t value) {
    std::memcpy(bytes(port) + 4 * i, &value, 4);
  }
  std::uint32_t number(SocketPort port, std::size_t i) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes(port) + 4 * i, 4);
    return value;
  }

 protected:
  std::array<std::uint8_t*, static_cast<std::size_t>(SocketPort::kCount)> bytes_{};
};

/// `Verilated` is the class that Verilator makes of a socket.
template <class Verilated>
class VerilatedSocket final : public SocketModel {
 public:
  VerilatedSocket() {
#define M3SIM_SOCKET_PORT(name)                        \
  bytes_[static_cast<std::size_t>(SocketPort::name)] = \
      reinterpret_cast<std::uint8_t*>(&model_->name);
    M3SIM_SOCKET_PORTS(M3SIM_SOCKET_PORT)
#undef M3SIM_SOCKET_PORT
  }
  ~VerilatedSocket() override { model_->final(); }
  void evaluate() override { model_->eval(); }

 private:
  std::unique_ptr<Verilated> model_ = std::make_unique<Verilated>();
};

/// A kernel whose socket has been Verilated into the program: `text` is the module's, so that a
/// program knows whether it fits a configuration.
struct BuiltSocket {
  std::string kernel;
  std::uint64_t text_hash = 0;
  std::function<std::unique_ptr<SocketModel>()> make;
};
/// Those linked into this program; each registers itself.
std::vector<BuiltSocket>& built_sockets();
struct RegisterSocket {
  explicit RegisterSocket(BuiltSocket built) { built_sockets().push_back(std::move(built)); }
};

/// FNV-1a, 64 bit.
std::uint64_t hash_of(const std::string& text);

}  // namespace m3sim::rtl
