// Cycles through the chain, worked out by hand. One elaboration per case.
//
// small_config: SmartConnect 4 cycles each way, HP port 16 each way, controller port 16 B and memory 64 B a
// cycle, memory latency 12, a 32-byte word takes 2 beats. A word requested in c is thus usable in
//   c + 4 (SmartConnect) + 16 (PS port) + 1 (line) + 12 (memory) + 16 (PS port) + 1 (2nd beat) + 4 = c + 54.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/tlm/axi_driver.hpp"

namespace m3sim::tlm_mem::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kHpc1 = static_cast<int>(Master::kInout1);
constexpr int kHp0 = static_cast<int>(Master::kInout2);
constexpr int kHp1 = static_cast<int>(Master::kInout3);
constexpr int kHp2 = static_cast<int>(Master::kInout4);
constexpr Cycle kWordLatency = 54;

void expect_protocol_kept(const Bench& bench) {
  for (const auto& checker : bench.memory.checkers()) EXPECT_EQ(checker->outstanding(), 0u);
  EXPECT_TRUE(bench.memory.idle());
}

std::vector<Cycle> paced(Cycle first, Cycle pace, int count) {
  std::vector<Cycle> cycles;
  for (int i = 0; i < count; ++i) cycles.push_back(first + pace * i);
  return cycles;
}

TEST(AxiChain, OneWordPassesEveryHop) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0x40, 1}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(reader.arrivals, ElementsAre(100 + kWordLatency));
  expect_protocol_kept(bench);
}

TEST(AxiChain, TheCoherentPortTakesItsExtraCyclesBothWays) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHpc1, {{100, 0x40, 1}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(reader.arrivals, ElementsAre(100 + kWordLatency + 8 + 8));
}

TEST(AxiChain, EachHopAddsItsOwnLatency) {
  MemorySystemConfig config = small_config();
  config.ps.smartconnect_request_cycles = 1;
  config.ps.smartconnect_response_cycles = 2;
  config.ps.hp_request_cycles = 3;
  config.ps.hp_response_cycles = 5;
  config.memory.simple_latency_cycles = 7;
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0x40, 1}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(reader.arrivals, ElementsAre(100 + 1 + 3 + 1 + 7 + 5 + 1 + 2));
}

TEST(AxiChain, ABurstStreamsOneWordInTwoCycles) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0, 256}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(154, 2, 256));
  EXPECT_EQ(bench.memory.read_stats(kHp0).axi.bursts, 16u);
  EXPECT_EQ(bench.memory.read_stats(kHp0).ps_port.bursts, 32u);
  EXPECT_EQ(bench.memory.read_stats(kHp0).ps_port.busy_cycles, 512u);
  EXPECT_EQ(bench.memory.memory_stats().read_lines, 128u);
  expect_protocol_kept(bench);
}

TEST(AxiChain, A256BitPsPortStreamsOneWordACycle) {
  MemorySystemConfig config = small_config();
  config.ps.width_bits = 256;
  config.ps.controller_port_bytes_per_cycle = 32;
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0, 64}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(153, 1, 64));  // no second beat to wait for
}

TEST(AxiChain, TheNarrowestHopSetsThePace) {
  MemorySystemConfig config = small_config();
  config.memory.simple_bytes_per_cycle = 8;  // a line in 8 cycles
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0, 8}});
  ASSERT_TRUE(bench.run());
  // Lines end in 128, 136, ...: 7 cycles later than with 64 B; the second word of a line 2 after the first.
  EXPECT_THAT(reader.arrivals, ElementsAre(161, 163, 169, 171, 177, 179, 185, 187));
}

TEST(AxiChain, PsPortKeepsEightCommandsInFlight) {
  Bench bench(small_config(), Execution::kDecoupled);
  std::vector<Access> script;
  for (int i = 0; i < 32; ++i) script.push_back({100, 64u * static_cast<unsigned>(i), 1});
  Reader& reader = bench.add_reader(kHp0, script);
  ASSERT_TRUE(bench.run());
  // A command slot is busy from 104 until the cycle after its beats left (151): 47 cycles for 8 words,
  // which come 2 apart.
  std::vector<Cycle> expected;
  for (int i = 0; i < 32; ++i) expected.push_back(154 + 47 * (i / 8) + 2 * (i % 8));
  EXPECT_EQ(reader.arrivals, expected);
  EXPECT_EQ(bench.memory.read_stats(kHp0).ps_port.peak_occupancy, 8);
  EXPECT_EQ(bench.memory.memory_stats().read_lines, 32u);  // half of each line is wanted
  EXPECT_EQ(bench.memory.memory_stats().read_bytes, 32u * 32u);
}

