#include "model/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scratch_folder.hpp"

namespace m3sim {
namespace {

using test::ScratchFolder;
using testing::ElementsAre;

std::vector<std::string> faults(const ConfigSources& sources) {
  try {
    load_config(sources);
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.exit_code(), ExitCode::kBadInput);
    return error.lines();
  }
  return {};
}

TEST(Config, WithoutSourcesItIsThePublishedDesign) {
  const Config config = load_config({});
  EXPECT_EQ(config.values.network.tokens(), 129);
  EXPECT_EQ(config.values.word.features(), 8);
  EXPECT_EQ(config.values.linear.in_tile * config.values.linear.out_tile, 256);
  EXPECT_EQ(config.values.ps[config.values.ports[DramTensor::kTmp1]], PsPort::kHpc1);
  EXPECT_EQ(config.values.ps.controller(PsPort::kHp1), config.values.ps.controller(PsPort::kHp2));
  EXPECT_EQ(config.values.ddr.tck_ps(), 938);
  EXPECT_EQ(config.values.ddr.burst_bytes(), 64);
  EXPECT_EQ(config.entries.size(), Registry::instance().keys().size());
}

TEST(Config, LaterFilesWinAndAssignmentsWinOverFiles) {
  const ScratchFolder folder;
  const std::string first = folder.write("1.cfg",
                                         "[linear]\nin_tile = 8\nout_tile = 8\n"
                                         "[attention]\nrows = 8\n");
  const std::string second = folder.write("2.cfg", "[linear]\nin_tile = 32\nout_tile = 32\n");
  const Config config =
      load_config({{first, second}, {"linear.out_tile=64", "linear.out_tile=16"}});
  EXPECT_EQ(config.values.attention.rows, 8);
  EXPECT_EQ(config.values.linear.in_tile, 32);
  EXPECT_EQ(config.values.linear.out_tile, 16);
  EXPECT_EQ(config.entry("attention.rows").origin.text(), first + ":5");
  EXPECT_EQ(config.entry("linear.in_tile").origin.text(), second + ":2");
  EXPECT_EQ(config.entry("linear.out_tile").origin.text(), "--set");
  EXPECT_EQ(config.entry("linear.out_tile").text, "16");
  EXPECT_EQ(config.entry("word.bits").origin.text(), "default");
}

TEST(Config, AllFaultsOfFilesAssignmentsAndCombinationsComeAtOnce) {
  const ScratchFolder folder;
  const std::string file = folder.write("a.cfg",
                                        "[linear]\n"
                                        "in_tile = 7\n"
                                        "out_tlie = 16\n"
                                        "weight_banks = 65\n"
                                        "[ddr]\n"
                                        "trc = 40\n");
  EXPECT_THAT(
      faults({{file}, {"attention.rows=0"}}),
      ElementsAre(
          file + ":3: linear.out_tlie = 16: unknown key; did you mean linear.out_tile?",
          file + ":4: linear.weight_banks = 65: must be a whole number from 1 to 64",
          "--set: attention.rows = 0: must be a whole number from 1 to 32",
          file + ":2: linear.in_tile = 7: must be a multiple of 8 (features in a 256-bit word)",
          file + ":6: ddr.trc = 40: must be at least 52 (tRC >= tRAS + tRP, less the rounding of "
                 "timing_unit)"));
}

TEST(Config, ACombinationIsNotJudgedByAValueThatWasRefused) {
  // top_k alone would be too large for the 16 experts that stay where 4x is refused.
  EXPECT_THAT(faults({{}, {"network.experts=4x", "network.top_k=17"}}),
              ElementsAre("--set: network.experts = 4x: must be a whole number from 1 to 512"));
}

TEST(Config, AFaultPointsToTheLineThatCausedIt) {
  const ScratchFolder folder;
  const std::string file = folder.write("a.cfg", "[network]\nexpert_hidden = 1536\n");
  EXPECT_THAT(faults({{file}, {}}),
              ElementsAre(file + ":2: linear.in_buffer_features = 768: must be at least 1536 (the "
                                 "longest input of a linear layer)"));
}

TEST(Config, AnUnknownKeyThatIsLikeNoneHasNoHint) {
  EXPECT_THAT(faults({{}, {"foo=1"}}),
              ElementsAre("--set: foo = 1: unknown key; m3sim keys lists all"));
}

TEST(Config, TheUnknownDefaultsAreListed) {
  const Config config = load_config({});
  std::vector<std::string> names;
  for (const ConfigEntry& entry : config.unknowns()) names.push_back(entry.key->name());
  EXPECT_THAT(names, testing::Contains("ps.hp_request_cycles"));
  EXPECT_THAT(names, testing::Contains("control.phase_gap"));
  EXPECT_THAT(names, testing::Not(testing::Contains("loops.linear_compute.ii")));
}

}  // namespace
}  // namespace m3sim
