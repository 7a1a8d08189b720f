// What the controller must do, in memory clocks, worked out by hand from the timings.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tlm/ddr_configs.hpp"
#include "tlm/ddr_controller.hpp"

namespace m3sim::tlm_mem {
namespace {

constexpr std::uint64_t kRowBytes = 128 * 64;
constexpr std::uint64_t kOtherRow = 16 * kRowBytes;  // robabgco: same bank, next row

/// A controller with its command stream and the arrival of each read by id.
class Bench {
 public:
  explicit Bench(const DdrConfig& config) : controller(config) {
    controller.record_commands(&commands);
  }
  Offer read(std::uint64_t address, Cycle now, std::uint8_t sectors = 3) {
    return controller.offer({next_id++, address, Direction::kRead, sectors}, now);
  }
  Offer write(std::uint64_t address, Cycle now, std::uint8_t sectors = 3) {
    return controller.offer({next_id++, address, Direction::kWrite, sectors}, now);
  }
  /// Runs dry; arrivals in order of read commands.
  std::vector<Cycle> arrivals() {
    while (!controller.idle()) controller.advance_to(controller.next_event());
    std::vector<Cycle> cycles;
    for (const DdrCompletion& done : controller.completions()) cycles.push_back(done.cycle);
    return cycles;
  }
  std::vector<std::string> issued() const {
    std::vector<std::string> texts;
    for (const DdrCommand& k : commands) {
      texts.push_back(std::to_string(k.cycle) + " " + mnemonic(k.op));
    }
    return texts;
  }

