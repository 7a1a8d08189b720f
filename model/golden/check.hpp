#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/golden/compare.hpp"
#include "model/golden/model.hpp"

namespace m3sim::golden {

/// One stage of the hardware against the golden model.
struct StageCheck {
  std::string name;
  std::optional<int> layer;
  Error error;
  double bound = 0;
  bool passed() const { return error.max <= bound; }
};

/// The hardware's tensor of a stage by its name, or nullptr where it has none. It must stay valid
/// until the check ends.
using HardwareTensors = std::function<const Tensor*(const std::string& name)>;

/// Largest error that the fixed-point arithmetic may make in a stage, given the stage's own input.
double stage_bound(const Dimensions& dimensions, const std::string& name);

/// Checks every stage the hardware has a tensor of: each is computed from the hardware's own input,
/// with quantised parameters, so an error is of that stage alone. In the order of computation.
/// `forced` is the routing the hardware was given, if it was.
std::vector<StageCheck> check_stages(const Parameters& parameters, const Image& image, int task,
                                     const HardwareTensors& hardware, ForcedRouting forced = {});

}  // namespace m3sim::golden
