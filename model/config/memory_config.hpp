#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/config/words.hpp"

namespace m3sim {

/// The kernel's AXI4 adapters, alike for all masters. Cycles are PL cycles.
struct PortConfig {
  int scheduled_latency = 71;  // read data is consumed so many cycles after its request
  int response_latency = 68;   // a write response is consumed so many cycles after its write
  int request_queue = 69;
  int outstanding_reads = 16;
  int outstanding_writes = 16;
  int max_burst_beats = 16;
  int read_buffer_beats = 256;
  int write_buffer_beats = 256;
};

/// AXI4 masters of the kernel.
enum class Master : std::size_t { kInout1, kInout2, kInout3, kInout4, kWeights };
inline constexpr std::size_t kMasterCount = 5;

template <>
struct Words<Master> {
  static constexpr std::array<std::pair<Master, std::string_view>, kMasterCount> kTable{
      {{Master::kInout1, "inout1"},
       {Master::kInout2, "inout2"},
       {Master::kInout3, "inout3"},
       {Master::kInout4, "inout4"},
       {Master::kWeights, "weights"}}};
};

/// Tensors in DRAM. `kWeights` is every parameter: weights, biases, norms, position embedding.
enum class DramTensor : std::size_t {
  kImage,
  kX,
  kTmp1,
  kTmp2,
  kTmp3,
  kHidden,
  kScores,
  kSoftmaxInfo,
  kWeights,
};
inline constexpr std::size_t kTensorCount = 9;

template <>
struct Words<DramTensor> {
  static constexpr std::array<std::pair<DramTensor, std::string_view>, kTensorCount> kTable{
      {{DramTensor::kImage, "image"},
       {DramTensor::kX, "x"},
       {DramTensor::kTmp1, "tmp1"},
       {DramTensor::kTmp2, "tmp2"},
       {DramTensor::kTmp3, "tmp3"},
       {DramTensor::kHidden, "hidden"},
       {DramTensor::kScores, "scores"},
       {DramTensor::kSoftmaxInfo, "softmax_info"},
       {DramTensor::kWeights, "weights"}}};
};

/// Which master carries each tensor.
struct TensorPortConfig {
  std::array<Master, kTensorCount> master{Master::kInout1, Master::kInout2, Master::kInout1,
                                          Master::kInout2, Master::kInout3, Master::kInout4,
                                          Master::kInout1, Master::kInout4, Master::kWeights};
  Master operator[](DramTensor tensor) const { return master[static_cast<std::size_t>(tensor)]; }
};

/// Activations that stay on chip instead of going through a port.
struct ResidentConfig {
  std::array<bool, kTensorCount> tensor{};  // image and weights never
  int capacity_kib = 0;                     // of the memories that hold them
  int latency_cycles = 2;                   // from a request to its word

  bool operator[](DramTensor t) const { return tensor[static_cast<std::size_t>(t)]; }
};

/// AXI slave ports of the processing system (UG1085, "PL-PS interfaces").
enum class PsPort : std::size_t { kHpc0, kHpc1, kHp0, kHp1, kHp2, kHp3 };
inline constexpr std::size_t kPsPortCount = 6;

template <>
struct Words<PsPort> {
  static constexpr std::array<std::pair<PsPort, std::string_view>, kPsPortCount> kTable{
      {{PsPort::kHpc0, "hpc0"},
       {PsPort::kHpc1, "hpc1"},
       {PsPort::kHp0, "hp0"},
       {PsPort::kHp1, "hp1"},
       {PsPort::kHp2, "hp2"},
       {PsPort::kHp3, "hp3"}}};
};

constexpr bool is_coherent(PsPort port) { return port == PsPort::kHpc0 || port == PsPort::kHpc1; }

/// The way from a kernel master to the DRAM controller: SmartConnect, PS port, controller port.
struct PsConfig {
  int width_bits = 128;  // of every PS slave port
  std::array<PsPort, kMasterCount> ps_port{PsPort::kHpc1, PsPort::kHp0, PsPort::kHp1, PsPort::kHp2,
                                           PsPort::kHpc0};
  /// Port of the DRAM controller behind each PS port, by PsPort.
  std::array<int, kPsPortCount> controller_port{1, 2, 3, 4, 4, 5};
  int command_queue = 8;       // commands accepted and not yet answered, per direction
  int data_fifo_beats = 128;   // of width_bits, per direction
  int max_burst_beats = 16;    // AXI3
  int smartconnect_queue = 8;  // bursts of a kernel port held, per direction
  int controller_port_bytes_per_cycle = 28;  // of a controller port, per direction and PL cycle
  // Latencies in PL cycles, added to the controller's own.
  int smartconnect_request_cycles = 4;
  int smartconnect_response_cycles = 4;
  int hp_request_cycles = 16;
  int hp_response_cycles = 16;
  int hpc_extra_request_cycles = 8;
  int hpc_extra_response_cycles = 8;

