#include "model/report/report.hpp"

#include <algorithm>
#include <numeric>

namespace m3sim::report {
namespace {

using cost::Bound;
using timing::Cycle;

bool is_linear(Part part) {
  return std::find(linear_parts().begin(), linear_parts().end(), part) != linear_parts().end();
}

timing::Activity activity_of(const std::vector<KernelRecord>& kernels) {
  timing::Activity activity;
  for (const KernelRecord& kernel : kernels) activity += kernel.activity;
  return activity;
}

Cycle quotient_up(Wide numerator, Wide denominator) {
  return static_cast<Cycle>((numerator + denominator - 1) / denominator);
}

/// PL cycles that the bytes take at the memory's peak bandwidth.
Cycle dram_cycles(const AcceleratorConfig& config, std::int64_t bytes, std::int64_t clock_hz) {
  if (config.memory.kind == MemoryKind::kSimple) {
    return quotient_up(bytes, config.memory.simple_bytes_per_cycle);
  }
  const DdrConfig& ddr = config.ddr;
  const std::int64_t bytes_per_clock = std::int64_t{ddr.channels} * ddr.bus_width / 8 * 2;
  return quotient_up(Wide{bytes} * clock_hz, Wide{bytes_per_clock} * ddr.clock_hz);
}

LowerBounds lower_bounds(const AcceleratorConfig& config, const RunRecord& run,
                         const TaskFigures& task) {
  LowerBounds bounds;
  if (run.macs_per_cycle > 0) {
    bounds.mac_array = quotient_up(task.work.linear(), run.macs_per_cycle);
  }
  const int bytes_per_cycle = std::min(config.word.bytes(), config.ps.width_bits / 8);
  for (const PortRecord& port : task.record->ports) {
    const Cycle cycles =
        quotient_up(std::max(port.bytes_read, port.bytes_written), bytes_per_cycle);
    if (cycles > bounds.port) {
      bounds.port = cycles;
      bounds.busiest = port.master;
    }
  }
  const DramRecord& dram = task.record->dram;
  bounds.dram = dram_cycles(config, dram.bytes_read + dram.bytes_written, run.clock_hz);
  return bounds;
}

TaskFigures task_figures(const Config& config, const RunRecord& run, const cost::EnergyTable& table,
                         const TaskRecord& record) {
  TaskFigures task;
  task.record = &record;
  task.cycles = record.end - record.start;
  task.timeline = timeline(record);
  task.work = cost::work(config.values.network, record.queues);
  const timing::Activity activity = activity_of(record.kernels);
  const auto energy = [&](Bound bound) {
    return cost::energy(table, activity, dram_use(record.dram), task.cycles, run.clock_hz, bound);
  };
  task.energy = energy(Bound::kNominal);
  task.energy_low = energy(Bound::kLow);
  task.energy_high = energy(Bound::kHigh);
  for (const KernelRecord& kernel : record.kernels) {
    task.kernel_energy.push_back(cost::event_energy(table, kernel.activity));
    if (is_linear(kernel.part) && !kernel.is_load) task.linear_cycles += kernel.end - kernel.start;
  }
  task.bounds = lower_bounds(config.values, run, task);
  task.bottlenecks = bottlenecks(record, task.timeline);
  return task;
}

/// From the first start to the last end.
Cycle span(const std::vector<KernelRecord>& kernels) {
  if (kernels.empty()) return 0;
  Cycle start = kernels.front().start, end = kernels.front().end;
  for (const KernelRecord& kernel : kernels) {
    start = std::min(start, kernel.start);
    end = std::max(end, kernel.end);
  }
  return end - start;
}

}  // namespace

cost::DramUse dram_use(const DramRecord& dram) {
  return {.counted = dram.has_commands,
          .counted_fj = dram.activate_fj + dram.read_fj + dram.write_fj + dram.refresh_fj +
                        dram.background_fj + dram.io_fj,
          .bytes = dram.bytes_read + dram.bytes_written};
}

const std::vector<Part>& linear_parts() {
  static const std::vector<Part> parts{Part::kQkv, Part::kProjection, Part::kMlp, Part::kExperts};
  return parts;
}

Cycle TaskFigures::cycles_of(const std::vector<Part>& parts, bool with_loads) const {
  return std::accumulate(parts.begin(), parts.end(), Cycle{0}, [&](Cycle sum, Part part) {
    return sum + timeline[part].compute + (with_loads ? timeline[part].exposed_load : 0);
  });
}

Report derive(const Config& config, const RunRecord& run, const cost::EnergyTable& table,
              Context context) {
  Report report;
  report.config = &config;
  report.run = &run;
  report.context = std::move(context);
  report.energy_table = table.name();
  report.resources = cost::resources(config.values);
  report.requirement = cost::memory_requirement(config.values);
  for (const TaskRecord& record : run.tasks) {
    report.tasks.push_back(task_figures(config, run, table, record));
    report.energy += report.tasks.back().energy;
  }
  report.one_time_cycles = span(run.one_time);
  report.one_time_energy = cost::event_energy(table, activity_of(run.one_time)) +
                           cost::time_energy(table, report.one_time_cycles, run.clock_hz);
  report.energy += report.one_time_energy;
  return report;
}

}  // namespace m3sim::report
