// What a synthesis tool is asked of: the modules of three configurations, how often each is there,
// and the estimates of model/cost that stand beside them.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/cost/resources.hpp"

namespace m3sim::test {

/// One module for one configuration: a kernel, a memory outside the kernels, or a stream.
struct PlannedModule {
  std::string name, kind, unit;
  std::string top;                        // module to synthesise
  std::map<std::string, int> parameters;  // of `top`; none of a kernel
  int count = 1;                          // instances in the accelerator
  std::string text;                       // of a kernel's module
  std::string hash;                       // of code and parameters, not of comments
};

/// What model/cost says of the modules of a unit; of no module where `modeled` is false.
struct PlannedEstimate {
  std::string unit, items;
  bool modeled = true;
  cost::ResourceItem sum;
};

struct PlannedConfiguration {
  std::string name, description;
  std::vector<PlannedModule> modules;
  std::vector<PlannedEstimate> estimates;
};

/// Small, middle and full size. `root`: the source tree.
std::vector<PlannedConfiguration> resource_plan(const std::string& root);

}  // namespace m3sim::test
