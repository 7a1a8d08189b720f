// The command around the replay: what it prints, what it refuses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using test::Outcome;
using testing::HasSubstr;

class ReplayCommand : public testing::Test {
 protected:
  Outcome replay(const std::string& trace, const std::string& options) {
    const std::string file = folder_.path("trace.csv");
    std::ofstream(file) << trace;
    return test::run_program("replay --trace '" + file + "' " + options, folder_);
  }
  const test::ScratchFolder folder_;
};

constexpr const char* kBoard = " --config ddr/zcu102.cfg ";

TEST_F(ReplayCommand, PrintsWhatTheTraceTook) {
  const Outcome outcome =
      replay("0,R,0\n600,R,40\n1200,W,80,32\n", std::string(kBoard) + "--window 16 --check");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["requests"], 3);
  EXPECT_EQ(json["reads"], 2);
  EXPECT_EQ(json["writes"], 1);
  EXPECT_EQ(json["total_cycles"], 1200 + 1 + 14 + 4) << "a row hit: CWL 14 and a burst";
  EXPECT_EQ(json["latency_cycles"]["max"], 36);
  EXPECT_EQ(json["latency_cycles"]["min"], 20);
  EXPECT_EQ(
      json["commands"],
      (nlohmann::json{{"act", 1}, {"pre", 0}, {"prea", 0}, {"rd", 2}, {"wr", 1}, {"ref", 0}}));
  EXPECT_EQ(json["legality_violations"], 0);
  const auto& energy = json["energy_pj"];
  EXPECT_NEAR(energy["total"].get<double>(),
              energy["activate"].get<double>() + energy["read"].get<double>() +
                  energy["write"].get<double>() + energy["refresh"].get<double>() +
                  energy["background"].get<double>(),
              0.01);
}

TEST_F(ReplayCommand, SameInputSameBytesOut) {
  const std::string trace = "0,R,0\n0,W,2000\n0,R,40\n";
  EXPECT_EQ(replay(trace, kBoard).out, replay(trace, kBoard).out);
}

TEST_F(ReplayCommand, WritesTheCommandStream) {
  const std::string file = folder_.path("commands.csv");
  EXPECT_EQ(replay("0,R,2040\n", std::string(kBoard) + "--commands '" + file + "'").exit_code, 0);
  EXPECT_EQ(test::read_file(file),
            "cycle,command,bankgroup,bank,row,column\n1,ACT,1,0,0,0\n17,RD,1,0,0,8\n");
}

TEST_F(ReplayCommand, RefusesBadTracesWithFileAndLine) {
  for (const char* trace :
       {"0,R,0\nnonsense\n", "0,R,0\n0,R,8\n", "5,R,0\n4,R,0\n", "0,R,0\n0,R,fffffffffc0\n"}) {
    const Outcome outcome = replay(trace, kBoard);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("trace.csv:2: "));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(ReplayCommand, RefusesATruncatedGzipFile) {
  const std::string file = folder_.path("trace.csv.gz");
  const gzFile out = gzopen(file.c_str(), "wb");
  for (int i = 0; i < 1000; ++i) gzprintf(out, "%d,R,%x\n", 3 * i, 64 * i * i);
  gzclose(out);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const Outcome outcome = test::run_program("replay --trace '" + file + "'", folder_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("trace.csv.gz: the gzip data ends too early"));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(ReplayCommand, RefusesTimingsThatBreakARuleOfTheDevice) {
  const Outcome outcome = replay("0,R,0\n", "--config ddr/ddr4-2400-x8.cfg --set ddr.trc=55");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("tRC >= tRAS + tRP"));
}

TEST_F(ReplayCommand, RefusesOptionsThatMakeNoSense) {
  EXPECT_EQ(replay("", "--window -1").exit_code, 2);
  EXPECT_EQ(replay("", "--time-unit days").exit_code, 2);
  EXPECT_EQ(test::run_program("replay", folder_).exit_code, 2);
}

}  // namespace
}  // namespace m3sim
