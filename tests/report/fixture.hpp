// The synthetic run's report, with an energy table of round figures.
#pragma once

#include "model/report/report.hpp"
#include "tests/report/synthetic_run.hpp"

namespace m3sim::report::test {

/// 5 tokens of 32 features, a dense layer and a MoE layer of 4 experts.
inline const Config& small_config() {
  static const Config config = [] {
    ConfigSources sources;
    sources.assignments = {
        "network.name=hand-made", "network.image_height=32", "network.image_width=32",
        "network.width=32",       "network.heads=1",         "network.layers=2",
        "network.mlp_hidden=32",  "network.experts=4",       "network.expert_hidden=32"};
    return load_config(sources);
  }();
  return config;
}

inline Report report_of(const RunRecord& run) {
  const Context context{"0.0.0", "decoupled", {{"weights", "seed:0"}, {"routing", "gates"}}};
  return derive(small_config(), run, cost::EnergyTable::read("energy/zcu102.csv"), context);
}

}  // namespace m3sim::report::test
