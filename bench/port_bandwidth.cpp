// What sequential streams achieve of the DRAM's peak, and where the rest goes: clocks of the data
// bus by what they were used for or why they were idle. Every row adds up to 100 %.
//
//   port_bandwidth [--config FILE ...] [--set SECTION.KEY=VALUE ...]

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "model/config/config.hpp"
#include "tests/tlm/axi_driver.hpp"
#include "tlm/trace_replay.hpp"

namespace {

using namespace m3sim;
using namespace m3sim::tlm_mem;

constexpr std::uint32_t kStreamBytes = 1 << 20;
constexpr std::uint32_t kRequestBytes = 4096;
// Apart by a row of another bank, so that streams do not march through one bank in step.
constexpr std::uint64_t kStreamApart = (16 << 20) + 8192;

void print_row(const char* label, const DdrConfig& ddr, const DdrStats& stats) {
  const auto clocks = static_cast<double>(stats.data_end) * ddr.channels;
  const auto bytes = static_cast<double>(stats.reads + stats.writes) * ddr.burst_bytes();
  const double seconds = static_cast<double>(stats.data_end) / static_cast<double>(ddr.clock_hz);
  std::printf("%-34s %6.2f GB/s", label, bytes / seconds / 1e9);
  std::uint64_t sum = 0;
  for (const std::uint64_t use : stats.bus) {
    sum += use;
    std::printf(" %8.2f %%", 100 * static_cast<double>(use) / clocks);
  }
  std::printf(" %8.2f %%\n", 100 * static_cast<double>(sum) / clocks);
}

void controller_alone(const DdrConfig& ddr) {
  std::vector<TraceRequest> trace;
  const auto line = static_cast<std::uint32_t>(ddr.burst_bytes());
  for (std::uint32_t at = 0; at < kStreamBytes; at += line) {
    trace.push_back({0, at, line, Direction::kRead});
  }
  print_row("controller alone, one read stream", ddr, replay(ddr, trace, {}).stats);
}

/// One read stream, and with `writes` one write stream, at each of the first ports.
void through_ports(const AcceleratorConfig& accelerator, const char* label, int ports,
                   bool writes) {
  const std::uint64_t streams = static_cast<std::uint64_t>(ports) * 2;
  testing::Bench bench(memory_system_config(accelerator, streams * kStreamApart, false),
                       testing::Execution::kDecoupled);
  std::vector<testing::Reader*> readers;
  std::vector<testing::Writer*> writers;
  for (int port = 0; port < ports; ++port) {
    for (const bool write : {false, true}) {
      if (write && !writes) continue;
      std::vector<testing::Access> script;
      const std::uint64_t base =
          (static_cast<std::uint64_t>(port) * 2 + (write ? 1 : 0)) * kStreamApart;
      const auto words = kRequestBytes / static_cast<std::uint32_t>(accelerator.word.bytes());
      for (std::uint32_t at = 0; at < kStreamBytes; at += kRequestBytes) {
        script.push_back({0, base + at, words});
      }
      if (write) {
        writers.push_back(&bench.add_writer(port, std::move(script)));
      } else {
        readers.push_back(&bench.add_reader(port, std::move(script)));
      }
    }
  }
  if (!bench.run(50'000'000)) throw std::runtime_error("the streams did not end");
  Cycle end = 0;
  for (const auto* reader : readers) end = std::max(end, reader->arrivals.back());
  for (const auto* writer : writers) end = std::max(end, writer->responses.back());
  constexpr Cycle kDrain = 10'000;  // writes that are answered still wait in the queue
  print_row(label, accelerator.ddr, *bench.memory.ddr_stats(end + kDrain));
}

/// SystemC elaborates once per process.
template <class Work>
void in_child(Work work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    int code = 0;
    try {
      work();
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
      code = 1;
    }
    std::fflush(stdout);
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("port_bandwidth: a row failed");
}

void run(const std::vector<std::string>& arguments) {
  ConfigSources sources;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    (arguments[i] == "--config" ? sources.files : sources.assignments).push_back(arguments[i + 1]);
  }
  const AcceleratorConfig config = load_config(sources).values;
  const DdrConfig& ddr = config.ddr;
  const double peak = static_cast<double>(ddr.burst_bytes()) / ddr.burst_cycles() * ddr.channels *
                      static_cast<double>(ddr.clock_hz) / 1e9;
  std::printf("Peak %.2f GB/s. Shares of the data bus's clocks:\n", peak);
  std::printf("%-34s %11s", "sequential streams", "");
  for (const char* use :
       {"data", "port", "refresh", "turn", "tCCD_L", "row", "command", "sum"}) {
    std::printf(" %10s", use);
  }
  std::printf("\n");
  controller_alone(ddr);
  struct Row {
    const char* label;
    int ports;
    bool writes;
  };
  for (const Row& row : {Row{"one port, read", 1, false}, Row{"one port, read and write", 1, true},
                         Row{"five ports, read", 5, false},
                         Row{"five ports, read and write", 5, true}}) {
    in_child([&] { through_ports(config, row.label, row.ports, row.writes); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
