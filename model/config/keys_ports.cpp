#include "model/config/registry.hpp"

namespace m3sim {
namespace {

void register_adapter_keys(Registry& registry) {
  Section<PortConfig> s(registry, "port",
                        [](AcceleratorConfig& c) -> PortConfig& { return c.port; });
  const std::string interface = "published sources and block design: m_axi interface";
  s.key("scheduled_latency", &PortConfig::scheduled_latency,
        "cycles from a read request in a loop to the stage that consumes its data")
      .range(1, 10'000)
      .derived(
          "m_axi_latency is 64, but the depths of the synthesis log fit 71 "
          "(73 = 71 + 2, 142 = 71 + 68 + 3): 64 plus the adapter's own stages");
  s.key("response_latency", &PortConfig::response_latency,
        "cycles from a write in a loop to the stage that consumes its response")
      .range(1, 10'000)
      .derived("depths of the synthesis log (142 = 71 + 68 + 3)");
  s.key("request_queue", &PortConfig::request_queue, "requests that an adapter queues")
      .range(1, 65'536)
      .derived(
          "USER_MAXREQS of public Vitis HLS adapters with the same latency, outstanding and "
          "burst settings: 69 = m_axi_latency + 5");
  s.key("outstanding_reads", &PortConfig::outstanding_reads, "read bursts in flight per adapter")
      .range(1, 1024)
      .source(interface);
  s.key("outstanding_writes", &PortConfig::outstanding_writes, "write bursts in flight per adapter")
      .range(1, 1024)
      .source(interface);
  s.key("max_burst_beats", &PortConfig::max_burst_beats, "beats of the longest burst of an adapter")
      .range(1, 256)
      .power_of_two()
      .source(interface);
  const std::string buffers =
      "outstanding x longest burst; RFIFONUM_WIDTH 9 of public Vitis HLS adapters agrees";
  s.key("read_buffer_beats", &PortConfig::read_buffer_beats,
        "beats that an adapter's read buffer holds")
      .range(1, 1 << 20)
      .derived(buffers);
  s.key("write_buffer_beats", &PortConfig::write_buffer_beats,
        "beats that an adapter's write buffer holds")
      .range(1, 1 << 20)
      .derived(buffers);
}

void register_tensor_keys(Registry& registry) {
  Section<TensorPortConfig> s(registry, "ports",
                              [](AcceleratorConfig& c) -> TensorPortConfig& { return c.ports; });
  for (const auto& [tensor, word] : Words<DramTensor>::kTable) {
    const auto index = static_cast<std::size_t>(tensor);
    s.key(
         std::string(word),
         [index](TensorPortConfig& ports) -> Master& { return ports.master[index]; },
         "kernel master that carries tensor " + std::string(word))
        .source("ViT_compute.cpp: bundle of the m_axi interface");
  }
}

void register_resident_keys(Registry& registry) {
  Section<ResidentConfig> s(registry, "resident",
                            [](AcceleratorConfig& c) -> ResidentConfig& { return c.resident; });
  const std::string source = "ViT_compute.cpp: every tensor goes through DRAM";
  for (const auto& [tensor, word] : Words<DramTensor>::kTable) {
    if (tensor == DramTensor::kImage || tensor == DramTensor::kWeights) continue;
    const auto index = static_cast<std::size_t>(tensor);
    s.key(
         std::string(word), [index](ResidentConfig& r) -> bool& { return r.tensor[index]; },
         "tensor " + std::string(word) + " stays on chip")
        .source(source);
  }
  s.key("capacity_kib", &ResidentConfig::capacity_kib,
        "capacity of the memories of the tensors that stay on chip, in KiB")
      .range(0, 1 << 20)
      .source(source);
  s.key("latency_cycles", &ResidentConfig::latency_cycles,
        "PL cycles from a request to a word that stays on chip, and from a write to its response")
      .range(1, 1000)
      .derived("a block RAM with its output register: two cycles (AMD UG573)");
}

void register_path_keys(Section<PsConfig>& s) {
  const std::string afi = "UG1085, PL-PS interfaces: AXI FIFO interface";
  s.key("width_bits", &PsConfig::width_bits, "bits of each PS slave port")
      .one_of({32, 64, 128, 256, 512})
      .source("published block design; UG1085 allows 32, 64 and 128, wider is a what-if");
  s.key("command_queue", &PsConfig::command_queue, "commands in flight per PS port and direction")
      .range(1, 1024)
      .verbatim(afi);
  s.key("data_fifo_beats", &PsConfig::data_fifo_beats, "beats of a PS port's data FIFO")
      .range(1, 65'536)
      .verbatim(afi);
  s.key("max_burst_beats", &PsConfig::max_burst_beats, "beats of the longest burst at a PS port")
      .range(1, 256)
      .power_of_two()
      .verbatim("UG1085: converted to AXI3, at most 16 beats");
  s.key("smartconnect_queue", &PsConfig::smartconnect_queue,
        "bursts of a kernel port that its SmartConnect holds, per direction")
      .range(1, 1024)
      .unknown("as deep as the PS port's command queue; span 2 to 32");
  s.key("controller_port_bytes_per_cycle", &PsConfig::controller_port_bytes_per_cycle,
        "bytes that a port of the DRAM controller moves in a PL cycle, per direction")
      .range(1, 4096)
      .unknown(
          "128 bit (UG1085) at half the DRAM clock, 533 MHz, are 28 bytes in a PL cycle of "
          "300 MHz; at the PL clock they are 16; span 16 to 28");
  const std::string smart = "a pipelined width converter; span 2 to 10";
  const std::string through = "with its counterpart over 100 ns through the PS; span 8 to 32";
  const std::string coherent = "two more hops through the coherent interconnect; span 0 to 20";
  const auto latency = [&s](const char* name, int PsConfig::*member, const char* help,
                            const std::string& why) {
    s.key(name, member, help).range(0, 10'000).unknown(why);
  };
  latency("smartconnect_request_cycles", &PsConfig::smartconnect_request_cycles,
          "PL cycles of an address or write beat through the SmartConnect", smart);
  latency("smartconnect_response_cycles", &PsConfig::smartconnect_response_cycles,
          "PL cycles of a read beat or response through the SmartConnect", smart);
  latency("hp_request_cycles", &PsConfig::hp_request_cycles,
          "PL cycles of a command from a PS port to the DRAM controller", through);
  latency("hp_response_cycles", &PsConfig::hp_response_cycles,
          "PL cycles of data or response from the DRAM controller to a PS port", through);
  latency("hpc_extra_request_cycles", &PsConfig::hpc_extra_request_cycles,
          "PL cycles that a command takes longer on HPC0 and HPC1", coherent);
  latency("hpc_extra_response_cycles", &PsConfig::hpc_extra_response_cycles,
          "PL cycles that data or response takes longer on HPC0 and HPC1", coherent);
}

void register_ps_keys(Registry& registry) {
  Section<PsConfig> s(registry, "ps", [](AcceleratorConfig& c) -> PsConfig& { return c.ps; });
  for (const auto& [master, word] : Words<Master>::kTable) {
    const auto index = static_cast<std::size_t>(master);
    s.key(
         std::string(word), [index](PsConfig& ps) -> PsPort& { return ps.ps_port[index]; },
         "PS port behind kernel master " + std::string(word))
        .source("published block design");
  }
  for (const auto& [port, word] : Words<PsPort>::kTable) {
    const auto index = static_cast<std::size_t>(port);
    auto& key = s.key(
        std::string(word) + "_controller_port",
        [index](PsConfig& ps) -> int& { return ps.controller_port[index]; },
        "port of the DRAM controller behind " + std::string(word));
    key.range(0, 15);
    if (is_coherent(port)) {
      key.unknown(
          "the coherent interconnect has two ports to the controller, 1 and 2 (UG1085); "
          "which addresses take which is not public; span 1 to 2");
    } else {
      key.verbatim("UG1085, PL-PS interfaces: HP1 and HP2 share XPI 4; HP0 is on 3, HP3 on 5");
    }
  }
  register_path_keys(s);
}

}  // namespace

void register_port_keys(Registry& registry) {
  register_adapter_keys(registry);
  register_tensor_keys(registry);
  register_resident_keys(registry);
  register_ps_keys(registry);
}

}  // namespace m3sim
