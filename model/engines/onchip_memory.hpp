// Tensors that stay on chip: memories that serve a process's words without the ports to DRAM.
//
// Every port of a process reaches the banks of its tensors on wires of its own, a word a cycle and
// direction, so nothing arbitrates: a word can be taken `resident.latency_cycles` after its request,
// one cycle after the word before it; a write has its response as long after its last word.
// Contents and hazard tags stand in the store of the modelled DRAM, under the tensor's address.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/timing/memory_channel.hpp"
#include "tlm/byte_store.hpp"

namespace m3sim {

class OnchipMemory {
 public:
  OnchipMemory(const AcceleratorConfig& config, tlm_mem::ByteStore& store, bool data);
  ~OnchipMemory();

  /// A channel of one process, before the simulation starts.
  /// Whether a channel is one of its own.
  bool serves(const timing::MemoryChannel& channel) const;
  timing::ReadChannel& open_read(std::string name, int process);
  timing::WriteChannel& open_write(std::string name, int process);
  /// Every word that was put has landed: to be called when a step has ended.
  void settle();

 private:
  class Reader;
  class Writer;

  const AcceleratorConfig& config_;
  tlm_mem::ByteStore& store_;
  bool data_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<Writer>> writers_;
};

}  // namespace m3sim
