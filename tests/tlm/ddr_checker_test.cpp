// The legality checker accepts each command in its first legal clock and names the rule that is
// broken one clock before.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tlm/ddr_configs.hpp"
#include "tlm/ddr_checker.hpp"

namespace m3sim::tlm_mem {
namespace {

using Stream = std::vector<DdrCommand>;

DdrCommand command(DdrOp op, Cycle cycle, int group, int bank, int row = 0, int rank = 0) {
  return {cycle, op, {0, rank, group, bank, row, 0}};
}
DdrCommand act(Cycle t, int group, int bank, int row = 0, int rank = 0) {
  return command(DdrOp::kActivate, t, group, bank, row, rank);
}
DdrCommand pre(Cycle t, int group, int bank) { return command(DdrOp::kPrecharge, t, group, bank); }
DdrCommand rd(Cycle t, int group, int bank, int row = 0, int rank = 0) {
  return command(DdrOp::kRead, t, group, bank, row, rank);
}
DdrCommand wr(Cycle t, int group, int bank, int row = 0, int rank = 0) {
  return command(DdrOp::kWrite, t, group, bank, row, rank);
}
DdrCommand ref(Cycle t) { return command(DdrOp::kRefresh, t, 0, 0); }

std::vector<std::string> broken_rules(const DdrConfig& config, const Stream& stream) {
  DdrChecker checker(config);
  for (const DdrCommand& k : stream) checker.check(k);
  std::vector<std::string> rules;
  for (const DdrViolation& v : checker.violations()) rules.push_back(v.rule);
  return rules;
}

struct Spacing {
  std::string rule;
  Stream before;     // legal
  DdrCommand last;   // in its first legal clock
  Cycle fault = -1;  // clocks by which the planted fault moves it
};

class DdrCheckerSpacing : public testing::TestWithParam<Spacing> {};

TEST_P(DdrCheckerSpacing, FirstLegalClockAndNotEarlier) {
  DdrConfig config = ddr4_2400();
  config.ranks = 2;
  config.trc = 60;
  Stream stream = GetParam().before;
  stream.push_back(GetParam().last);
  EXPECT_THAT(broken_rules(config, stream), testing::IsEmpty());
  stream.back().cycle += GetParam().fault;
  EXPECT_THAT(broken_rules(config, stream), testing::Contains(GetParam().rule));
}

const Spacing kSpacings[] = {
    {"tRCD", {act(0, 0, 0)}, rd(17, 0, 0)},
    {"tRCD", {act(0, 0, 0)}, wr(17, 0, 0)},
    {"tRP", {act(0, 0, 0), pre(45, 0, 0)}, act(62, 0, 0)},
    {"tRP", {act(0, 0, 0), pre(45, 0, 0)}, ref(62)},
    {"tRP", {act(0, 0, 0), command(DdrOp::kReadAuto, 40, 0, 0)}, act(40 + 9 + 17, 0, 0)},
    {"tRAS", {act(0, 0, 0)}, pre(39, 0, 0)},
    {"tRC", {act(0, 0, 0), pre(39, 0, 0)}, act(60, 0, 0)},
    {"tRRD_S", {act(0, 0, 0)}, act(4, 1, 0)},
    {"tRRD_L", {act(0, 0, 0)}, act(6, 0, 1)},
    {"tFAW", {act(0, 0, 0), act(4, 1, 0), act(8, 2, 0), act(12, 3, 0)}, act(26, 0, 1)},
    {"tCCD_S", {act(0, 0, 0), act(4, 1, 0), rd(30, 0, 0)}, rd(34, 1, 0)},
    {"tCCD_L", {act(0, 0, 0), act(6, 0, 1), rd(30, 0, 0)}, rd(36, 0, 1)},
    {"tCCD_L", {act(0, 0, 0), act(6, 0, 1), wr(30, 0, 0)}, wr(36, 0, 1)},
    {"tWTR_S", {act(0, 0, 0), act(4, 1, 0), wr(30, 0, 0)}, rd(30 + 12 + 4 + 3, 1, 0)},
    {"tWTR_L", {act(0, 0, 0), act(6, 0, 1), wr(30, 0, 0)}, rd(30 + 12 + 4 + 9, 0, 1)},
    {"tWR", {act(0, 0, 0), wr(30, 0, 0)}, pre(30 + 12 + 4 + 18, 0, 0)},
    {"tRTP", {act(0, 0, 0), rd(40, 0, 0)}, pre(49, 0, 0)},
    {"tRFC", {ref(100)}, act(520, 0, 0)},
    {"tREFI", {ref(9360)}, ref(10 * 9360), +1},
    {"tRTRS", {act(0, 0, 0), act(1, 0, 0, 0, 1), rd(30, 0, 0)}, rd(30 + 4 + 2, 0, 0, 0, 1)},
    {"tRTRS", {act(0, 0, 0), rd(30, 0, 0)}, wr(30 + 17 + 4 - 12 + 2, 0, 0)},
    {"data bus", {act(0, 0, 0), act(1, 0, 0, 0, 1), rd(30, 0, 0)}, rd(36, 0, 0, 0, 1), -3},
    {"command bus", {act(0, 0, 0)}, act(1, 0, 0, 0, 1)},
};

INSTANTIATE_TEST_SUITE_P(Rules, DdrCheckerSpacing, testing::ValuesIn(kSpacings),
                         [](const auto& test) {
                           std::string name = test.param.rule + std::to_string(test.index);
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

struct Fault {
  std::string rule;
  Stream stream;
};

class DdrCheckerFault : public testing::TestWithParam<Fault> {};

TEST_P(DdrCheckerFault, IsFound) {
  DdrConfig config = ddr4_2400();
  config.half_rate_commands = true;
  EXPECT_THAT(broken_rules(config, GetParam().stream), testing::Contains(GetParam().rule));
}

const Fault kFaults[] = {
    {"row state", {act(0, 0, 0), act(100, 0, 0, 1)}},             // already open
    {"row state", {rd(0, 0, 0)}},                                 // nothing open
    {"row state", {act(0, 0, 0, 5), rd(40, 0, 0, 6)}},            // another row
    {"row state", {act(0, 0, 0), pre(50, 0, 0), wr(100, 0, 0)}},  // closed again
    {"row state", {act(0, 0, 0), command(DdrOp::kReadAuto, 40, 0, 0), rd(60, 0, 0)}},
    {"row state", {act(0, 0, 0), ref(100)}},                        // bank open
    {"row state", {pre(0, 0, 0)}},                                  // closed already
    {"command bus", {act(1, 0, 0)}},                                // between slots
    {"command bus", {act(10, 0, 0), act(2, 1, 0), act(20, 2, 0)}},  // back in time
    {"address", {act(0, 4, 0)}},
    {"address", {act(0, 0, 0, 65536)}},
    {"address", {act(0, 0, 0, 0, 1)}},  // no second rank
};

INSTANTIATE_TEST_SUITE_P(States, DdrCheckerFault, testing::ValuesIn(kFaults));

TEST(DdrChecker, RefreshMissingAtTheEndIsFound) {
  DdrChecker checker(ddr4_2400());
  checker.check(ref(9360));
  checker.finish(10 * 9360);
  EXPECT_TRUE(checker.violations().empty());
  checker.finish(10 * 9360 + 1);
  ASSERT_EQ(checker.violations().size(), 1u);
  EXPECT_EQ(checker.violations().front().rule, "tREFI");
}

}  // namespace
}  // namespace m3sim::tlm_mem
