#include "model/config/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/config/config.hpp"

namespace m3sim {
namespace {

const Key& key(const std::string& name) {
  const Key* found = Registry::instance().find(name);
  if (found == nullptr) throw std::out_of_range(name);
  return *found;
}

TEST(Registry, EveryKeySaysWhatItIsAndWhereItsDefaultComesFrom) {
  const auto& keys = Registry::instance().keys();
  EXPECT_GT(keys.size(), 300u);
  for (const auto& k : keys) {
    EXPECT_FALSE(k->help().empty()) << k->name();
    EXPECT_FALSE(k->provenance_text().empty()) << k->name();
    EXPECT_FALSE(k->legal().empty()) << k->name();
    EXPECT_EQ(k->name().find(k->section() + "."), 0u) << k->name();
  }
}

TEST(Registry, EveryDefaultIsLegalAndReadsBackAsItPrints) {
  const AcceleratorConfig defaults;
  for (const auto& k : Registry::instance().keys()) {
    AcceleratorConfig config;
    const std::string text = k->text(defaults);
    EXPECT_EQ(k->assign(config, text), std::nullopt) << k->name() << " = " << text;
    EXPECT_EQ(k->text(config), text) << k->name();
  }
}

TEST(Registry, AKeyIsBoundToItsMember) {
  AcceleratorConfig config;
  EXPECT_EQ(key("linear.in_tile").assign(config, "32"), std::nullopt);
  EXPECT_EQ(key("loops.linear_compute.ii").assign(config, "2"), std::nullopt);
  EXPECT_EQ(key("loops.residual_add.request").assign(config, "burst"), std::nullopt);
  EXPECT_EQ(key("ports.hidden").assign(config, "inout2"), std::nullopt);
  EXPECT_EQ(key("ps.weights").assign(config, "hp3"), std::nullopt);
  EXPECT_EQ(key("ps.hp3_controller_port").assign(config, "0"), std::nullopt);
  EXPECT_EQ(key("ddr.address_map").assign(config, "robacobg"), std::nullopt);
  EXPECT_EQ(key("network.tasks").assign(config, "a, b ,c"), std::nullopt);
  EXPECT_EQ(config.linear.in_tile, 32);
  EXPECT_EQ(config.loops[Loop::kLinearCompute].ii, 2);
  EXPECT_FALSE(config.loops[Loop::kResidualAdd].single());
  EXPECT_EQ(config.ports[DramTensor::kHidden], Master::kInout2);
  EXPECT_EQ(config.ps[Master::kWeights], PsPort::kHp3);
  EXPECT_EQ(config.ps.controller(PsPort::kHp3), 0);
  EXPECT_EQ(config.ddr.address_map.fields,
            (std::vector{AddressField::kRow, AddressField::kBank, AddressField::kColumn,
                         AddressField::kBankGroup}));
  EXPECT_EQ(config.network.tasks, (std::vector<std::string>{"a", "b", "c"}));
}

struct Refused {
  const char* key;
  const char* text;
  const char* fault;
};

TEST(Registry, ARefusedValueIsToldWhatItMustBeAndNotStored) {
  const Refused cases[] = {
      {"attention.rows", "33", "must be a whole number from 1 to 32"},
      {"attention.rows", "0", "must be a whole number from 1 to 32"},
      {"attention.rows", "-1", "must be a whole number from 1 to 32"},
      {"attention.rows", "4.5", "must be a whole number from 1 to 32"},
      {"attention.rows", "4x", "must be a whole number from 1 to 32"},
      {"attention.rows", "", "must be a whole number from 1 to 32"},
      {"attention.rows", "99999999999999999999", "must be a whole number from 1 to 32"},
      {"word.bits", "100", "must be 64, 128, 256 or 512"},
      {"ddr.rows", "1000", "must be a power of two from 1 to 1048576"},
      {"ddr.vdd_v", "nan", "must be a number from 0 to 5"},
      {"linear.overlap_dense_loads", "yes", "must be true or false"},
      {"network.gating", "single", "must be multi-gate or task-conditioned"},
      {"loops.residual_add.request", "none", "must be burst or single"},
      {"ddr.refresh", "never", "must be all-bank or none"},
      {"network.tasks", "a,,b", "must be a list of different names, separated by commas"},
      {"network.tasks", "a,a", "must be a list of different names, separated by commas"},
      {"network.moe_layers", "1,x", "must be odd, none, all, or a list of layer numbers"},
      {"network.moe_layers", "1,1", "must be odd, none, all, or a list of layer numbers"},
      {"ddr.address_map", "robabg",
       "must be a permutation of ro, ba, bg, co and, where there are several, ra and ch"},
      {"ddr.address_map", "robabgcoco",
       "must be a permutation of ro, ba, bg, co and, where there are several, ra and ch"},
  };
  const AcceleratorConfig defaults;
  for (const Refused& refused : cases) {
    AcceleratorConfig config;
    const Key& k = key(refused.key);
    EXPECT_EQ(k.assign(config, refused.text), std::optional<std::string>(refused.fault))
        << refused.key << " = " << refused.text;
    EXPECT_EQ(k.text(config), k.text(defaults)) << refused.key;
  }
}

TEST(Registry, LayersCanBeNamedInAnyOrder) {
  AcceleratorConfig config;
  EXPECT_EQ(key("network.moe_layers").assign(config, "5, 0,2"), std::nullopt);
  EXPECT_EQ(key("network.moe_layers").text(config), "0, 2, 5");
  EXPECT_TRUE(config.network.is_moe(0));
  EXPECT_FALSE(config.network.is_moe(1));
  EXPECT_TRUE(config.network.is_moe(5));
}

TEST(Registry, ANameIsNeverGuessedFromItsBeginning) {
  EXPECT_EQ(Registry::instance().find("linear.in_til"), nullptr);
  EXPECT_EQ(Registry::instance().find("linear"), nullptr);
}

TEST(Registry, AMisspeltNameHasANearestKey) {
  const auto nearest = [](const char* name) -> std::string {
    const Key* k = Registry::instance().nearest(name);
    return k == nullptr ? "" : k->name();
  };
  EXPECT_EQ(nearest("linear.in_tlie"), "linear.in_tile");
  EXPECT_EQ(nearest("liner.out_tile"), "linear.out_tile");
  EXPECT_EQ(nearest("ddr.tCL"), "ddr.cl");
  EXPECT_EQ(nearest("attention.row"), "attention.rows");
  EXPECT_EQ(nearest("something.entirely_different"), "");
}

TEST(Registry, TypedValuesKeepTheirType) {
  const AcceleratorConfig config;
  EXPECT_EQ(key("clock.pl_hz").value(config), ConfigValue(std::int64_t{299970032}));
  EXPECT_EQ(key("ddr.vdd_v").value(config), ConfigValue(1.2));
  EXPECT_EQ(key("linear.overlap_expert_loads").value(config), ConfigValue(true));
  EXPECT_EQ(key("network.gating").value(config), ConfigValue(std::string("multi-gate")));
  EXPECT_EQ(key("network.tasks").value(config),
            ConfigValue(std::vector<std::string>{"semseg", "depth"}));
}

}  // namespace
}  // namespace m3sim
