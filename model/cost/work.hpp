// The arithmetic that a network asks for, whatever hardware does it.
#pragma once

#include <cstdint>
#include <vector>

#include "model/config/network_config.hpp"

namespace m3sim::cost {

/// Multiply-accumulates of one image through one task.
struct Work {
  std::int64_t patch_embed = 0, qkv = 0, attention_qk = 0, attention_av = 0, projection = 0,
               mlp = 0, gate = 0, experts = 0;

  std::int64_t linear() const { return qkv + projection + mlp + experts; }
  std::int64_t total() const { return patch_embed + linear() + attention_qk + attention_av + gate; }
};

/// `queues`: tokens per expert, [MoE layer in order][expert]. Layers without a queue count every
/// token's k experts: the router drops none.
Work work(const NetworkConfig& network, const std::vector<std::vector<int>>& queues = {});

/// What a dense model of the same size would need: every token through every expert, no router.
Work dense_work(const NetworkConfig& network);

/// Two operations a multiply-accumulate.
inline std::int64_t flops(std::int64_t macs) { return 2 * macs; }

}  // namespace m3sim::cost
