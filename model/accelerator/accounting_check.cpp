#include "model/accelerator/accounting_check.hpp"

#include <algorithm>
#include <stdexcept>

namespace m3sim {
namespace {

using timing::Cycle;

[[noreturn]] void open_account(const std::string& where, const std::string& what) {
  throw std::logic_error("internal error: the account of " + where + " is not closed: " + what);
}

std::string of(std::int64_t part, std::int64_t whole) {
  return std::to_string(part) + " of " + std::to_string(whole);
}

}  // namespace

void require_closed(const KernelRecord& kernel) {
  const Cycle cycles = kernel.end - kernel.start;
  for (const ProcessRecord& process : kernel.processes) {
    const std::string where = kernel.name + ", process " + process.name;
    for (std::size_t i = 0; i < timing::kCauseCount; ++i) {
      const Cycle spent = process.account[static_cast<timing::Cause>(i)];
      if (spent < 0)
        open_account(where, std::string(timing::kCauseNames[i]) + " " + std::to_string(spent));
    }
    if (process.account.total() != cycles)
      open_account(where, "causes sum to " + of(process.account.total(), cycles) + " cycles");
  }
  for (const StreamRecord& stream : kernel.streams) {
    if (stream.high_water > stream.depth)
      open_account(kernel.name + ", stream " + stream.name,
                   "held " + of(stream.high_water, stream.depth) + " items");
  }
}

void require_closed(const TaskRecord& task, Cycle previous_end) {
  const std::string where = "task " + task.task + ", image " + std::to_string(task.image);
  if (task.start != previous_end)
    open_account(where, "starts in cycle " + std::to_string(task.start) + ", the one before ended in " +
                            std::to_string(previous_end));
  std::int64_t by_kernels = 0, by_ports = 0;
  for (const KernelRecord& kernel : task.kernels) {
    if (kernel.start < task.start || kernel.end > task.end)
      open_account(where, "kernel " + kernel.name + " lies outside its cycles");
    by_kernels += kernel.bytes_read + kernel.bytes_written;
  }
  for (const PortRecord& port : task.ports) by_ports += port.bytes_read + port.bytes_written;
  if (by_kernels != by_ports) open_account(where, "kernels moved " + of(by_kernels, by_ports) + " bytes");
}

}  // namespace m3sim
