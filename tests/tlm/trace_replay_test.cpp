// Trace files and their faults; the replay beside what independent simulators say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/tlm/ddr_configs.hpp"
#include "tlm/ddr_checker.hpp"
#include "tlm/ddr_energy.hpp"
#include "tlm/trace_replay.hpp"

namespace m3sim::tlm_mem {
namespace {

class TraceFile : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  std::vector<TraceRequest> read() { return read_trace(path_.string(), trace_limits(zcu102())); }
  /// The message without the path.
  std::string error(const std::string& text) {
    write(text);
    try {
      read();
    } catch (const InputError& e) {
      EXPECT_EQ(e.exit_code(), ExitCode::kBadInput);
      return std::string(e.what()).substr(path_.string().size());
    }
    return "no error";
  }
  const test::ScratchFolder folder_;
  const std::filesystem::path path_ = folder_.path("trace.csv");
};

TEST_F(TraceFile, CommentsBlankLinesSpacesAndSizes) {
  write("# a comment\n\n0,R,40\r\n 5 , W , 0xC0 , 32 # note\n5,R,1000,256");
  const auto trace = read();
  ASSERT_EQ(trace.size(), 3u);
  EXPECT_EQ(trace[0].bytes, 64u);
  EXPECT_EQ(trace[0].address, 0x40u);
  EXPECT_EQ(trace[1].time, 5);
  EXPECT_EQ(trace[1].direction, Direction::kWrite);
  EXPECT_EQ(trace[1].address, 0xC0u);
  EXPECT_EQ(trace[1].bytes, 32u);
  EXPECT_EQ(trace[2].bytes, 256u);
}

TEST_F(TraceFile, FaultsNameFileAndLine) {
  EXPECT_EQ(error("0,R,0\n7,R,0\n6,R,0\n"), ":3: time 6 is before that of the line above, 7");
  EXPECT_EQ(error("0,R,20\n"), ":1: address must be a multiple of 64 for 64 bytes");
  EXPECT_EQ(error("0,R,10,32\n"), ":1: address must be a multiple of 32 for 32 bytes");
  EXPECT_EQ(error("0,R,20,48\n"), ":1: 48 bytes must stay within a line of 64");
  EXPECT_EQ(error("0,R,100000000\n"), ":1: address is beyond the memory's 4294967296 bytes");
  EXPECT_EQ(error("0,R,ffffffffffffffff0\n"), ":1: number too large: ffffffffffffffff0");
  EXPECT_EQ(error("0,r,0\n"), ":1: expected R or W, not 'r,0'");
  EXPECT_EQ(error("0,R\n"), ":1: expected a comma after R or W, not the end of the line");
  EXPECT_EQ(error("0;R;0\n"), ":1: expected a time (whole number, not negative), not '0;R;0'");
  EXPECT_EQ(error("1.5,R,0\n"), ":1: expected a time (whole number, not negative), not '1.5,R,0'");
  EXPECT_EQ(error("0,R,0,64,1\n"), ":1: expected the end of the line, not ',1'");
  EXPECT_EQ(error("0,R,0,0\n"), ":1: the size must be 1 to 4096 bytes, not 0");
  EXPECT_EQ(error(std::string("\x7f\x45\x4c\x46\x00\x01", 6)),
            ":1: expected a time (whole number, not negative), not '?ELF?\?'");
}

TEST_F(TraceFile, TruncatedGzipIsRefused) {
  const gzFile file = gzopen(path_.c_str(), "wb");
  for (int i = 0; i < 20000; ++i) gzprintf(file, "%d,R,%x\n", i, (i * 7919 % 65536) * 64);
  gzclose(file);
  EXPECT_EQ(read().size(), 20000u);
  const auto size = std::filesystem::file_size(path_);
  for (const auto left : {size - 4, size / 2}) {  // within the trailer, within the data
    std::filesystem::resize_file(path_, left);
    try {
      read();
      ADD_FAILURE() << "accepted " << left << " of " << size << " bytes";
    } catch (const InputError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("truncated"));
    }
  }
}

TEST_F(TraceFile, MissingFileIsNamed) {
  EXPECT_THROW(read_trace("/nowhere/trace.csv", trace_limits(zcu102())), InputError);
}

TEST(TraceReplay, NanosecondsStartAtTheFirstEdgeAtOrAfter) {
  ReplayOptions options;
  options.times_in_ns = true;
  // 1.2 GHz: 100 ns is edge 120 exactly, 101 ns lies after edge 121 (100.83 ns).
  EXPECT_EQ(replay(ddr4_2400(), {{100, 0, 64, Direction::kRead}}, options).total_cycles, 120 + 39);
  EXPECT_EQ(replay(ddr4_2400(), {{101, 0, 64, Direction::kRead}}, options).total_cycles, 122 + 39);
}

