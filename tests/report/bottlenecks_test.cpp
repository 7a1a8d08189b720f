#include "model/report/bottlenecks.hpp"

#include <gtest/gtest.h>

#include "tests/report/synthetic_run.hpp"

namespace m3sim::report {
namespace {

using timing::Cycle;

Cycle saved(const std::vector<Bottleneck>& all, const std::string& resource) {
  for (const Bottleneck& bottleneck : all) {
    if (bottleneck.resource == resource) return bottleneck.saved;
  }
  return 0;
}

TEST(Bottlenecks, OfTheSyntheticTask) {
  const TaskRecord task = test::task();
  const auto all = bottlenecks(task, timeline(task));
  // Exposed load: 300. Controller: 150 between kernels, 2 in each compute kernel's start and done.
  EXPECT_EQ(saved(all, "load of mlp weights"), 300);
  EXPECT_EQ(saved(all, "controller"), 150 + 2 + 2);
  // QK: own times are 200 (read_kv) and 278 (finalize): without finalize's work 78 are saved.
  EXPECT_EQ(saved(all, "attention.finalize"), 78);
  // MLP: own times are 120 (read_in) and 208 (compute): 88 saved.
  EXPECT_EQ(saved(all, "linear.compute"), 88);
  EXPECT_EQ(saved(all, "port inout1"), 0) << "both kernels are bound by another process";
  EXPECT_EQ(all.front().resource, "load of mlp weights") << "largest first";
}

TEST(Bottlenecks, FreeComputeSavesNothingBehindALoad) {
  TaskRecord task = test::task();
  task.kernels[1].end = 940;  // the load now ends 10 cycles before the compute
  const auto all = bottlenecks(task, timeline(task));
  EXPECT_EQ(saved(all, "linear.compute"), 10);
}

TEST(Bottlenecks, MemoryWaitsAreOfThePortsTheProcessUses) {
  TaskRecord task;
  task.end = 100;
  task.kernels = {test::kernel("add", "residual", Part::kResidual, 0, 100)};
  task.kernels[0].processes = {
      {"add", 30, test::account(30, 70, 0), {Master::kInout2, Master::kInout3}}};
  EXPECT_EQ(saved(bottlenecks(task, timeline(task)), "ports inout2+inout3"), 70);
  task.kernels[0].processes[0].ports.clear();
  EXPECT_EQ(saved(bottlenecks(task, timeline(task)), "memory"), 70);
}

}  // namespace
}  // namespace m3sim::report