TEST(AxiChain, OutstandingReadsLimitSingleWords) {
  MemorySystemConfig config = small_config();
  config.port.outstanding_reads = 4;
  Bench bench(config, Execution::kDecoupled);
  std::vector<Access> script;
  for (int i = 0; i < 16; ++i) script.push_back({100, 64u * static_cast<unsigned>(i), 1});
  Reader& reader = bench.add_reader(kHp0, script);
  ASSERT_TRUE(bench.run());
  // The fifth is issued when the first arrives.
  std::vector<Cycle> expected;
  for (int i = 0; i < 16; ++i) expected.push_back(154 + kWordLatency * (i / 4) + 2 * (i % 4));
  EXPECT_EQ(reader.arrivals, expected);
  EXPECT_EQ(bench.memory.read_stats(kHp0).axi.peak_occupancy, 4);
}

TEST(AxiChain, AReadBurstWaitsForRoomInTheReadBuffer) {
  MemorySystemConfig config = small_config();
  config.port.read_buffer_beats = 16;
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0, 32}}, 10);
  ASSERT_TRUE(bench.run());
  std::vector<Cycle> expected = paced(154, 2, 16);
  // The 16th word arrives in 184 and is taken in 194: the second burst is issued in 195.
  for (const Cycle cycle : paced(195 + kWordLatency, 2, 16)) expected.push_back(cycle);
  EXPECT_EQ(reader.arrivals, expected);
}

TEST(AxiChain, ABurstNeverCrosses4KiB) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 4096 - 96, 16}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(154, 2, 16));
  EXPECT_EQ(bench.memory.read_stats(kHp0).axi.bursts, 2u);      // 3 and 13 words
  EXPECT_EQ(bench.memory.read_stats(kHp0).ps_port.bursts, 3u);  // 96, 256 and 160 bytes
  expect_protocol_kept(bench);
}

TEST(AxiChain, AWriteIsAnsweredWhenItsLastHalfHasLanded) {
  Bench bench(small_config(), Execution::kDecoupled);
  Writer& writer = bench.add_writer(kHp0, {{100, 0, 16}});
  ASSERT_TRUE(bench.run());
  // Complete in 115; the second half's last beat leaves in 115 + 31 = 146 and is at the PS port in 150, at
  // the memory in 166; 4 lines and 12 cycles: 182; back through PS port (16) and SmartConnect (4).
  EXPECT_THAT(writer.responses, ElementsAre(202));
  for (unsigned i = 0; i < 512; ++i) {
    ASSERT_EQ(bench.memory.store().data()[i], Writer::value(i, 1)) << "byte " << i;
  }
  EXPECT_EQ(bench.memory.store().tag(511), 1u);
  EXPECT_EQ(bench.memory.store().tag(512), 0u);
  expect_protocol_kept(bench);
}

TEST(AxiChain, AWriteBurstWaitsForItsLastWord) {
  Bench bench(small_config(), Execution::kDecoupled);
  Writer& late = bench.add_writer(kHp0, {{100, 0, 16}});        // complete in 115
  Writer& early = bench.add_writer(kHp0, {{110, 0x1000, 1}});   // complete in 110: goes first
  ASSERT_TRUE(bench.run());
  // Its two beats leave in 110 and 111; 115 + 16 + 1 + 12 + 16 + 4 = 164.
  EXPECT_THAT(early.responses, ElementsAre(164));
  EXPECT_THAT(late.responses, ElementsAre(202));
}

TEST(AxiChain, ReadsAndWritesOfAPortAreIndependent) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0x2000, 16}});
  Writer& writer = bench.add_writer(kHp0, {{100, 0, 16}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(154, 2, 16));
  EXPECT_THAT(writer.responses, ElementsAre(202));
}