TEST(TraceReplay, LongRequestsAreLinesAndTheirLatencyIsThatOfTheLast) {
  const ReplayResult r = replay(ddr4_2400(), {{0, 32, 128, Direction::kRead}}, {});
  EXPECT_EQ(r.stats.reads, 3u);
  EXPECT_EQ(r.latency.count(), 1u);
  EXPECT_EQ(r.latency.max(), 39 + 6 + 6);
  EXPECT_EQ(r.bytes, 128u);
}

TEST(TraceReplay, EmptyTraceTakesNoTime) {
  const ReplayResult r = replay(zcu102(), {}, {});
  EXPECT_EQ(r.total_cycles, 0);
  EXPECT_EQ(ddr_energy(zcu102(), r.stats).core(), 0);
}

TEST(DdrEnergy, EventsOfDdr4_2400) {
  // 1.2 V x 8 devices x 0.833 ns x (48*56 - 43*39 - 34*17 = 433) mA clocks, and so on.
  DdrStats stats;
  stats.activates = stats.reads = stats.writes = stats.refreshes = 1;
  stats.open_cycles = 1;
  stats.rank_cycles = 3;
  const DdrEnergy e = ddr_energy(ddr4_2400(), stats);
  EXPECT_EQ(e.activate, 3462614);
  EXPECT_EQ(e.read, 2942822);
  EXPECT_EQ(e.write, 2558976);
  EXPECT_EQ(e.refresh, 695241792);
  EXPECT_EQ(e.background, 343862 + 543782);
  // 256 low data bits and 64 low strobe bits of 1.44 V^2 / 82 ohm x 0.4165 ns, for each burst.
  EXPECT_EQ(e.io, 4681053);
}

// Reference simulators ---------------------------------------------------------------------------

class Reference : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData)) GTEST_SKIP() << "no reference data";
    results_ = nlohmann::json::parse(std::ifstream(kData / "results.json"));
  }
  static inline const std::filesystem::path kData =
      std::filesystem::path(M3SIM_SHARED_DATA) / "dram";
  nlohmann::json results_;
};

TEST_F(Reference, WithRamulatorsPolicyItsCyclesExactly) {
  // Its plain FR-FCFS. f2_moe_tok on robacobg apart: there Ramulator does not forward from a write
  // whose row is open already.
  for (const auto& r : results_) {
    const std::string trace_name = r["trace"], map = r["map"], config_name = r["config"];
    const int window = r["window"];
    if (r["sim"] != "r2" || window != 16) continue;
    if (trace_name == "f2_moe_tok" && map == "robacobg") continue;
    DdrConfig config = config_name == "m2400" ? ddr4_2400() : zcu102();
    config.scheduler = "frfcfs-ready";
    if (map == "robacobg") {
      config.address_map = {{AddressField::kRow, AddressField::kBank, AddressField::kColumn,
                             AddressField::kBankGroup}};
    }
    SCOPED_TRACE(config_name + " " + map + " " + trace_name);
    const auto trace =
        read_trace((kData / "traces" / (trace_name + ".csv.gz")).string(), trace_limits(config));
    std::vector<DdrCommand> commands;
    ReplayOptions options;
    options.window = window;
    options.commands = &commands;
    const ReplayResult result = replay(config, trace, options);
    EXPECT_EQ(result.total_cycles, r["total_cycles"]);
    EXPECT_EQ(result.stats.activates, r["n_cmd"]["ACT"]);
    EXPECT_EQ(result.stats.refreshes, r["n_cmd"]["REF"]);
    EXPECT_EQ(result.stats.open_cycles, r["any_bank_open_cycles"]);
    EXPECT_NEAR(result.latency.mean(), r["lat_cycles"]["mean"], 0.001);
    if (result.reads > 0) {
      EXPECT_EQ(result.latency.min(), r["lat_cycles"]["min"]);
      EXPECT_EQ(result.latency.percentile(0.5), r["lat_cycles"]["p50"]);
      EXPECT_EQ(result.latency.max(), r["lat_cycles"]["max"]);
    }
    const double total_pj = static_cast<double>(ddr_energy(config, result.stats).core()) / 1000;
    EXPECT_NEAR(total_pj, r["energy_formula_pJ"]["total"], 0.2);
    DdrChecker checker(config);
    for (const DdrCommand& k : commands) checker.check(k);
    checker.finish(result.total_cycles);
    EXPECT_TRUE(checker.violations().empty()) << checker.violations().front().text;
  }
}

}  // namespace
}  // namespace m3sim::tlm_mem
