#pragma once

#include <string>
#include <vector>

#include "model/config/network_config.hpp"

namespace m3sim {

/// Shape of a mixture-of-experts vision transformer and its tasks: the configuration's plain
/// struct, validated there. Everything in this folder and above sees a network as this.
using Dimensions = NetworkConfig;

/// Numbers of the MoE layers, ascending.
std::vector<int> moe_layers(const Dimensions& dimensions);

/// Index of a task by its name. Throws UsageError that names the known ones.
int task_index(const Dimensions& dimensions, const std::string& name);

}  // namespace m3sim
