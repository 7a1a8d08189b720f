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

TEST(Figures, AreTakenFromTheTaskOrTheWholeReport) {
  EXPECT_EQ(result().figures.size(), figure_names().size());
  EXPECT_EQ(as_text(result().figures[figure_index("latency_ms")]), "2.5");
  EXPECT_EQ(as_text(result().figures[figure_index("resources.bram18")]), "700");
  EXPECT_EQ(as_text(result().figures[figure_index("energy_mj.total")]), "");
  EXPECT_THROW(figure_index("latency"), UsageError);
}

}  // namespace
}  // namespace m3sim::explore
