// Comparison of reports: paths, tolerances, what counts as a difference, the first kernel.
#include "model/report/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

const char* const kReport = R"({"schema": "m3sim.report/1", "version": "1", "tasks": [
  {"task": "semseg", "cycles": 1000, "latency_ms": 2.5, "kernels": [
    {"name": "load", "start": 0, "cycles": 100},
    {"name": "q", "start": 100, "cycles": 400},
    {"name": "k", "start": 50, "cycles": 400}]},
  {"task": "semseg", "cycles": 900, "kernels": []}]})";

std::vector<std::string> paths(const Comparison& comparison) {
  std::vector<std::string> result;
  for (const Difference& difference : comparison.differences) result.push_back(difference.path);
  return result;
}

class Compare : public testing::Test {
 protected:
  Comparison compared(const std::string& rules = {}) {
    return compare(before, after, Tolerances::read(folder_.write("tolerances", rules)));
  }
  test::ScratchFolder folder_;
  Json before = Json::parse(kReport), after = before;
};

TEST_F(Compare, EqualReportsHaveNoDifference) {
  after["version"] = "2";  // not a figure
  EXPECT_THAT(compared().differences, ElementsAre());
  EXPECT_EQ(compared().figures, 15u);  // schema; task, cycles, latency; 3 x 3; task, cycles
}

TEST_F(Compare, ASingleCycleIsADifference) {
  after["tasks"][1]["cycles"] = 901;
  const Comparison result = compared();
  ASSERT_THAT(paths(result), ElementsAre("tasks/semseg#2/cycles"));
  EXPECT_EQ(result.differences[0].before, "900");
  EXPECT_EQ(result.differences[0].after, "901");
  EXPECT_DOUBLE_EQ(result.differences[0].relative.value(), 1.0 / 900);
  EXPECT_EQ(result.first_kernel, "");
}

TEST_F(Compare, TheFirstKernelIsTheFirstToStart) {
  after["tasks"][0]["kernels"][1]["cycles"] = 401;
  after["tasks"][0]["kernels"][2]["cycles"] = 401;
  EXPECT_EQ(compared().first_kernel, "semseg: k");
}

TEST_F(Compare, AddedKeysAreNoDifferenceAddedAndLostKernelsAre) {
  after["tasks"][0]["power_w"] = 5;
  EXPECT_THAT(paths(compared()), ElementsAre());
  after["tasks"][0]["kernels"].push_back({{"name", "new"}, {"start", 20}, {"cycles", 1}});
  after["tasks"][0]["kernels"].erase(1);
  EXPECT_THAT(paths(compared()), ElementsAre("tasks/semseg/kernels/q", "tasks/semseg/kernels/new"));
  EXPECT_EQ(compared().first_kernel, "semseg: new");
}

TEST_F(Compare, TolerancesAreAbsoluteRelativeOrIgnoreAndTheLastRuleWins) {
  after["tasks"][0]["cycles"] = 1010;
  after["tasks"][0]["latency_ms"] = 2.6;
  EXPECT_THAT(paths(compared("tasks/*/cycles 10\n**/latency_ms 5%\n")), ElementsAre());
  EXPECT_THAT(paths(compared("tasks/*/cycles 9\n**/latency_ms 3.9%\n")),
              ElementsAre("tasks/semseg/cycles", "tasks/semseg/latency_ms"));
  EXPECT_THAT(paths(compared("tasks ignore  # all of them\n")), ElementsAre());
  EXPECT_THAT(paths(compared("** 1000\ntasks/*/cycles exact\n")),
              ElementsAre("tasks/semseg/cycles"));
  EXPECT_THAT(paths(compared("*/cycles 10\n")),  // a star stays within a name
              ElementsAre("tasks/semseg/cycles", "tasks/semseg/latency_ms"));
}

TEST_F(Compare, BadTolerancesNameTheirLine) {
  for (const char* bad : {"a\n", "a 1 2\n", "a x%\n", "a -1\n", "a nan\n", "a %\n"}) {
    try {
      compared("# head\n" + std::string(bad));
      ADD_FAILURE() << bad;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr("tolerances:2: "));
    }
  }
}

TEST_F(Compare, ABaselineKeepsWhatIsCompared) {
  const std::string rules = "tasks/*/kernels/*/start ignore\n";
  const Tolerances tolerances = Tolerances::read(folder_.write("tolerances", rules));
  const std::string text = baseline_text(before, tolerances);
  EXPECT_THAT(text, HasSubstr("\n    {\"name\":\"q\",\"cycles\":400},\n"));
  EXPECT_THAT(compare(Json::parse(text), before, tolerances).differences, ElementsAre());
}

TEST_F(Compare, FilesThatAreNoReportsAreRefused) {
  for (const char* bad : {"", "{", "[]", "{}", "{\"schema\": \"m3sim.report/2\", \"tasks\": []}"}) {
    EXPECT_THROW(read_report(folder_.write("bad.json", bad)), InputError) << bad;
  }
  EXPECT_EQ(read_report(folder_.write("good.json", kReport)), before);
}

TEST_F(Compare, JunitHoldsEveryFileAndEscapesText) {
  ComparedFile good{"a.json", {}, {}}, bad{"<b>.json", {}, "no \"baseline\""};
  EXPECT_EQ(junit_text({good, bad}, 10),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"m3sim compare\" tests=\"2\" failures=\"1\">\n"
            " <testcase classname=\"m3sim.compare\" name=\"a.json\"/>\n"
            " <testcase classname=\"m3sim.compare\" name=\"&lt;b&gt;.json\">\n"
            "  <failure message=\"no &quot;baseline&quot;\"></failure>\n"
            " </testcase>\n</testsuite>\n");
}

}  // namespace
}  // namespace m3sim::report
