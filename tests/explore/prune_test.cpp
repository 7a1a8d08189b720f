#include "model/explore/prune.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/explore/bounds.hpp"
#include "model/network/file.hpp"

namespace m3sim::explore {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

const std::string kBaselines = M3SIM_SOURCE_DIR "/tests/golden/baselines/";

TEST(LeastCycles, OfTheTinyNetworkByHand) {
  // 9 tokens, width 32: 4 words. I = (12 / 4 * 9 + 0) * 4 = 108 of 4 layers, twice: 864; 4 * 9 * 4 of
  // norms and residuals: 576. MACs: qkv and proj 9 * 32 * 128 * 4, mlp 2 * 9 * 32 * 64 * 2, experts
  // 2 * 18 * 32 * 32 * 2: 294,912 over 256: 1,152.
  const Config config = load_config({{"network/tiny.cfg"}, {}});
  EXPECT_EQ(least_cycles(config.values), 864u + 576u + 1152u);
}

/// Bounds of stored reports, whose configuration is in them.
TEST(LeastCycles, AreNotAboveWhatWasSimulated) {
  const cost::EnergyTable table = cost::EnergyTable::read("energy/zcu102.csv");
  for (const char* name : {"tiny", "tiny-tile-8x8", "tiny-word-512", "tiny-rows-2", "tiny-hbm2",
                           "tiny-dense-loads", "edge-moe-uniform"}) {
    const Json report = Json::parse(read_file(kBaselines + name + ".json"));
    AcceleratorConfig config;
    for (const auto& key : Registry::instance().keys()) {
      const auto value = report["config"].find(key->name());
      if (value == report["config"].end() || value->is_array()) continue;
      EXPECT_EQ(key->assign(config, value->is_string() ? value->get<std::string>() : value->dump()),
                std::nullopt);
    }
    const TaskResult bound = least(config, table);
    for (const TaskResult& task : task_results(report)) {
      for (const char* figure : {"cycles", "latency_ms", "energy_mj.total"}) {
        EXPECT_GT(as_double(FigureName(figure).of(bound)), 0) << name;
        EXPECT_LE(as_double(FigureName(figure).of(bound)), as_double(FigureName(figure).of(task)))
            << name << ' ' << figure;
      }
      for (const char* figure : {"resources.dsp", "resources.bram18"}) {
        EXPECT_EQ(FigureName(figure).of(bound), FigureName(figure).of(task)) << name;
      }
    }
  }
}

TaskResult result(const std::string& task, double latency_ms, int bram18) {
  return task_results({{"tasks", {{{"task", task}, {"image", 0}, {"latency_ms", latency_ms}}}},
                       {"resources", {{"bram18", bram18}}}})[0];
}

class PrunerTest : public testing::Test {
 protected:
  Point point_ = make_point(load_config({{"network/tiny.cfg"}, {}}), {}, {}, "1", "");
  cost::EnergyTable table_ = cost::EnergyTable::read("energy/zcu102.csv");
  Pruner pruner_{{FigureName("latency_ms"), FigureName("resources.bram18")}, table_};
  double bound_ms_ = as_double(FigureName("latency_ms").of(least(point_.values, table_)));
};

TEST_F(PrunerTest, ThrowsOutWhatIsDominatedInEveryTask) {
  EXPECT_EQ(pruner_.reason(point_), "");
  pruner_.add("first", result("a", bound_ms_ / 2, 10));
  EXPECT_THAT(pruner_.reason(point_), HasSubstr("dominated by first"));
  pruner_.add("second", result("b", bound_ms_ * 2, 10));
  EXPECT_EQ(pruner_.reason(point_), "");
  pruner_.add("third", result("b", bound_ms_ / 2, 9));
  EXPECT_EQ(pruner_.reason(point_), "its lower bounds are dominated by first, third");
}

TEST_F(PrunerTest, KeepsWhatMayBeBetterInOneObjective) {
  pruner_.add("large", result("a", bound_ms_ / 2, 100'000));
  EXPECT_EQ(pruner_.reason(point_), "");
}

TEST_F(PrunerTest, AFigureWithoutABoundMayBeAnything) {
  Pruner pruner({FigureName("latency_ms"), FigureName("dram.row_hit_rate")}, table_);
  pruner.add("a", result("a", 0, 0));
  EXPECT_EQ(pruner.reason(point_), "");
}

}  // namespace
}  // namespace m3sim::explore
