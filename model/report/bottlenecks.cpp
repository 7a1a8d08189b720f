#include "model/report/bottlenecks.hpp"

#include <algorithm>
#include <map>

namespace m3sim::report {
namespace {

using timing::Cause;
using timing::Cycle;

/// Cycles by resource.
using Cycles = std::map<std::string, Cycle>;

Cycle memory_cycles(const timing::CycleAccount& account) {
  return account[Cause::kMemoryRead] + account[Cause::kMemoryWrite] + account[Cause::kArbitration];
}

std::string port_name(const ProcessRecord& process) {
  if (process.ports.empty()) return "memory";
  std::string name = process.ports.size() == 1 ? "port " : "ports ";
  for (std::size_t i = 0; i < process.ports.size(); ++i) {
    name += (i > 0 ? "+" : "") + std::string(to_word(process.ports[i]));
  }
  return name;
}

/// How much of a process's own time each resource takes.
Cycles uses(const KernelRecord& kernel, const ProcessRecord& process) {
  Cycles uses;
  if (const Cycle busy = process.account[Cause::kBusy]; busy > 0) {
    uses[kernel.engine + "." + process.name] += busy;
  }
  if (const Cycle memory = memory_cycles(process.account); memory > 0) {
    uses[port_name(process)] += memory;
  }
  return uses;
}

/// How much shorter a compute kernel's longest own time is without each resource.
Cycles savings(const KernelRecord& kernel) {
  std::vector<std::pair<Cycle, Cycles>> processes;
  Cycle longest = 0;
  for (const ProcessRecord& process : kernel.processes) {
    processes.emplace_back(own_cycles(process.account), uses(kernel, process));
    longest = std::max(longest, processes.back().first);
  }
  Cycles without;
  for (const auto& [own, used] : processes) {
    for (const auto& entry : used) without.emplace(entry.first, 0);
  }
  for (auto& [resource, bound] : without) {
    for (const auto& [own, used] : processes) {
      const auto found = used.find(resource);
      bound = std::max(bound, own - (found == used.end() ? 0 : found->second));
    }
    bound = longest - bound;
  }
  return without;
}

}  // namespace

std::vector<Bottleneck> bottlenecks(const TaskRecord& task, const Timeline& timeline) {
  Cycles saved;
  saved["controller"] = timeline.control;
  for (std::size_t i = 0; i < task.kernels.size(); ++i) {
    const KernelRecord& kernel = task.kernels[i];
    if (kernel.is_load) {
      saved["load of " + std::string(kPartNames[static_cast<std::size_t>(kernel.part)]) +
            " weights"] += timeline.owned[i];
      continue;
    }
    saved["controller"] += std::min(control_cycles(kernel), timeline.alone[i]);
    for (const auto& [resource, cycles] : savings(kernel)) {
      saved[resource] += std::min(cycles, timeline.alone[i]);
    }
  }
  std::vector<Bottleneck> result;
  for (const auto& [resource, cycles] : saved) {
    if (cycles > 0) result.push_back({resource, cycles});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Bottleneck& a, const Bottleneck& b) { return a.saved > b.saved; });
  return result;
}

}  // namespace m3sim::report
