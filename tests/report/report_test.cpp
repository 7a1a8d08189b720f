#include "model/report/report.hpp"

#include <gtest/gtest.h>

#include "tests/report/fixture.hpp"

namespace m3sim::report {
namespace {

using cost::Component;

class ReportOfOneTask : public testing::Test {
 protected:
  const RunRecord run_ = test::run();
  const Report report_ = test::report_of(run_);
  const TaskFigures& task_ = report_.tasks.front();
};

TEST_F(ReportOfOneTask, LatencyAndWork) {
  EXPECT_EQ(task_.cycles, 1000);
  EXPECT_EQ(report_.latency_ms(task_.cycles).text(3), "0.010");
  // Layer 1 is MoE with 10 tokens in its queues, layer 0 dense.
  EXPECT_EQ(task_.work.experts, 10 * 2 * 32 * 32);
  EXPECT_EQ(task_.work.mlp, 5 * 2 * 32 * 32);
  EXPECT_EQ(task_.work.linear(), 2 * 5 * 32 * 128 + 10'240 + 20'480);  // 71,680
}

TEST_F(ReportOfOneTask, UtilizationIsOfUsefulMacs) {
  EXPECT_EQ(report_.utilization(task_, task_.cycles).text(3), "0.140");  // 71,680 of 512,000
  EXPECT_EQ(task_.linear_cycles, 250) << "the MLP's compute kernel, not its load";
  EXPECT_EQ(report_.utilization(task_, task_.linear_cycles).text(3), "0.560");
}

TEST_F(ReportOfOneTask, EnergyPartsAddUpToTheTotal) {
  std::int64_t kernels = 0;
  for (const cost::Energy& energy : task_.kernel_energy) kernels += energy.total();
  EXPECT_EQ(kernels, 1000 * 6400 + 50'000 * 3300 + 800'000 * 165);
  EXPECT_EQ(task_.energy[Component::kDram], 6'000'000'000);
  const std::int64_t always_on = task_.energy[Component::kStatic] + task_.energy[Component::kPs] +
                                 task_.energy[Component::kClock];
  // 10 us of 0.7 W and 2.7 W, 1000 cycles of 2.5 nJ.
  EXPECT_EQ(always_on, 7'000'000'000 + 27'000'000'000 + 2'500'000'000);
  EXPECT_EQ(task_.energy.total(), kernels + always_on + 6'000'000'000);
  EXPECT_LT(task_.energy_low.total(), task_.energy.total());
  EXPECT_GT(task_.energy_high.total(), task_.energy.total());
}

TEST_F(ReportOfOneTask, TasksAndOneTimeLoadsMakeTheRun) {
  EXPECT_EQ(report_.one_time_cycles, 500);
  EXPECT_EQ(report_.energy, task_.energy + report_.one_time_energy);
}

TEST_F(ReportOfOneTask, SharesWithAndWithoutExposedLoads) {
  EXPECT_EQ(task_.cycles_of({Part::kAttentionQk, Part::kAttentionAv}, true), 300);
  EXPECT_EQ(task_.cycles_of(linear_parts(), true), 550);
  EXPECT_EQ(task_.cycles_of(linear_parts(), false), 250);
}

TEST_F(ReportOfOneTask, LowerBoundsOfEachResource) {
  EXPECT_EQ(task_.bounds.mac_array, 140);
  EXPECT_EQ(task_.bounds.port, 400) << "6400 bytes at 16 bytes a cycle";
  EXPECT_EQ(task_.bounds.busiest, Master::kInout1);
  // 14,400 bytes at 16 bytes x 1066.56 MHz take 0.844 us, 84.4 cycles of 100 MHz.
  EXPECT_EQ(task_.bounds.dram, 85);
}

TEST(Report, PlainMemoryIsWeighedByItsBytes) {
  RunRecord run = test::run();
  run.tasks[0].dram.has_commands = false;
  const Report report = test::report_of(run);
  EXPECT_EQ(report.tasks[0].energy[Component::kDram], 14'400LL * 60'000 + 4'200'000'000);
}

}  // namespace
}  // namespace m3sim::report
