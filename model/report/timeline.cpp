#include "model/report/timeline.hpp"

#include <algorithm>
#include <stdexcept>

namespace m3sim::report {
namespace {

using timing::Cause;
using timing::Cycle;

/// A kernel's interval, cut to its task's.
struct Span {
  std::size_t kernel;
  Cycle start, end;
};

std::vector<Span> spans(const TaskRecord& task) {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < task.kernels.size(); ++i) {
    const Cycle start = std::max(task.kernels[i].start, task.start);
    const Cycle end = std::min(task.kernels[i].end, task.end);
    if (start < end) spans.push_back({i, start, end});
  }
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span& a, const Span& b) { return a.start < b.start; });
  return spans;
}

/// Every cycle at which a kernel starts or ends, ascending, with the task's own ends.
std::vector<Cycle> borders(const TaskRecord& task, const std::vector<Span>& spans) {
  std::vector<Cycle> borders{task.start, task.end};
  for (const Span& span : spans) {
    borders.push_back(span.start);
    borders.push_back(span.end);
  }
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  return borders;
}

/// The owner of a stretch in which the same kernels run: compute before loads, then the last to
/// end, then the first to have started.
const Span* owner(const std::vector<Span>& active, const TaskRecord& task) {
  const Span* best = nullptr;
  for (const Span& span : active) {
    const bool is_load = task.kernels[span.kernel].is_load;
    const bool best_is_load = best != nullptr && task.kernels[best->kernel].is_load;
    if (best == nullptr || (best_is_load && !is_load) ||
        (best_is_load == is_load && span.end > best->end)) {
      best = &span;
    }
  }
  return best;
}

void add_accounts(const TaskRecord& task, Timeline& timeline) {
  for (const KernelRecord& kernel : task.kernels) {
    if (kernel.is_load) continue;
    PartTime& part = timeline[kernel.part];
    part.kernel_cycles += kernel.end - kernel.start;
    if (const ProcessRecord* critical = critical_process(kernel)) part.account += critical->account;
  }
}

}  // namespace

Cycle own_cycles(const timing::CycleAccount& account) {
  return account[Cause::kBusy] + account[Cause::kMemoryRead] + account[Cause::kMemoryWrite] +
         account[Cause::kArbitration] + account[Cause::kFillDrain];
}

const ProcessRecord* critical_process(const KernelRecord& kernel) {
  const ProcessRecord* critical = nullptr;
  for (const ProcessRecord& process : kernel.processes) {
    if (critical == nullptr || own_cycles(process.account) > own_cycles(critical->account)) {
      critical = &process;
    }
  }
  return critical;
}

Cycle control_cycles(const KernelRecord& kernel) {
  const ProcessRecord* critical = critical_process(kernel);
  const Cycle accounted = critical == nullptr ? 0 : critical->account.total();
  const Cycle cycles = kernel.end - kernel.start;
  if (accounted > cycles) {
    throw std::logic_error("kernel " + kernel.name + " of " + std::to_string(cycles) +
                           " cycles accounts for " + std::to_string(accounted));
  }
  return cycles - accounted;
}

Timeline timeline(const TaskRecord& task) {
  Timeline result;
  result.owned.resize(task.kernels.size());
  result.alone.resize(task.kernels.size());
  add_accounts(task, result);

  const std::vector<Span> all = spans(task);
  const std::vector<Cycle> border = borders(task, all);
  std::vector<Span> active;
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < border.size(); ++i) {
    std::erase_if(active, [&](const Span& span) { return span.end <= border[i]; });
    while (next < all.size() && all[next].start <= border[i]) active.push_back(all[next++]);
    const Cycle length = border[i + 1] - border[i];
    const Span* span = owner(active, task);
    if (span == nullptr) {
      result.control += length;
      continue;
    }
    const KernelRecord& kernel = task.kernels[span->kernel];
    (kernel.is_load ? result[kernel.part].exposed_load : result[kernel.part].compute) += length;
    result.owned[span->kernel] += length;
    if (active.size() == 1) result.alone[span->kernel] += length;
  }
  return result;
}

}  // namespace m3sim::report