  PsPort operator[](Master m) const { return ps_port[static_cast<std::size_t>(m)]; }
  int controller(PsPort port) const { return controller_port[static_cast<std::size_t>(port)]; }
  int request_cycles(PsPort port) const {
    return hp_request_cycles + (is_coherent(port) ? hpc_extra_request_cycles : 0);
  }
  int response_cycles(PsPort port) const {
    return hp_response_cycles + (is_coherent(port) ? hpc_extra_response_cycles : 0);
  }
};

enum class MemoryKind { kSimple, kDdr };

template <>
struct Words<MemoryKind> {
  static constexpr std::array<std::pair<MemoryKind, std::string_view>, 2> kTable{
      {{MemoryKind::kSimple, "simple"}, {MemoryKind::kDdr, "ddr"}}};
};

struct MemoryConfig {
  MemoryKind kind = MemoryKind::kDdr;
  // kSimple: every access takes the latency; all ports together move the bytes. PL cycles.
  int simple_latency_cycles = 11;
  int simple_bytes_per_cycle = 56;
};

/// Fields of a DRAM address.
enum class AddressField { kRow, kBank, kBankGroup, kColumn, kRank, kChannel };

template <>
struct Words<AddressField> {
  static constexpr std::array<std::pair<AddressField, std::string_view>, 6> kTable{
      {{AddressField::kRow, "ro"},
       {AddressField::kBank, "ba"},
       {AddressField::kBankGroup, "bg"},
       {AddressField::kColumn, "co"},
       {AddressField::kRank, "ra"},
       {AddressField::kChannel, "ch"}}};
};

/// A permutation of address fields over the index of a DRAM burst, most significant first; the
/// column field leaves out the bits inside a burst.
struct AddressMap {
  std::vector<AddressField> fields{AddressField::kRow, AddressField::kBank,
                                   AddressField::kBankGroup, AddressField::kColumn};
  bool operator==(const AddressMap&) const = default;
};

enum class PagePolicy { kOpen, kClosed };

template <>
struct Words<PagePolicy> {
  static constexpr std::array<std::pair<PagePolicy, std::string_view>, 2> kTable{
      {{PagePolicy::kOpen, "open"}, {PagePolicy::kClosed, "closed"}}};
};

/// DRAM device and controller. Timings in memory clocks, named as JESD79-4 names them.
/// Defaults: the ZCU102's DDR4 as its start-up code programs the controller.
struct DdrConfig {
  std::string name = "zcu102";
  std::int64_t clock_hz = 1'066'560'000;  // command clock; data moves on both edges
  int channels = 1;
  int ranks = 1;
  int bank_groups = 4;
  int banks = 4;  // per bank group
  int rows = 32768;
  int columns = 1024;
  int device_width = 8;     // bits
  int bus_width = 64;       // bits, per channel, without ECC
  int density_mbit = 4096;  // per device
  int burst_length = 8;     // beats

  int cl = 15, cwl = 14, trcd = 16, trp = 18, tras = 36, trc = 52;
  int trfc = 278, trefi = 8256;
  int trrd_s = 4, trrd_l = 6, twtr_s = 4, twtr_l = 10, tfaw = 34, twr = 16, trtp = 8;
  int tccd_s = 4, tccd_l = 6, trtrs = 7;
  /// Clocks that the controller's timing registers count in: a set rounded up to 2 may miss JEDEC's
  /// inequalities by as much.
  int timing_unit = 2;

  int read_queue = 32, write_queue = 32;  // entries per channel
  int write_high_watermark = 26;          // drain writes from here, or when no read waits
  int write_low_watermark = 6;            // back to reads from here, when one waits
  std::string scheduler = "frfcfs";
  PagePolicy page_policy = PagePolicy::kOpen;
  std::string refresh = "all-bank";  // or none
  AddressMap address_map;
  bool half_rate_commands = false;  // commands only in every second clock

  double vdd_v = 1.2;
  // Datasheet currents of one device, mA.
  double idd0_ma = 45, ipp0_ma = 3, idd2p_ma = 25, idd2n_ma = 33, idd3p_ma = 35, idd3n_ma = 40;
  double idd4w_ma = 115, idd4r_ma = 125, idd5ab_ma = 250, idd6x_ma = 30;
  // A data line draws vdd / (driver + termination) while it is at the level away from its
  // termination; without termination (0) every bit costs io_fj_per_bit.
  int io_driver_ohm = 34, io_termination_ohm = 48;
  int io_fj_per_bit = 0;

  /// Rounded clock period, for printing nanoseconds and for energies.
  std::int64_t tck_ps() const { return (1'000'000'000'000 + clock_hz / 2) / clock_hz; }
  int devices_per_rank() const { return bus_width / device_width; }
  int burst_cycles() const { return burst_length / 2; }
  int burst_bytes() const { return bus_width / 8 * burst_length; }
};

}  // namespace m3sim
