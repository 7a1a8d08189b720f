// A run's DRAM requests as a trace, and the way back through `replay`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"
#include "tlm/trace_file.hpp"
#include "tlm/trace_writer.hpp"

namespace m3sim {
namespace {

using test::Outcome;
using testing::HasSubstr;
using tlm_mem::TraceRequest;

constexpr const char* kTiny =
    " --config network/tiny.cfg --data off --routing uniform --task first --config ddr/zcu102.cfg ";

class MemoryTrace : public testing::Test {
 protected:
  Outcome run(const std::string& options) {
    return test::run_program("run" + std::string(kTiny) + options + " --report '" + report_ + "'",
                             folder_);
  }
  nlohmann::json report() const { return nlohmann::json::parse(test::read_file(report_)); }
  static std::vector<TraceRequest> read(const std::string& file) {
    return tlm_mem::read_trace(file, {std::uint64_t{1} << 32, 64, std::int64_t{1} << 50});
  }
  const test::ScratchFolder folder_;
  const std::string report_ = folder_.path("report.json");
};

TEST_F(MemoryTrace, HasEveryRequestThatTheReportCounts) {
  const std::string file = folder_.path("trace.csv");
  const Outcome outcome =
      run("--set memory.kind=simple --set clock.pl_hz=533280000 --memory-trace '" + file + "'");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = report();
  // The memory's clock is twice the PL's here. The one-time weights come first, in no task.
  const std::int64_t image_start = 2 * json["one_time"]["cycles"].get<std::int64_t>();
  std::array<std::int64_t, 2> requests{};
  for (const TraceRequest& request : read(file)) {
    EXPECT_EQ(request.address % 64, 0u);
    requests[index(request.direction)] += request.time >= image_start ? 1 : 0;
  }
  const auto& dram = json["tasks"][0]["dram"];
  EXPECT_GT(requests[0], 100);
  EXPECT_GT(requests[1], 100);
  EXPECT_EQ(requests[0], dram["reads"].get<std::int64_t>());
  EXPECT_EQ(requests[1], dram["writes"].get<std::int64_t>());
}

TEST_F(MemoryTrace, IsReplayedWithTheSameDramAccesses) {
  const std::string file = folder_.path("trace.csv.gz");
  ASSERT_EQ(run("--memory-trace '" + file + "'").exit_code, 0);
  EXPECT_EQ(test::read_file(file).substr(0, 2), "\x1f\x8b") << "gzip, by the name";
  const std::vector<TraceRequest> trace = read(file);
  const Outcome replayed =
      test::run_program("replay --config ddr/zcu102.cfg --check --trace '" + file + "'", folder_);
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
  const auto json = nlohmann::json::parse(replayed.out);
  EXPECT_EQ(json["requests"], trace.size());
  EXPECT_GE(json["total_cycles"].get<std::int64_t>(), trace.back().time);
  // Each was offered in the clock in which the run's controller accepted it: none waits.
  EXPECT_LE(json["total_cycles"].get<std::int64_t>(), trace.back().time + 1000);
}

TEST_F(MemoryTrace, ChangesNothingInTheRun) {
  ASSERT_EQ(run("").exit_code, 0);
  const std::string without = test::read_file(report_);
  ASSERT_EQ(run("--memory-trace '" + folder_.path("trace.csv") + "'").exit_code, 0);
  EXPECT_EQ(test::read_file(report_), without);
}

TEST_F(MemoryTrace, LeavesNoFileBehindWhenItCannotBeWritten) {
  const Outcome outcome = run("--memory-trace '" + folder_.path("none/trace.csv") + "'");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("trace.csv: its folder does not exist"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("none")));
  EXPECT_FALSE(std::filesystem::exists(report_)) << "refused before the run";
}

TEST_F(MemoryTrace, AnUnfinishedTraceLeavesNothingBehind) {
  const std::string file = folder_.path("trace.csv.gz");
  {
    tlm_mem::TraceWriter writer(file, 64);
    writer.add(0, tlm_mem::Direction::kRead, 0x40);
    EXPECT_FALSE(std::filesystem::exists(file));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(MemoryTrace, OtherLinesThan64BytesAreNamed) {
  const std::string file = folder_.path("trace.csv");
  tlm_mem::TraceWriter writer(file, 32);
  writer.add(7, tlm_mem::Direction::kWrite, 0xabe0);
  writer.finish();
  EXPECT_EQ(test::read_file(file), "7,W,abe0,32\n");
}

}  // namespace
}  // namespace m3sim
