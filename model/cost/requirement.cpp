#include "model/cost/requirement.hpp"

#include <algorithm>

#include "model/config/activations.hpp"

namespace m3sim::cost {
namespace {

constexpr std::int64_t kWeightBits = 16, kBiasBits = 18, kTokenNumberBits = 16;
constexpr std::int64_t kKibBits = 1024 * 8;

void add_weights(const AcceleratorConfig& c, std::vector<MemoryItem>& items) {
  const NetworkConfig& n = c.network;
  const std::int64_t banks =
      c.linear.weight_banks * (c.linear.weight_buffer_kib * kKibBits +
                               c.linear.bias_buffer_features * kBiasBits);
  const std::int64_t expert =
      2 * std::int64_t{n.width} * n.expert_hidden * kWeightBits +
      (std::int64_t{n.width} + n.expert_hidden) * kBiasBits;
  const std::int64_t cache = c.experts.cached() && n.has_moe() ? c.experts.cache_experts * expert : 0;
  if (cache > 0 && c.experts.share_weight_memory) {
    items.push_back({"weights", std::max(banks, cache),
                     "weight banks or cached experts, which share one memory: the larger"});
  } else {
    items.push_back({"weight_banks", banks, "16-bit weights and 18-bit biases of every bank"});
    if (cache > 0)
      items.push_back({"expert_cache", cache, "16-bit weights and 18-bit biases of every expert"});
  }
  if (n.has_moe())
    items.push_back({"gate_weights", std::int64_t{n.experts} * n.gate_inputs() * kWeightBits,
                     "of one layer and task"});
}

void add_buffers(const AcceleratorConfig& c, std::vector<MemoryItem>& items) {
  const NetworkConfig& n = c.network;
  items.push_back({"patch_weights", std::int64_t{n.patch_inputs()} * n.width * kWeightBits,
                   "16-bit weights of the patch embedding"});
  items.push_back({"activations", resident_bytes(c) * 8, "tensors that stay on chip"});
  if (n.has_moe())
    items.push_back({"expert_queues",
                     std::int64_t{n.experts} * n.tokens() * (kTokenNumberBits + kFeatureBits),
                     "token numbers and scores"});
  const std::int64_t units = c.attention.head_units;
  items.push_back({"attention_rows",
                   2 * std::int64_t{c.attention.rows} * n.width * kFeatureBits +
                       (units > 1 ? (std::int64_t{n.tokens()} + 2 * c.attention.rows) *
                                        c.attention.rows * n.heads * kFeatureBits
                                  : 0),
                   "queries and sums of the rows in flight, and their scores in head units"});
  items.push_back({"patch_rows",
                   std::int64_t{c.patch_embed.row_banks} * (n.image_width / n.patch) * n.width *
                       kFeatureBits,
                   "rows of patches"});
  const std::int64_t masters = static_cast<std::int64_t>(kMasterCount);
  items.push_back({"port_buffers",
                   std::int64_t{c.word.bits} * (masters * c.port.read_buffer_beats +
                                                (masters - 1) * c.port.write_buffer_beats),
                   "of the AXI adapters"});
}

}  // namespace

MemoryRequirement memory_requirement(const AcceleratorConfig& config) {
  MemoryRequirement result;
  add_weights(config, result.items);
  if (config.resources.buffers_kib > 0)
    result.items.push_back({"buffers", config.resources.buffers_kib * kKibBits,
                            "as resources.buffers_kib says, not those that are modelled"});
  else
    add_buffers(config, result.items);
  return result;
}

}  // namespace m3sim::cost
