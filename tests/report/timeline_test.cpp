#include "model/report/timeline.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/report/synthetic_run.hpp"

namespace m3sim::report {
namespace {

using test::account;
using test::kernel;
using timing::Cycle;

Cycle sum(const Timeline& t) {
  Cycle cycles = t.control;
  for (const PartTime& part : t.parts) cycles += part.compute + part.exposed_load;
  return cycles;
}

TEST(Timeline, GivesEveryCycleToOneStep) {
  const Timeline t = timeline(test::task());
  EXPECT_EQ(t.control, 100 + 50);
  EXPECT_EQ(t[Part::kAttentionQk].compute, 300);
  EXPECT_EQ(t[Part::kMlp].compute, 250);
  EXPECT_EQ(t[Part::kMlp].exposed_load, 300) << "50 of the load's 350 cycles hide behind compute";
  EXPECT_EQ(sum(t), 1000);
  EXPECT_EQ(t.owned, (std::vector<Cycle>{300, 300, 250}));
  EXPECT_EQ(t.alone, (std::vector<Cycle>{300, 300, 200}));
}

TEST(Timeline, ParallelComputeBelongsToTheKernelThatEndsLast) {
  TaskRecord task;
  task.end = 100;
  task.kernels = {kernel("a", "gate", Part::kGate, 0, 60),
                  kernel("b", "norm", Part::kNorm, 20, 100)};
  const Timeline t = timeline(task);
  EXPECT_EQ(t[Part::kGate].compute, 20);
  EXPECT_EQ(t[Part::kNorm].compute, 80);
}

TEST(Timeline, CutsKernelsToTheTask) {
  TaskRecord task;
  task.start = 100;
  task.end = 200;
  task.kernels = {kernel("before", "gate", Part::kGate, 50, 120),
                  kernel("after", "norm", Part::kNorm, 190, 300)};
  const Timeline t = timeline(task);
  EXPECT_EQ(t[Part::kGate].compute, 20);
  EXPECT_EQ(t[Part::kNorm].compute, 10);
  EXPECT_EQ(t.control, 70);
}

TEST(Timeline, AddsUpForRandomSchedules) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TaskRecord task;
    task.start = 30;
    task.end = 500;
    for (int i = 0; i < 40; ++i) {
      const auto start = static_cast<Cycle>(random() % 520);
      const auto end = start + static_cast<Cycle>(random() % 60);
      task.kernels.push_back(
          kernel("k", "e", static_cast<Part>(random() % kPartCount), start, end));
      task.kernels.back().is_load = random() % 2 == 0;
    }
    const Timeline t = timeline(task);
    EXPECT_EQ(sum(t), 470);
    for (std::size_t i = 0; i < task.kernels.size(); ++i) EXPECT_LE(t.alone[i], t.owned[i]);
  }
}

TEST(CriticalProcess, IsTheOneWithTheMostWorkAndMemoryWaitsOfItsOwn) {
  KernelRecord k = kernel("k", "e", Part::kMlp, 0, 100);
  k.processes = {{"held", 1, account(10, 0, 0), {}},
                 {"first", 1, account(50, 10, 0), {}},
                 {"second", 1, account(60, 0, 0), {}}};
  k.processes[0].account[timing::Cause::kOutputFull] = 90;
  EXPECT_EQ(critical_process(k)->name, "first")
      << "a held writer waits for another; of equals, the first";
  EXPECT_EQ(control_cycles(k), 40) << "cycles in no account are the controller's";
}

TEST(CriticalProcess, MayNotAccountForMoreThanItsKernel) {
  KernelRecord k = kernel("k", "e", Part::kMlp, 0, 10);
  k.processes = {{"p", 1, account(11, 0, 0), {}}};
  EXPECT_THROW(control_cycles(k), std::logic_error);
}

}  // namespace
}  // namespace m3sim::report
