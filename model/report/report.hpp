// A run's figures, derived once; the table and report.json print them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/accelerator/run_record.hpp"
#include "model/config/config.hpp"
#include "model/cost/device.hpp"
#include "model/cost/energy.hpp"
#include "model/cost/requirement.hpp"
#include "model/cost/resources.hpp"
#include "model/cost/work.hpp"
#include "model/report/bottlenecks.hpp"
#include "model/report/check_record.hpp"
#include "model/report/decimal.hpp"
#include "model/report/timeline.hpp"

namespace m3sim::report {

/// What a run was started with besides its configuration.
struct Context {
  std::string version;
  std::string execution;  ///< "lockstep" or "decoupled"
  /// For print, in order: {"weights", "seed:0"}, {"routing", "gates"}, ...
  std::vector<std::pair<std::string, std::string>> inputs;
  std::optional<cost::Device> device{};  ///< to say whether the design fits
};

/// Cycles that no schedule of this hardware can do without; each alone.
struct LowerBounds {
  timing::Cycle mac_array = 0;  ///< linear layers at one MAC array's peak
  timing::Cycle port = 0;       ///< busiest direction of the busiest port, at a beat a cycle
  Master busiest{};
  timing::Cycle dram = 0;  ///< bytes of DRAM bursts at peak bandwidth
};

struct TaskFigures {
  const TaskRecord* record = nullptr;
  timing::Cycle cycles = 0;
  Timeline timeline;
  cost::Work work;
  cost::Energy energy;  ///< nominal
  cost::Energy energy_low, energy_high;
  std::vector<cost::Energy> kernel_energy;  ///< of events, per kernel
  timing::Cycle linear_cycles = 0;          ///< of compute kernels on the linear unit
  LowerBounds bounds;
  std::vector<Bottleneck> bottlenecks;

  /// Share of the task in parts, with or without their exposed loads.
  timing::Cycle cycles_of(const std::vector<Part>& parts, bool with_loads) const;
};

inline constexpr Wide kFemtojoulesPerJoule = 1'000'000'000'000'000;

/// Femtojoules in millijoules.
inline Ratio millijoules(std::int64_t fj) { return {fj, kFemtojoulesPerJoule / 1000}; }

struct Report {
  const Config* config = nullptr;
  const RunRecord* run = nullptr;
  Context context;
  std::string energy_table;  ///< its name
  std::vector<TaskFigures> tasks;
  timing::Cycle one_time_cycles = 0;
  cost::Energy one_time_energy;
  cost::Energy energy;              ///< of all tasks and the one-time loads
  cost::Resources resources;        ///< estimate
  cost::MemoryRequirement requirement;
  std::vector<CheckRecord> checks;  ///< empty without --check

  Ratio latency_ms(timing::Cycle cycles) const { return {Wide{cycles} * 1000, run->clock_hz}; }
  /// Of useful MACs in the linear layers, per cycle and MAC of the array.
  Ratio utilization(const TaskFigures& task, timing::Cycle cycles) const {
    return {task.work.linear(), Wide{cycles} * run->macs_per_cycle};
  }
  /// Two operations a MAC.
  Ratio gops(const TaskFigures& task) const {
    return {Wide{2} * task.work.total() * run->clock_hz, Wide{task.cycles} * 1'000'000'000};
  }
  /// Energy over time.
  Ratio power_w(const TaskFigures& task) const {
    return {Wide{task.energy.total()} * run->clock_hz, Wide{task.cycles} * kFemtojoulesPerJoule};
  }
};

/// What the memory system counted in a task, as the cost model weighs it.
cost::DramUse dram_use(const DramRecord& dram);

/// The parts that the linear unit computes.
const std::vector<Part>& linear_parts();

inline constexpr std::size_t kBottlenecksShown = 3;

/// `config` and `run` must outlive the report.
Report derive(const Config& config, const RunRecord& run, const cost::EnergyTable& table,
              Context context);

/// Tables for people, at most 100 columns, ASCII.
std::string table_text(const Report& report);

/// report.json (report.schema.json beside this file), with a newline at its end. Equal reports make
/// equal bytes. Write it with `write_file` of model/network/file.hpp.
std::string json_text(const Report& report);

}  // namespace m3sim::report
