// Fits the scale of named groups of an energy table to one measured total.
//
// One measurement fixes one number: every row of the groups is multiplied by the same scale, so
// what the table says of their proportions stays an estimate, and the total is true by
// construction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/cost/energy.hpp"

namespace m3sim::cost {

/// What one image did.
struct ImageUse {
  timing::Activity activity;
  DramUse dram;
  timing::Cycle cycles = 0;
};

struct Calibration {
  EnergyTable table;           ///< with the scaled rows
  std::int64_t scale_ppm = 0;  ///< millionths
  std::int64_t measured_fj = 0, before_fj = 0, fixed_fj = 0;
  std::int64_t after_fj = 0;    ///< by the scaled table, whose rows are whole numbers again
  std::vector<std::string> beyond_band;  ///< rows whose scaled value leaves their own band

  std::int64_t residual_fj() const { return after_fj - measured_fj; }
};

/// `milliwatts`: measured mean power while the images ran. Throws InputError for a group that the
/// table does not hold the energy of, or a total that is below what the other groups take.
Calibration calibrate(const EnergyTable& table, const std::vector<ImageUse>& images,
                      std::int64_t clock_hz, std::int64_t milliwatts,
                      const std::vector<Component>& groups, const std::string& measurement);

}  // namespace m3sim::cost
