#include "model/accelerator/accounting_check.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <stdexcept>

namespace m3sim {
namespace {

using ::testing::HasSubstr;
using timing::Cause;

/// Ten cycles of one process that moved two words through a port.
KernelRecord kernel() {
  KernelRecord kernel;
  kernel.name = "layer0.attention.qk";
  kernel.start = 100;
  kernel.end = 110;
  kernel.bytes_read = 64;
  ProcessRecord process;
  process.name = "read_k";
  process.account[Cause::kBusy] = 7;
  process.account[Cause::kMemoryRead] = 3;
  kernel.processes.push_back(process);
  kernel.streams.push_back({"k", 2, 2, 5, 0, 0});
  return kernel;
}

TaskRecord task() {
  TaskRecord task;
  task.task = "semseg";
  task.start = 90;
  task.end = 120;
  task.kernels.push_back(kernel());
  PortRecord port;
  port.bytes_read = 64;
  task.ports.push_back(port);
  return task;
}

std::string said(const std::function<void()>& check) {
  try {
    check();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

TEST(AccountingCheck, AcceptsWhatAddsUp) {
  EXPECT_EQ(said([] { require_closed(kernel()); }), "");
  EXPECT_EQ(said([] { require_closed(task(), 90); }), "");
}

TEST(AccountingCheck, NamesTheProcessThatLostACycle) {
  KernelRecord open = kernel();
  open.processes[0].account[Cause::kBusy] = 6;
  EXPECT_THAT(said([&] { require_closed(open); }),
              HasSubstr("layer0.attention.qk, process read_k is not closed: causes sum to 9 of 10"));
}

TEST(AccountingCheck, NamesACauseBelowZero) {
  KernelRecord open = kernel();
  open.processes[0].account[Cause::kBusy] = 11;
  open.processes[0].account[Cause::kMemoryRead] = -1;
  EXPECT_THAT(said([&] { require_closed(open); }), HasSubstr("memory_read -1"));
}

TEST(AccountingCheck, NamesTheStreamThatHeldTooMuch) {
  KernelRecord open = kernel();
  open.streams[0].high_water = 3;
  EXPECT_THAT(said([&] { require_closed(open); }), HasSubstr("stream k is not closed: held 3 of 2"));
}

TEST(AccountingCheck, NamesTheTaskWhoseWordsDoNotCrossThePorts) {
  TaskRecord open = task();
  open.ports[0].bytes_read = 96;
  EXPECT_THAT(said([&] { require_closed(open, 90); }), HasSubstr("kernels moved 64 of 96 bytes"));
}

TEST(AccountingCheck, NamesAGapBetweenImagesAndAKernelOutside) {
  EXPECT_THAT(said([] { require_closed(task(), 89); }), HasSubstr("starts in cycle 90"));
  TaskRecord open = task();
  open.end = 105;
  EXPECT_THAT(said([&] { require_closed(open, 90); }), HasSubstr("lies outside its cycles"));
}

}  // namespace
}  // namespace m3sim
