// Kernels of a configuration as designs: traced, scheduled, ready to be written.
#pragma once
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/rtl/module.hpp"

namespace m3sim::rtl {

struct KernelName {
  std::string name, group, summary;
};
/// Every kernel, in the order of the catalog.
const std::vector<KernelName>& kernel_names();

/// Traces a kernel by name. Throws BuildError where it cannot be built with these parameters.
Design make_design(const std::string& name, const AcceleratorConfig& config);

}  // namespace m3sim::rtl
