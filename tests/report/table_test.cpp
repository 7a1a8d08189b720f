#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/report/fixture.hpp"

namespace m3sim::report {
namespace {

using testing::HasSubstr;

TEST(Table, FitsAHundredColumnsOfAscii) {
  RunRecord run = test::run(3);
  run.switches = {{"semseg", "depth", 0}};
  std::istringstream lines(table_text(test::report_of(run)));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100u) << line;
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
  }
}

TEST(Table, OfTheSyntheticRun) {
  const RunRecord run = test::run();
  const Report report = test::report_of(run);
  std::ifstream file(M3SIM_SOURCE_DIR "/tests/report/table.golden.txt");
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  const std::string text = table_text(report);
  EXPECT_EQ(text.substr(0, text.find("Known from no source")), golden);
}

TEST(Table, OfSeveralImagesHasTheirMean) {
  RunRecord run = test::run(2);
  run.tasks[1].end = 2000;
  EXPECT_THAT(table_text(test::report_of(run)), HasSubstr("  mean    1,500  0.015"));
}

TEST(Table, ShowsChecksWithThreeDigits) {
  const RunRecord run = test::run();
  Report report = test::report_of(run);
  report.checks = {{"semseg", 0, {{"l0_norm1", 0.00712349, 0.0001, 0.001, false}}}};
  const std::string text = table_text(report);
  EXPECT_THAT(text, HasSubstr("Check of semseg, image 0: BEYOND BOUNDS\n"));
  EXPECT_THAT(text, HasSubstr("  l0_norm1   7.12e-03    1.00e-04  1.00e-03  BEYOND\n"));
}

TEST(Table, SaysWhetherTheDesignFits) {
  const RunRecord run = test::run();
  Report report = test::report_of(run);
  report.context.device = cost::Device{"small", 10, 10, 0, 10, 10};
  EXPECT_THAT(table_text(report), HasSubstr(" of 10 BRAM18, "));
  EXPECT_THAT(table_text(report), HasSubstr(" of 10 FF; DOES NOT FIT small.\n"));
}

TEST(Table, NamesUnknownValues) {
  const RunRecord run = test::run();
  EXPECT_THAT(table_text(test::report_of(run)), HasSubstr("\n  clock.crossing_cycles=2, gate."));
}

}  // namespace
}  // namespace m3sim::report