  DdrController controller;
  std::vector<DdrCommand> commands;
  std::uint64_t next_id = 0;
};

TEST(DdrController, ClosedBankIsOneClockThenActivateReadAndBurst) {
  Bench fast(ddr4_2400());
  fast.read(0, 0);
  EXPECT_THAT(fast.arrivals(), testing::ElementsAre(1 + 17 + 17 + 4));
  EXPECT_THAT(fast.issued(), testing::ElementsAre("1 ACT", "18 RD"));
  Bench board(zcu102());
  board.read(0, 0);
  EXPECT_THAT(board.arrivals(), testing::ElementsAre(1 + 16 + 15 + 4));
}

TEST(DdrController, RowHitAndConflictUnloaded) {
  Bench b(ddr4_2400());
  b.read(0, 0);
  b.read(64, 200);
  b.read(kOtherRow, 400);
  EXPECT_THAT(b.arrivals(), testing::ElementsAre(39, 200 + 1 + 17 + 4, 400 + 1 + 17 + 17 + 17 + 4));
}

TEST(DdrController, HitsOfOneGroupFollowAtTccdL) {
  Bench b(ddr4_2400());
  for (int i = 0; i < 4; ++i) b.read(static_cast<std::uint64_t>(i) * 64, i);
  EXPECT_THAT(b.arrivals(), testing::ElementsAre(39, 45, 51, 57));
}

TEST(DdrController, OpenRowIsKeptForAnOlderHitOnlyByFrfcfs) {
  // Row 0 is wanted twice more before row 1. Its hits wait for tCCD_L after each read; a precharge
  // is ready after tRTP already and, where it may, closes the row each time.
  for (const char* scheduler : {"frfcfs", "frfcfs-ready"}) {
    DdrConfig config = ddr4_2400();
    config.scheduler = scheduler;
    config.trtp = 3;
    config.tras = 20;
    config.trc = 37;
    Bench b(config);
    b.read(0, 0);
    b.read(64, 1);
    b.read(128, 2);
    b.read(kOtherRow, 3);
    b.arrivals();
    const bool keeps = config.scheduler == "frfcfs";
    EXPECT_EQ(b.controller.stats(1000).activates, keeps ? 2u : 4u) << scheduler;
  }
}

TEST(DdrController, TurnAroundReadToWriteAndBack) {
  Bench b(ddr4_2400());
  b.read(0, 0);
  b.write(64, 1);  // same row: drained as no read waits
  b.arrivals();
  b.read(128, 30);
  b.arrivals();
  // WR not before RD + CL + 4 - CWL + 2 = 18 + 11; RD not before WR + CWL + 4 + tWTR_L = 29 + 25.
  EXPECT_THAT(b.issued(), testing::ElementsAre("1 ACT", "18 RD", "29 WR", "54 RD"));
}

TEST(DdrController, ReadIsAnsweredFromAWaitingWriteThatCoversIt) {
  Bench b(ddr4_2400());
  b.read(kOtherRow, 0);  // a read waits, so the write is not drained at once
  EXPECT_EQ(b.write(0, 1, 0b01), Offer::kQueued);
  EXPECT_EQ(b.read(0, 2, 0b01), Offer::kForwarded);
  EXPECT_EQ(b.read(0, 3, 0b10), Offer::kRefused) << "the other half is only in the DRAM";
  EXPECT_EQ(b.write(0, 3, 0b10), Offer::kMerged);
  EXPECT_EQ(b.read(0, 4, 0b11), Offer::kForwarded);
  EXPECT_THAT(b.arrivals(), testing::UnorderedElementsAre(2 + 1, 4 + 1, 39));
  EXPECT_EQ(b.controller.stats(100).writes, 1u);
}

TEST(DdrController, WriteDoesNotOvertakeTheReadOfItsLine) {
  Bench b(ddr4_2400());
  b.read(0, 0);
  EXPECT_EQ(b.write(0, 1), Offer::kRefused);
  b.controller.advance_to(17);
  EXPECT_EQ(b.write(0, 17), Offer::kRefused);
  EXPECT_EQ(b.write(0, 18), Offer::kQueued) << "the read command issued in clock 18";
}

TEST(DdrController, FullQueueRefusesUntilAnActivateOrColumnFreesASlot) {
  DdrConfig config = ddr4_2400();
  config.read_queue = 2;
  Bench b(config);
  EXPECT_EQ(b.read(0, 0), Offer::kQueued);
  EXPECT_EQ(b.read(64, 0), Offer::kQueued);
  EXPECT_EQ(b.read(128, 0), Offer::kRefused);
  EXPECT_EQ(b.controller.next_event(), 1);
  EXPECT_EQ(b.read(128, 1), Offer::kQueued) << "the first request is active";
  EXPECT_EQ(b.read(192, 2), Offer::kRefused);
}

TEST(DdrController, WritesDrainFromHighToLowWatermark) {
  DdrConfig config = ddr4_2400();
  config.write_high_watermark = 8;
  config.write_low_watermark = 2;
  Bench b(config);
  b.read(0, 0);
  Cycle now = 1;
  for (std::uint64_t i = 0; i < 10; ++i) b.write((i + 1) * 64, now++);
  for (std::uint64_t i = 0; i < 20; ++i) b.read((i + 20) * 64, now++);
  b.arrivals();
  std::string order;
  for (const DdrCommand& k : b.commands) {
    if (is_column(k.op)) order += is_read(k.op) ? 'R' : 'W';
  }
  // The first read is active and goes first; 10 writes have passed the high mark: 8 of them go,
  // then reads until none waits, then the rest.
  EXPECT_EQ(order, "R" + std::string(8, 'W') + std::string(20, 'R') + "WW");
}

TEST(DdrController, RefreshIsMadeUpForWhenNobodyAsks) {
  Bench b(ddr4_2400());
  b.read(0, 0);
  b.arrivals();
  EXPECT_EQ(b.controller.next_event(), kNever);
  b.controller.advance_to(3 * 9360);
  EXPECT_THAT(b.issued(), testing::ElementsAre("1 ACT", "18 RD", "9360 PREA", "9377 REF",
                                               "18720 REF", "28080 REF"));
  EXPECT_EQ(b.controller.stats(30000).open_cycles, 9360 - 1);
}

TEST(DdrController, RefreshHoldsRequestsForTrfc) {
  Bench b(ddr4_2400());
  b.read(0, 9360);
  EXPECT_THAT(b.arrivals(), testing::ElementsAre(9360 + 420 + 17 + 17 + 4));
}

TEST(DdrController, ClosedPageClosesWithTheLastWaitingHit) {
  DdrConfig config = ddr4_2400();
  config.page_policy = PagePolicy::kClosed;
  Bench b(config);
  b.read(0, 0);
  b.read(64, 1);
  b.arrivals();
  EXPECT_THAT(b.issued(), testing::ElementsAre("1 ACT", "18 RD", "24 RDA"));
  EXPECT_EQ(b.controller.stats(100).open_cycles, 39) << "tRAS from the activate in clock 1";
}

TEST(DdrController, HalfRateIssuesInEvenClocksOnly) {
  DdrConfig config = ddr4_2400();
  config.half_rate_commands = true;
  Bench b(config);
  b.read(0, 0);
  b.arrivals();
  EXPECT_THAT(b.issued(), testing::ElementsAre("2 ACT", "20 RD"));
}

TEST(DdrController, ChannelsWorkSideBySide) {
  DdrConfig config = ddr4_2400();
  config.channels = 2;
  config.address_map = {{AddressField::kRow, AddressField::kBank, AddressField::kBankGroup,
                         AddressField::kColumn, AddressField::kChannel}};
  Bench b(config);
  b.read(0, 0);
  b.read(64, 1);
  EXPECT_THAT(b.arrivals(), testing::ElementsAre(39, 40));
}

TEST(DdrController, BusCyclesAddUpToTheEndOfTheLastBurst) {
  Bench b(zcu102());
  std::uint64_t address = 0;
  for (Cycle now = 0; now < 20000; ++now) {
    const bool write = now % 7 == 0;
    if ((write ? b.write(address, now) : b.read(address, now)) != Offer::kRefused) {
      address = (address * 5 + 64 * 37) % (1 << 22) / 64 * 64;
    }
  }
  b.arrivals();
  const DdrStats stats = b.controller.stats(0);
  std::uint64_t sum = 0;
  for (std::uint64_t cycles : stats.bus) sum += cycles;
  EXPECT_EQ(sum, static_cast<std::uint64_t>(stats.data_end));
  EXPECT_GT(stats.bus[static_cast<std::size_t>(BusUse::kTurnAround)], 0u);
}

TEST(DdrAddressDecoder, DecodesAndEncodesAnyPermutation) {
  DdrConfig config = ddr4_2400();
  config.ranks = 2;
  config.channels = 4;
  config.address_map = {{AddressField::kRow, AddressField::kRank, AddressField::kBank,
                         AddressField::kChannel, AddressField::kColumn, AddressField::kBankGroup}};
  const DdrAddressDecoder decoder(config);
  EXPECT_EQ(decoder.capacity_bytes(), std::uint64_t{64} << 30);
  // Bank group 2 bits, column 7, channel 2, bank 2, rank 1, row 16 above the 6 bits of a line.
  const DdrLocation at{3, 1, 2, 1, 0x1234, 0x55};
  const std::uint64_t line = 2 | 0x55 << 2 | 3 << 9 | 1 << 11 | 1 << 13 | 0x1234 << 14;
  EXPECT_EQ(decoder.encode(at), line * 64);
  EXPECT_EQ(decoder.decode(line * 64 + 63), at);
}

}  // namespace
}  // namespace m3sim::tlm_mem
