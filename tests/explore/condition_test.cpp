#include "model/explore/condition.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/config/error.hpp"

namespace m3sim::explore {
namespace {

const TaskResult& result() {
  static const TaskResult only = task_results(nlohmann::ordered_json::parse(
      R"({"tasks": [{"task": "t", "image": 0, "cycles": 100, "latency_ms": 2.5}],
          "resources": {"bram18": 700}})"))[0];
  return only;
}

TEST(Condition, ComparesFiguresWithNumbers) {
  for (const char* met : {"latency_ms<2.6", "latency_ms <= 2.5", "cycles=100", "cycles != 99",
                          "cycles>=100 and resources.bram18 > 699 and latency_ms>-1e3"}) {
    EXPECT_TRUE(Condition(met).holds(result())) << met;
  }
  for (const char* unmet : {"latency_ms<2.5", "latency_ms>2.5", "cycles!=100",
                            "cycles=100 and cycles=99", "power_w<9", "power_w!=9"}) {
    EXPECT_FALSE(Condition(unmet).holds(result())) << unmet;
  }
}

TEST(Condition, ThatCannotBeReadIsRefused) {
  for (const char* bad : {"", "cycles", "cycles<", "<4", "cycles<4x", "cycles==4",
                          "cycles<4 or cycles>5", "nothing<4", "cycles<4 and", "cycles=<4"}) {
    EXPECT_THROW(Condition{bad}, UsageError) << bad;
  }
}

Figure figure(const std::string& name, const TaskResult& of = result()) {
  return FigureName(name).of(of);
}

TEST(Figures, AreTakenFromTheTaskOrTheWholeReport) {
  EXPECT_EQ(result().figures.size(), figure_names().size());
  EXPECT_EQ(as_text(figure("latency_ms")), "2.5");
  EXPECT_EQ(as_text(figure("resources.bram18")), "700");
  EXPECT_EQ(as_text(figure("energy_mj.total")), "");
  EXPECT_THROW(FigureName("latency"), UsageError);
}

const char* const kLists = R"({"tasks": [{"task": "t", "image": 0,
  "parts": [{"part": "qkv", "cycles": 7, "stalls": {"busy": 3}},
            {"part": "mlp", "cycles": 5, "stalls": {"busy": 4, "idle": 1}}],
  "experts": [{"layer": 1, "queue": [4, 6], "loads": [{"expert": 0, "load_cycles": 10},
                                                      {"expert": 1, "load_cycles": 20}]},
              {"layer": 3, "queue": [5, 5], "loads": [{"expert": 1, "load_cycles": 30}]}],
  "kernels": [{"name": "layer1.experts.1.fc1", "cycles": 88, "processes": [1], "streams": [2],
               "stalls": {"busy": 9}}]}], "unknowns": []})";

TEST(Figures, OfListsAreFoundByTheNamesOfTheirElements) {
  const auto report =
      std::make_shared<const nlohmann::ordered_json>(nlohmann::ordered_json::parse(kLists));
  TaskResult task = task_results(*report)[0];
  EXPECT_EQ(as_text(figure("parts.mlp.cycles", task)), "5");
  EXPECT_EQ(as_text(figure("stalls.busy", task)), "7");
  EXPECT_EQ(as_text(figure("experts.load_cycles", task)), "60");
  for (const auto& [name, value] : {std::pair{"kernels.layer1.experts.1.fc1.cycles", "88"},
                                    {"kernels.layer1.experts.1.fc1.stalls.busy", "9"},
                                    {"experts.layer1.queue.1", "6"},
                                    {"experts.layer3.loads.expert1.load_cycles", "30"},
                                    {"kernels.layer9.experts.1.fc1.cycles", ""}}) {
    EXPECT_TRUE(FigureName(name).needs_report()) << name;
    task.report = report;
    EXPECT_EQ(as_text(figure(name, task)), value) << name;
    task.report = nullptr;
    EXPECT_EQ(as_text(figure(name, task)), "") << name;
  }
  EXPECT_TRUE(Condition("experts.layer1.queue.1<9").needs_report());
  EXPECT_FALSE(Condition("parts.mlp.cycles<9").needs_report());
  for (const char* bad : {"kernels.layer1.q.speed", "kernels.", "experts.layer1.queue.x", "parts"})
    EXPECT_THROW(FigureName{bad}, UsageError) << bad;
}

TEST(Figures, AReportIsKeptWithoutItsProcessesAndStreams) {
  const auto kept =
      nlohmann::ordered_json::parse(kept_report(nlohmann::ordered_json::parse(kLists)));
  EXPECT_EQ(kept["tasks"][0]["kernels"][0]["cycles"], 88);
  EXPECT_FALSE(kept["tasks"][0]["kernels"][0].contains("processes"));
  EXPECT_FALSE(kept["tasks"][0]["kernels"][0].contains("streams"));
  EXPECT_FALSE(kept.contains("unknowns"));
}

}  // namespace
}  // namespace m3sim::explore
