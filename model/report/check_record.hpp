// What `--check` found, as plain data.
#pragma once

#include <string>
#include <vector>

namespace m3sim::report {

/// One stage of the hardware against the golden model; errors in values, not raw steps.
struct StageRecord {
  std::string name;  ///< "l0_norm1"
  double max_error = 0, mean_error = 0;
  double bound = 0;  ///< on the largest error
  bool pass = false;
};

/// One image through one task.
struct CheckRecord {
  std::string task;
  int image = 0;
  std::vector<StageRecord> stages;

  bool pass() const {
    for (const StageRecord& stage : stages) {
      if (!stage.pass) return false;
    }
    return true;
  }
};

}  // namespace m3sim::report
