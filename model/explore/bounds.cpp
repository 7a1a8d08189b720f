#include "model/explore/bounds.hpp"

#include <nlohmann/json.hpp>

#include "model/cost/energy.hpp"
#include "model/cost/resources.hpp"
#include "model/cost/work.hpp"
#include "model/report/report.hpp"

namespace m3sim::explore {

timing::Cycle least_cycles(const AcceleratorConfig& config) {
  const NetworkConfig& network = config.network;
  const std::int64_t tokens = network.tokens(), rows = config.attention.rows;
  const std::int64_t words = network.width / config.word.features();
  const std::int64_t macs = std::int64_t{config.linear.in_tile} * config.linear.out_tile;
  const std::int64_t passes = tokens + rows - 1;
  const std::int64_t attention = (passes / rows * tokens + passes % rows) * words;
  return cost::work(network).linear() / macs +
         network.layers * (2 * attention + 4 * tokens * words);  // 2 norms, 2 residual additions
}

TaskResult least(const AcceleratorConfig& config, const cost::EnergyTable& table) {
  const timing::Cycle cycles = least_cycles(config);
  const cost::Energy energy = cost::time_energy(table, cycles, config.clock.pl_hz);
  const cost::Resources resources = cost::resources(config);
  nlohmann::ordered_json json{
      {"task", ""},
      {"image", 0},
      {"cycles", cycles},
      {"latency_ms", report::Ratio{report::Wide{cycles} * 1000, config.clock.pl_hz}.value()},
      {"energy_mj", {{"total", report::millijoules(energy.total()).value(9)}}},
      {"resources", {{"dsp", resources.dsp()}, {"bram18", resources.bram18()}}}};
  return task_results({{"tasks", {json}}})[0];
}

}  // namespace m3sim::explore
