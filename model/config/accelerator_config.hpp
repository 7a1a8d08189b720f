#pragma once

#include <string>

#include "model/config/engine_config.hpp"
#include "model/config/loops.hpp"
#include "model/config/memory_config.hpp"
#include "model/config/network_config.hpp"

namespace m3sim {

struct EnergyConfig {
  std::string table = "energy/zcu102.csv";  // energy per event; a preset or a file
};

/// What counts as resources and on-chip memory.
struct ResourceConfig {
  int uram_from_kib = 0;  // memories from this size on are URAM; 0: none
  int buffers_kib = 0;    // of the memory requirement; 0: those that are modelled
};

/// One design point: network, engines, ports and memory. Plain data; every member is the key
/// `<section>.<member>` of the registry. As constructed it is the published Edge-MoE design on the
/// ZCU102; `load_config` (config.hpp) fills and validates it from files and command line.
struct AcceleratorConfig {
  NetworkConfig network;
  ClockConfig clock;
  WordConfig word;
  LinearConfig linear;
  GeluConfig gelu;
  ExpertsConfig experts;
  AttentionConfig attention;
  SoftmaxConfig softmax;
  LayerNormConfig layer_norm;
  GateConfig gate;
  PatchEmbedConfig patch_embed;
  ResidualConfig residual;
  LoopTable loops;
  ControlConfig control;
  ScheduleConfig schedule;
  PortConfig port;
  TensorPortConfig ports;
  ResidentConfig resident;
  PsConfig ps;
  MemoryConfig memory;
  DdrConfig ddr;
  EnergyConfig energy;
  ResourceConfig resources;

  int weight_bank_count() const { return linear.bank_count() + experts.banks(); }
};

}  // namespace m3sim
