#include "model/accelerator/memory_record.hpp"

#include <algorithm>

#include "tlm/ddr_energy.hpp"

namespace m3sim {
namespace {

std::int64_t count(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

void snapshot(const tlm_mem::MemorySystem& memory, const AcceleratorConfig& config,
              timing::Cycle now, TaskRecord& task) {
  for (std::size_t m = 0; m < kMasterCount; ++m) {
    const auto reads = memory.read_stats(static_cast<int>(m)),
               writes = memory.write_stats(static_cast<int>(m));
    task.ports.push_back({static_cast<Master>(m), count(reads.axi.bytes), count(writes.axi.bytes),
                          count(reads.axi.bursts), count(writes.axi.bursts),
                          count(reads.ps_port.busy_cycles), count(writes.ps_port.busy_cycles)});
  }
  DramRecord& dram = task.dram;
  const auto& stats = memory.memory_stats();
  const std::int64_t line = config.ddr.burst_bytes();
  dram.reads = count(stats.read_lines);
  dram.writes = count(stats.write_lines);
  if (const auto ddr = memory.ddr_stats(now)) {
    dram.has_commands = true;
    dram.reads = count(ddr->reads);
    dram.writes = count(ddr->writes);
    dram.activates = count(ddr->activates);
    dram.precharges = count(ddr->precharges);
    dram.refreshes = count(ddr->refreshes);
    dram.row_hits = dram.reads + dram.writes - dram.activates;
    dram.open_cycles = ddr->open_cycles;
    dram.cycles = ddr->rank_cycles;
    const tlm_mem::DdrEnergy energy = tlm_mem::ddr_energy(config.ddr, *ddr);
    dram.activate_fj = energy.activate;
    dram.read_fj = energy.read;
    dram.write_fj = energy.write;
    dram.refresh_fj = energy.refresh;
    dram.background_fj = energy.background;
    dram.io_fj = energy.io;
  }
  dram.bytes_read = dram.reads * line;
  dram.bytes_written = dram.writes * line;
}

void subtract(TaskRecord& task, const TaskRecord& before) {
  for (std::size_t m = 0; m < task.ports.size(); ++m) {
    PortRecord& port = task.ports[m];
    const PortRecord& old = before.ports[m];
    port.bytes_read -= old.bytes_read;
    port.bytes_written -= old.bytes_written;
    port.read_bursts -= old.read_bursts;
    port.write_bursts -= old.write_bursts;
    port.read_busy_cycles -= old.read_busy_cycles;
    port.write_busy_cycles -= old.write_busy_cycles;
  }
  for (std::int64_t DramRecord::*field :
       {&DramRecord::bytes_read, &DramRecord::bytes_written, &DramRecord::reads,
        &DramRecord::writes, &DramRecord::row_hits, &DramRecord::activates, &DramRecord::precharges,
        &DramRecord::refreshes, &DramRecord::open_cycles, &DramRecord::cycles,
        &DramRecord::activate_fj, &DramRecord::read_fj, &DramRecord::write_fj,
        &DramRecord::refresh_fj, &DramRecord::background_fj, &DramRecord::io_fj})
    task.dram.*field -= before.dram.*field;
}

ComputeTime::ComputeTime(const std::vector<KernelRecord>& kernels) {
  std::vector<Span> all;
  for (const KernelRecord& k : kernels)
    if (!k.is_load) all.push_back({k.start, k.end});
  std::sort(all.begin(), all.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  for (const Span& span : all) {
    if (!spans_.empty() && span.start <= spans_.back().end)
      spans_.back().end = std::max(spans_.back().end, span.end);
    else
      spans_.push_back(span);
  }
}

timing::Cycle ComputeTime::exposed(const KernelRecord& load) const {
  auto span = std::partition_point(spans_.begin(), spans_.end(),
                                   [&](const Span& s) { return s.end <= load.start; });
  timing::Cycle exposed = load.end - load.start;
  for (; span != spans_.end() && span->start < load.end; ++span)
    exposed -= std::min(span->end, load.end) - std::max(span->start, load.start);
  return exposed;
}

}  // namespace m3sim
