// The synthetic run's report, with an energy table of round figures.
#pragma once

#include "model/report/report.hpp"
#include "tests/report/synthetic_run.hpp"

namespace m3sim::report::test {

inline const Config& small_config() {
  static const Config config = [] {
    ConfigSources sources;
    sources.assignments = {"network.layers=2", "network.experts=4"};
    return load_config(sources);
  }();
  return config;
}

inline Report report_of(const RunRecord& run) {
  const Context context{"0.0.0", "decoupled", {{"weights", "seed:0"}, {"routing", "gates"}}};
  return derive(small_config(), run, cost::EnergyTable::read("energy/zcu102.csv"), context);
}

}  // namespace m3sim::report::test
