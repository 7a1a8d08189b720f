#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/report/fixture.hpp"
#include "tests/report/schema_validator.hpp"

namespace m3sim::report {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

test::SchemaValidator validator() {
  std::ifstream file(M3SIM_SOURCE_DIR "/model/report/report.schema.json");
  return test::SchemaValidator(json::parse(file));
}

Report full_report(const RunRecord& run) {
  Report report = test::report_of(run);
  report.checks = {{"semseg", 0, {{"l0_norm1", 0.00712349, 0.0001, 0.01, true}}}};
  report.context.device = cost::Device::read("zcu102");
  return report;
}

TEST(ReportJson, KeepsToItsSchema) {
  RunRecord run = test::run(2);
  run.switches = {{"semseg", "depth", 0}};
  EXPECT_THAT(validator().violations(json::parse(json_text(full_report(run)))), IsEmpty());
  run.tasks[0].dram.has_commands = false;
  run.tasks[1].kernels.clear();
  EXPECT_THAT(validator().violations(json::parse(json_text(full_report(run)))), IsEmpty());
}

TEST(ReportJson, SchemaFindsFaults) {
  const RunRecord run = test::run();
  json report = json::parse(json_text(test::report_of(run)));
  report["schema"] = "m3sim.report/0";
  report["tasks"][0].erase("macs");
  report["tasks"][0]["cycles"] = "many";
  report["tasks"][0]["kernels"][0]["stalls"]["coffee"] = 3;
  EXPECT_THAT(validator().violations(report),
              testing::UnorderedElementsAre(
                  "/schema = \"m3sim.report/0\" is not in the enumeration",
                  "/tasks/0/macs is missing", "/tasks/0/cycles must be of type integer",
                  "/tasks/0/kernels/0/stalls/coffee is not allowed"));
}

TEST(ReportJson, EqualRunsMakeEqualBytes) {
  const RunRecord run = test::run();
  EXPECT_EQ(json_text(test::report_of(run)), json_text(test::report_of(run)));
}

TEST(ReportJson, StallsOfAKernelAddUpToItsCycles) {
  const RunRecord run = test::run();
  const json task = json::parse(json_text(test::report_of(run)))["tasks"][0];
  for (const json& kernel : task["kernels"]) {
    std::int64_t sum = 0;
    for (const json& cycles : kernel["stalls"]) sum += cycles.get<std::int64_t>();
    EXPECT_EQ(sum, kernel["cycles"].get<std::int64_t>()) << kernel["name"];
  }
  EXPECT_EQ(task["kernels"][0]["critical_process"], "finalize");
}

TEST(ReportJson, PartsAddUpToTheTask) {
  const RunRecord run = test::run();
  const json task = json::parse(json_text(test::report_of(run)))["tasks"][0];
  std::int64_t sum = 0;
  for (const json& part : task["parts"]) sum += part["cycles"].get<std::int64_t>();
  EXPECT_EQ(sum, task["cycles"].get<std::int64_t>());
}

TEST(ReportJson, PrintsFiguresAndConfiguration) {
  const RunRecord run = test::run();
  const json report = json::parse(json_text(full_report(run)));
  EXPECT_EQ(report["config"]["network.layers"], 2);
  EXPECT_EQ(report["config"]["clock.pl_hz"], 299'970'032);
  EXPECT_FALSE(report["unknowns"].empty());
  const json& task = report["tasks"][0];
  EXPECT_EQ(task["latency_ms"], 0.01);
  EXPECT_EQ(task["shares"]["qk_and_av"], 0.3);
  EXPECT_EQ(task["dram"]["row_hit_rate"], 0.8);
  EXPECT_EQ(task["dram"]["bandwidth_gbs"], 1.44);  // 14,400 bytes in 10 us
  EXPECT_EQ(task["dram"]["ports"][0]["read_busy"], 0.4);
  EXPECT_THAT(task["experts"][0]["queue"], ElementsAre(2, 0, 3, 5));
  EXPECT_EQ(task["experts"][0]["loads"][0]["hidden_cycles"], 10);
  EXPECT_EQ(task["bottlenecks"].size(), kBottlenecksShown);
  EXPECT_EQ(task["bottlenecks"][0]["latency_ms_if_free"], 0.007);
  EXPECT_EQ(report["resources"]["fits"], true);
  EXPECT_EQ(report["check"][0]["stages"][0]["max_error"], 0.00712) << "three significant digits";
}

}  // namespace
}  // namespace m3sim::report
