#include "model/cost/work.hpp"

#include <numeric>

namespace m3sim::cost {

Work work(const NetworkConfig& network, const std::vector<std::vector<int>>& queues) {
  const std::int64_t tokens = network.tokens(), width = network.width;
  Work w;
  w.patch_embed = std::int64_t{network.patches()} * network.patch_inputs() * width;
  std::size_t moe = 0;
  for (int layer = 0; layer < network.layers; ++layer) {
    w.qkv += tokens * width * 3 * width;
    w.attention_qk += tokens * tokens * width;
    w.attention_av += tokens * tokens * width;
    w.projection += tokens * width * width;
    if (!network.is_moe(layer)) {
      w.mlp += 2 * tokens * width * network.mlp_hidden;
      continue;
    }
    const std::int64_t selected =
        moe < queues.size()
            ? std::accumulate(queues[moe].begin(), queues[moe].end(), std::int64_t{0})
            : tokens * network.top_k;
    ++moe;
    w.gate += tokens * network.gate_inputs() * network.experts;
    w.experts += 2 * selected * width * network.expert_hidden;
  }
  return w;
}

Work dense_work(const NetworkConfig& network) {
  Work w = work(network);
  w.gate = 0;
  w.experts = w.experts / network.top_k * network.experts;
  return w;
}

}  // namespace m3sim::cost
