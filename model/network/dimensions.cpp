#include "model/network/dimensions.hpp"

#include <algorithm>

#include "model/config/error.hpp"

namespace m3sim {

std::vector<int> moe_layers(const Dimensions& dimensions) {
  std::vector<int> layers;
  for (int layer = 0; layer < dimensions.layers; ++layer) {
    if (dimensions.is_moe(layer)) layers.push_back(layer);
  }
  return layers;
}

int task_index(const Dimensions& dimensions, const std::string& name) {
  const auto found = std::find(dimensions.tasks.begin(), dimensions.tasks.end(), name);
  if (found == dimensions.tasks.end()) {
    std::string known;
    for (const std::string& task : dimensions.tasks) known += (known.empty() ? "" : ", ") + task;
    throw UsageError("no task '" + name + "' in network " + dimensions.name + "; it has " + known);
  }
  return static_cast<int>(found - dimensions.tasks.begin());
}

}  // namespace m3sim
