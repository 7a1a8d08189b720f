// The event-driven controller issues what its clock-by-clock twin issues, clock for clock, on
// random traces, and no DRAM rule is broken.

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/tlm/ddr_configs.hpp"
#include "tests/tlm/ddr_twin.hpp"
#include "tlm/ddr_address.hpp"
#include "tlm/ddr_checker.hpp"
#include "tlm/trace_replay.hpp"

namespace m3sim::tlm_mem {
namespace {

struct Case {
  const char* name;
  std::function<void(DdrConfig&)> change;
};

using enum AddressField;

const Case kCases[] = {
    {"as_referenced", [](DdrConfig&) {}},
    {"zcu102", [](DdrConfig& c) { c = zcu102(); }},
    {"bank_groups_lowest",
     [](DdrConfig& c) {
       c.address_map = {{kRow, kBank, kColumn, kBankGroup}};
     }},
    {"frfcfs_ready", [](DdrConfig& c) { c.scheduler = "frfcfs-ready"; }},
    {"fcfs", [](DdrConfig& c) { c.scheduler = "fcfs"; }},
    {"closed_page", [](DdrConfig& c) { c.page_policy = PagePolicy::kClosed; }},
    {"no_refresh", [](DdrConfig& c) { c.refresh = "none"; }},
    {"often_refreshed", [](DdrConfig& c) { c.trefi = 700; }},
    {"half_rate", [](DdrConfig& c) { c.half_rate_commands = true; }},
    {"half_rate_closed_often_refreshed",
     [](DdrConfig& c) {
       c.half_rate_commands = true;
       c.page_policy = PagePolicy::kClosed;
       c.trefi = 701;
     }},
    {"small_queues",
     [](DdrConfig& c) {
       c.read_queue = c.write_queue = 4;
       c.write_high_watermark = 3;
       c.write_low_watermark = 1;
     }},
    {"queues_of_one",
     [](DdrConfig& c) {
       c.read_queue = c.write_queue = c.write_high_watermark = 1;
       c.write_low_watermark = 0;
     }},
    {"two_ranks",
     [](DdrConfig& c) {
       c.ranks = 2;
       c.trefi = 2000;
       c.address_map = {{kRow, kRank, kBank, kColumn, kBankGroup}};
     }},
    {"four_ranks_closed",
     [](DdrConfig& c) {
       c.ranks = 4;
       c.page_policy = PagePolicy::kClosed;
       c.address_map = {{kRow, kBank, kBankGroup, kColumn, kRank}};
     }},
    {"two_channels",
     [](DdrConfig& c) {
       c.channels = 2;
       c.address_map = {{kRow, kBank, kColumn, kChannel, kBankGroup}};
     }},
    {"no_bank_groups_burst_16",
     [](DdrConfig& c) {
       c.bank_groups = 1;
       c.banks = 8;
       c.burst_length = 16;
       c.bus_width = 32;
       c.device_width = 16;
       c.tccd_s = c.tccd_l = 8;
     }},
};

void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

/// Requests that gather in a few rows and banks, in bursts and pauses, with repeated lines.
std::vector<TraceRequest> random_trace(const DdrConfig& config, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<std::uint64_t>(random() % n); };
  const DdrAddressDecoder addresses(config);
  const auto line = static_cast<std::uint64_t>(addresses.line_bytes());
  const std::uint64_t write_share = below(5), burstiness = 1 + below(40);
  std::vector<TraceRequest> trace;
  std::int64_t time = 0;
  std::uint64_t at = 0;
  for (int i = 0; i < 400; ++i) {
    if (below(4) == 0) {
      DdrLocation to;
      to.channel = static_cast<int>(below(static_cast<unsigned>(config.channels)));
      to.rank = static_cast<int>(below(static_cast<unsigned>(config.ranks)));
      to.bank_group = static_cast<int>(below(static_cast<unsigned>(config.bank_groups)));
      to.bank = static_cast<int>(below(2));
      to.row = static_cast<std::int32_t>(below(3));
      to.column = static_cast<std::int32_t>(below(32));
      at = addresses.encode(to);
    } else if (below(8) != 0) {
      at += line;
    }
    if (below(static_cast<unsigned>(burstiness)) == 0) {
      time += static_cast<std::int64_t>(below(10) == 0 ? below(20000) : below(120));
    }
    TraceRequest r{time, at, static_cast<std::uint32_t>(line),
                   below(4) < write_share ? Direction::kWrite : Direction::kRead};
    if (below(6) == 0) r.bytes = 32;
    trace.push_back(r);
  }
  return trace;
}

TwinReplay run_controller(const DdrConfig& config, const std::vector<TraceRequest>& trace,
                          int window) {
  std::vector<DdrCommand> commands;
  ReplayOptions options;
  options.window = window;
  options.commands = &commands;
  const ReplayResult result = replay(config, trace, options);
  TwinReplay out;
  for (const DdrCommand& k : commands) {
    if (k.cycle <= result.total_cycles) out.commands[k.at.channel].push_back(k);
  }
  out.total = result.total_cycles;
  out.reads = result.latency.count();
  out.latencies = static_cast<Cycle>(result.latency.mean() * static_cast<double>(out.reads) + 0.5);
  return out;
}

std::string text(const DdrCommand& k) {
  std::string s = std::to_string(k.cycle) + " " + mnemonic(k.op);
  for (int part : {k.at.rank, k.at.bank_group, k.at.bank, k.at.row, k.at.column}) {
    s += " " + std::to_string(part);
  }
  return s;
}

class DdrTwinTest : public testing::TestWithParam<Case> {};

TEST_P(DdrTwinTest, SameCommandsClockForClock) {
  DdrConfig config = ddr4_2400();
  GetParam().change(config);
  for (unsigned seed = 1; seed <= 24; ++seed) {
    const int window = seed % 3 == 0 ? 0 : seed % 3 == 1 ? 16 : 2;
    SCOPED_TRACE("seed " + std::to_string(seed) + ", window " + std::to_string(window));
    const std::vector<TraceRequest> trace = random_trace(config, seed);
    TwinReplay twin = replay_with_twins(config, trace, window);
    TwinReplay event = run_controller(config, trace, window);
    for (int c = 0; c < config.channels; ++c) {
      const auto& expected = twin.commands[c];
      const auto& issued = event.commands[c];
      for (std::size_t i = 0; i < std::min(expected.size(), issued.size()); ++i) {
        ASSERT_EQ(text(issued[i]), text(expected[i])) << "command " << i << " of channel " << c;
      }
      ASSERT_EQ(issued.size(), expected.size());
      DdrChecker checker(config);
      for (const DdrCommand& k : issued) checker.check(k);
      checker.finish(event.total);
      for (const DdrViolation& v : checker.violations()) ADD_FAILURE() << v.text;
    }
    ASSERT_EQ(event.total, twin.total);
    ASSERT_EQ(event.reads, twin.reads);
    ASSERT_EQ(event.latencies, twin.latencies);
  }
}

INSTANTIATE_TEST_SUITE_P(Configurations, DdrTwinTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace m3sim::tlm_mem
