// What the memory system is built from: the sections of the configuration that concern it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "model/config/accelerator_config.hpp"
#include "model/config/memory_config.hpp"

namespace m3sim::tlm_mem {

struct MemorySystemConfig {
  std::int64_t pl_hz = 299'970'032;
  int crossing_cycles = 2;   ///< synchroniser, in cycles of the receiving clock
  int word_bytes = 32;       ///< width of the kernel ports
  PortConfig port;
  PsConfig ps;
  MemoryConfig memory;
  DdrConfig ddr;
  std::size_t bytes = std::size_t{1} << 30;  ///< size of the modelled memory
  bool data = true;                 ///< requests move tensor bytes; off: time and hazards alone
  bool every_clock = false;         ///< the DDR target acts in every clock: same cycles, slowly (tests)
  bool check_protocol = false;      ///< a protocol checker in every link
};

/// The memory system of a design point. `bytes`: the highest address in use, plus one.
inline MemorySystemConfig memory_system_config(const AcceleratorConfig& accelerator,
                                               std::size_t bytes, bool data) {
  MemorySystemConfig config;
  config.pl_hz = accelerator.clock.pl_hz;
  config.crossing_cycles = accelerator.clock.crossing_cycles;
  config.word_bytes = accelerator.word.bytes();
  config.port = accelerator.port;
  config.ps = accelerator.ps;
  config.memory = accelerator.memory;
  config.ddr = accelerator.ddr;
  config.bytes = bytes;
  config.data = data;
  return config;
}

}  // namespace m3sim::tlm_mem