TEST(AxiChain, TheOlderRequestOfAMasterGoesFirst) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& first = bench.add_reader(kHp0, {{101, 0, 1}});
  Reader& second = bench.add_reader(kHp0, {{100, 0x1000, 16}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(second.arrivals, paced(154, 2, 16));
  EXPECT_THAT(first.arrivals, ElementsAre(186));
}

TEST(AxiChain, SameCycleGoesToTheLowerProcessAndCountsAsLost) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& first = bench.add_reader(kHp0, {{100, 0, 1}});
  Reader& second = bench.add_reader(kHp0, {{100, 0x1000, 1}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(first.arrivals, ElementsAre(154));
  EXPECT_THAT(second.arrivals, ElementsAre(156));
  EXPECT_THAT(first.lost, ElementsAre(0));
  EXPECT_THAT(second.lost, ElementsAre(1));
}

TEST(AxiChain, PortsOfTheirOwnDoNotSlowEachOther) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& a = bench.add_reader(kHp0, {{100, 0, 256}});
  Reader& b = bench.add_reader(kHp1, {{100, 0x10000, 256}});
  ASSERT_TRUE(bench.run());
  EXPECT_LE(a.arrivals.back(), 154 + 2 * 255 + 4);  // lines of both meet at the memory for some cycles
  EXPECT_LE(b.arrivals.back(), 154 + 2 * 255 + 4);
}

TEST(AxiChain, Hp1AndHp2ShareOneControllerPort) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& a = bench.add_reader(kHp1, {{100, 0, 256}});
  Reader& b = bench.add_reader(kHp2, {{100, 0x10000, 256}});
  ASSERT_TRUE(bench.run());
  // 512 words at 2 cycles: half the bandwidth each, and no cycle of the shared port is wasted.
  EXPECT_EQ(std::max(a.arrivals.back(), b.arrivals.back()), 154 + 2 * 511);
  EXPECT_NEAR(static_cast<double>(a.arrivals.back() - 154), 2.0 * 511, 40);
  EXPECT_NEAR(static_cast<double>(b.arrivals.back() - 154), 2.0 * 511, 40);
  expect_protocol_kept(bench);
}

