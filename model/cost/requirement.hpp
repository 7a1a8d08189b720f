// On-chip memory that a design needs, in the sense of M3ViT (NeurIPS 2022, table 4): weights that
// lie on chip, and buffers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"

namespace m3sim::cost {

struct MemoryItem {
  std::string name;
  std::int64_t bits = 0;
  std::string rule;
};

struct MemoryRequirement {
  std::vector<MemoryItem> items;
  std::int64_t bits() const {
    std::int64_t sum = 0;
    for (const MemoryItem& item : items) sum += item.bits;
    return sum;
  }
};

/// Contents, not blocks. Where `resources.buffers_kib` says what a publication counts for buffers,
/// that stands in place of those that are modelled.
MemoryRequirement memory_requirement(const AcceleratorConfig& config);

}  // namespace m3sim::cost