TEST(AxiChain, SameCycleAtAControllerPortGoesToTheLowerPsPort) {
  Bench bench(small_config(), Execution::kDecoupled);
  Reader& higher = bench.add_reader(kHp2, {{100, 0, 1}});
  Reader& lower = bench.add_reader(kHp1, {{100, 0x10000, 1}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(lower.arrivals, ElementsAre(154));
  EXPECT_GT(higher.arrivals.front(), 154);
  EXPECT_THAT(lower.lost, ElementsAre(0));
}

TEST(AxiChain, LostCyclesAreThoseSpentOnOthers) {
  MemorySystemConfig config = small_config();
  config.memory.simple_bytes_per_cycle = 8;  // the memory is the limit
  Bench bench(config, Execution::kDecoupled);
  Reader& a = bench.add_reader(kHp0, {{100, 0, 1}});
  Reader& b = bench.add_reader(kHp1, {{100, 0x10000, 1}});
  ASSERT_TRUE(bench.run());
  // HP0's controller port has the lower number; the other line waits 8 cycles for it.
  EXPECT_THAT(a.arrivals, ElementsAre(161));
  EXPECT_THAT(b.arrivals, ElementsAre(169));
  EXPECT_THAT(a.lost, ElementsAre(0));
  EXPECT_THAT(b.lost, ElementsAre(8));
}

TEST(AxiChain, AReadThatOvertakesItsWriteIsAHazard) {
  Bench bench(small_config(), Execution::kDecoupled);
  bench.add_writer(kHp0, {{100, 0x1000, 16, 3}});
  bench.add_reader(kHp1, {{120, 0x1100, 4, 4, 3}});
  try {
    bench.run();
    FAIL() << "the read was served before the write landed";
  } catch (const HazardError& error) {
    EXPECT_THAT(error.what(), HasSubstr("word at 0x1100 holds the result of step 0"));
    EXPECT_THAT(error.what(), HasSubstr("step 4 reads it as the result of step 3"));
  }
}

TEST(AxiChain, AReadAfterTheResponseIsNone) {
  MemorySystemConfig config = small_config();
  config.data = false;  // tags work without bytes
  Bench bench(config, Execution::kDecoupled);
  bench.add_writer(kHp0, {{100, 0x1000, 16, 3}});
  Reader& reader = bench.add_reader(kHp1, {{202, 0x1000, 16, 4, 3}});
  EXPECT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(202 + kWordLatency, 2, 16));
}

TEST(AxiChain, AReadOfAWordThatALaterStepOverwroteIsAHazard) {
  Bench bench(small_config(), Execution::kDecoupled);
  bench.add_writer(kHp0, {{100, 0x1000, 1, 3}, {300, 0x1000, 1, 7}});
  bench.add_reader(kHp1, {{500, 0x1000, 1, 4, 3}});
  EXPECT_THROW(bench.run(), HazardError);
}

TEST(AxiChain, DebugTransportLoadsThroughTheChain) {
  Bench bench(small_config(), Execution::kDecoupled);
  std::vector<std::uint8_t> image(1000), back(1000);
  std::iota(image.begin(), image.end(), std::uint8_t{3});
  bench.memory.load(12345, image.data(), image.size());
  bench.memory.read_back(12345, back.data(), back.size());
  EXPECT_EQ(image, back);
  EXPECT_EQ(bench.memory.store().data()[12345], 3);
  EXPECT_THROW(bench.memory.load((1 << 20) - 999, image.data(), image.size()), std::out_of_range);
}

TEST(AxiChain, TraceSinkSeesEveryLineInMemoryClocks) {
  struct Sink final : MemoryTraceSink {
    void on_line(Cycle cycle, bool is_read, std::uint64_t address) override {
      EXPECT_TRUE(is_read);
      cycles.push_back(cycle);
      addresses.push_back(address);
    }
    std::vector<Cycle> cycles;
    std::vector<std::uint64_t> addresses;
  } sink;
  Bench bench(small_config(), Execution::kDecoupled);
  bench.memory.set_trace_sink(&sink);
  bench.add_reader(kHp0, {{100, 0x20, 4}});
  ASSERT_TRUE(bench.run());
  EXPECT_THAT(sink.addresses, ElementsAre(0x0, 0x40, 0x80));
  // Cycle 120 of 299,970,032 Hz is 400.04 ns: clock 427 of 1,066,560,000 Hz.
  EXPECT_THAT(sink.cycles, ElementsAre(427, 427, 427));
}

TEST(AxiChain, TheDdrControllerIsReachedThroughTwoClockCrossings) {
  MemorySystemConfig config = small_config();
  config.memory.kind = MemoryKind::kDdr;
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0x40, 1}});
  ASSERT_TRUE(bench.run(1000));
  // At the memory in PL cycle 120 (400.04 ns): clock 427 + 2. A closed bank takes 36 clocks (zcu102): the
  // data ends with clock 465 (435.98 ns), that is PL cycle 131 + 2. 16 + 1 + 4 cycles lead back.
  EXPECT_THAT(reader.arrivals, ElementsAre(133 + 16 + 1 + 4));
  const auto stats = bench.memory.ddr_stats(1000);
  EXPECT_EQ(stats->reads, 1u);
  EXPECT_EQ(stats->activates, 1u);
  expect_protocol_kept(bench);
}

TEST(AxiChain, TheDdrControllerFeedsAPortAtItsFullPace) {
  MemorySystemConfig config = small_config();
  config.memory.kind = MemoryKind::kDdr;
  Bench bench(config, Execution::kDecoupled);
  Reader& reader = bench.add_reader(kHp0, {{100, 0x10000, 512}});
  ASSERT_TRUE(bench.run());
  EXPECT_EQ(reader.arrivals, paced(154, 2, 512));
  for (const Cycle lost : reader.lost) ASSERT_EQ(lost, 0);
}

TEST(AxiChain, AWriteIsAnsweredWhenTheControllerHasAcceptedIt) {
  MemorySystemConfig config = small_config();
  config.memory.kind = MemoryKind::kDdr;
  Bench bench(config, Execution::kDecoupled);
  Writer& writer = bench.add_writer(kHp0, {{100, 0, 16}});
  ASSERT_TRUE(bench.run());
  // The second half is at the memory in PL cycle 166 (553.388 ns): clock 591 + 2. Its fourth line is accepted
  // in 596 (558.81 ns): PL cycle 168 + 2, and 20 cycles back.
  EXPECT_THAT(writer.responses, ElementsAre(190));
  EXPECT_EQ(bench.memory.store().data()[511], Writer::value(511, 1));
}

TEST(AxiChain, TwoMastersOnOnePsPortAreRefused) {
  MemorySystemConfig config = small_config();
  config.ps.ps_port[0] = config.ps.ps_port[1];
  EXPECT_THROW(Bench(config, Execution::kDecoupled), ConfigError);
}

}  // namespace
}  // namespace m3sim::tlm_mem::testing
