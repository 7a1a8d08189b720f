// Random traffic through random chains: every word arrives once, in order and with the right bytes, and
// both executions give the same cycles. Each run is a process of its own (one elaboration per process).
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <sstream>

#include "tests/tlm/axi_driver.hpp"

namespace m3sim::tlm_mem::testing {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int operator()(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<unsigned>(high - low + 1));
  }

 private:
  std::mt19937 engine_;
};

MemorySystemConfig random_config(Random& random) {
  MemorySystemConfig config = small_config();
  config.port.outstanding_reads = random(1, 16);
  config.port.outstanding_writes = random(1, 16);
  config.port.max_burst_beats = 1 << random(0, 4);
  config.port.request_queue = random(1, 20);
  config.port.read_buffer_beats = random(16, 256);
  config.port.write_buffer_beats = random(16, 64);
  config.ps.width_bits = 64 << random(0, 2);
  config.ps.max_burst_beats = 1 << random(0, 4);
  config.ps.command_queue = random(1, 8);
  config.ps.data_fifo_beats = random(16, 128);
  config.ps.smartconnect_queue = random(1, 8);
  config.ps.smartconnect_request_cycles = random(0, 6);
  config.ps.smartconnect_response_cycles = random(0, 6);
  config.ps.hp_request_cycles = random(0, 20);
  config.ps.hp_response_cycles = random(0, 20);
  config.ps.controller_port_bytes_per_cycle = random(5, 70);
  config.memory.simple_bytes_per_cycle = random(7, 150);
  config.memory.simple_latency_cycles = random(0, 30);
  if (random(0, 1) == 1) config.memory.kind = MemoryKind::kDdr;
  config.crossing_cycles = random(0, 3);
  config.ddr.read_queue = random(1, 32);
  return config;
}

// Reads go to the lower half of the memory, which nobody writes; every writer has a region of its own.
std::vector<Access> random_script(Random& random, std::uint64_t base) {
  std::vector<Access> script;
  Cycle cycle = random(0, 100);
  for (int i = random(1, 30); i > 0; --i) {
    cycle += random(0, 3) == 0 ? random(0, 200) : random(0, 3);
    const auto words = static_cast<std::uint32_t>(random(0, 2) == 0 ? random(1, 60) : 1);
    const auto address = base + 32u * static_cast<std::uint64_t>(random(0, 900));
    script.push_back({cycle, address, words, static_cast<std::uint32_t>(random(1, 9)), 0});
  }
  return script;
}

struct Job {
  MemorySystemConfig config;
  struct Process {
    int master;
    bool writes;
    Cycle take_delay;
    std::vector<Access> script;
  };
  std::vector<Process> processes;
};

Job random_job(unsigned seed) {
  Random random(seed);
  Job job{random_config(random), {}};
  const int count = random(1, 10);
  for (int i = 0; i < count; ++i) {
    const bool writes = random(0, 1) == 1;
    const std::uint64_t base = writes ? (1u << 19) + 0xc000u * static_cast<unsigned>(i) : 0;
    job.processes.push_back({random(0, 4), writes, random(0, 3), random_script(random, base)});
  }
  return job;
}

// Runs a job and prints every cycle of every process; empty if something was wrong (and says what).
std::string run_job(const Job& job, Execution execution) {
  Bench bench(job.config, execution);
  auto& store = bench.memory.store();
  for (std::size_t i = 0; i < store.size() / 2; ++i) store.data()[i] = Writer::value(i, 0);
  std::uint64_t wrong = 0;
  for (const auto& checker : bench.memory.checkers()) {
    checker->observe([&wrong](const Payload& payload) {
      if (payload.is_write()) return;
      for (unsigned k = 0; k < payload.get_data_length(); ++k) {
        wrong += payload.get_data_ptr()[k] != Writer::value(payload.get_address() + k, 0);
      }
    });
  }
  std::vector<Reader*> readers;
  std::vector<Writer*> writers;
  for (const auto& process : job.processes) {
    if (process.writes) {
      writers.push_back(&bench.add_writer(process.master, process.script));
    } else {
      readers.push_back(&bench.add_reader(process.master, process.script, process.take_delay));
    }
  }
  std::ostringstream text;
  if (!bench.run(200'000)) return "error: not all words arrived";
  if (wrong > 0) return "error: wrong bytes were read";
  if (!bench.memory.idle()) return "error: the memory system is not idle";
  for (const Reader* reader : readers) {
    for (std::size_t i = 0; i < reader->arrivals.size(); ++i) {
      text << reader->arrivals[i] << '/' << reader->lost[i] << ' ';
    }
    text << '\n';
  }
  for (const Writer* writer : writers) {
    for (const Cycle cycle : writer->responses) text << cycle << ' ';
    for (const Cycle cycle : writer->put_cycles) text << cycle << ' ';
    text << '\n';
  }
  std::uint64_t digest = 0;
  for (std::size_t i = 0; i < store.size(); ++i) digest = digest * 31 + store.data()[i];
  for (const auto& process : job.processes) {  // the last write to a word is the script's last
    if (!process.writes) continue;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> last;
    for (const Access& access : process.script) {
      for (std::uint32_t w = 0; w < access.words; ++w) {
        last.emplace_back(access.address + 32u * w, access.step);
      }
    }
    for (std::size_t i = last.size(); i-- > 0;) {
      const auto [address, step] = last[i];
      const bool later = std::any_of(last.begin() + static_cast<std::ptrdiff_t>(i) + 1, last.end(),
                                     [a = address](const auto& entry) { return entry.first == a; });
      if (later) continue;
      if (store.tag(address) != step) return "error: wrong tag";
      if (store.data()[address + 7] != Writer::value(address + 7, step)) {
        return "error: wrong bytes were written";
      }
    }
  }
  text << digest << '\n';
  return text.str();
}

// What `work` returns or throws, from a child process.
template <class Work>
std::string in_child(Work work) {
  int ends[2];
  if (pipe(ends) != 0) return "error: pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string text;
    try {
      text = work();
    } catch (const std::exception& error) {
      text = std::string("error: ") + error.what();
    }
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t n = write(ends[1], text.data() + sent, text.size() - sent);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    close(ends[1]);
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char part[4096];
  for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

TEST(AxiRandom, BothExecutionsAgreeAndNoWordIsLost) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    const Job job = random_job(seed);
    const std::string ahead = in_child([&] { return run_job(job, Execution::kDecoupled); });
    const std::string stepped = in_child([&] { return run_job(job, Execution::kLockstep); });
    ASSERT_NE(ahead.substr(0, 6), "error:") << "seed " << seed << ": " << ahead;
    ASSERT_FALSE(ahead.empty()) << "seed " << seed << ": the run died";
    ASSERT_EQ(ahead, stepped) << "seed " << seed;
  }
}

// Ports that share lines: reads of what another port is about to write, half lines, small queues.
Job shared_lines_job(unsigned seed) {
  Random random(seed);
  Job job{random_config(random), {}};
  job.config.memory.kind = MemoryKind::kDdr;
  job.config.data = false;
  job.config.ddr.read_queue = random(1, 6);
  job.config.ddr.write_queue = 32;
  job.config.ddr.write_high_watermark = random(8, 32);
  job.config.ddr.write_low_watermark = random(0, 6);
  for (int i = random(2, 10); i > 0; --i) {
    std::vector<Access> script;
    for (int k = random(1, 80); k > 0; --k) {
      const auto words = static_cast<std::uint32_t>(random(0, 3) == 0 ? random(1, 20) : 1);
      script.push_back({random(0, 400), 32u * static_cast<std::uint64_t>(random(0, 40)), words, 1, 0});
    }
    std::sort(script.begin(), script.end(),
              [](const Access& a, const Access& b) { return a.cycle < b.cycle; });
    job.processes.push_back({random(0, 4), random(0, 1) == 1, random(0, 3), std::move(script)});
  }
  return job;
}

// The cycles, what was lost to others, and what the DRAM did.
std::string cycles_of(const Job& job) {
  Bench bench(job.config, Execution::kDecoupled);
  std::vector<Reader*> readers;
  std::vector<Writer*> writers;
  for (const auto& process : job.processes) {
    if (process.writes) {
      writers.push_back(&bench.add_writer(process.master, process.script));
    } else {
      readers.push_back(&bench.add_reader(process.master, process.script, process.take_delay));
    }
  }
  if (!bench.run(200'000)) return "error: not all words arrived";
  std::ostringstream text;
  for (const Reader* reader : readers) {
    for (const Cycle arrival : reader->arrivals) text << arrival << ' ';
    for (const Cycle lost : reader->lost) text << lost << ' ';
  }
  for (const Writer* writer : writers) {
    for (const Cycle cycle : writer->responses) text << cycle << ' ';
  }
  const auto stats = bench.memory.ddr_stats(200'000);
  text << stats->forwarded << ' ' << stats->merged << ' ' << stats->activates;
  return text.str();
}

TEST(DdrTarget, ActsForManyClocksAtOnceAsIfInEveryClock) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    Job job = seed % 3 == 0 ? random_job(seed) : shared_lines_job(seed);
    job.config.memory.kind = MemoryKind::kDdr;
    if (seed % 4 == 0) {
      job.config.ddr.channels = 2;
      job.config.ddr.address_map = {{AddressField::kRow, AddressField::kBank, AddressField::kColumn,
                                     AddressField::kChannel, AddressField::kBankGroup}};
    }
    const std::string batched = in_child([&] { return cycles_of(job); });
    job.config.every_clock = true;
    const std::string stepped = in_child([&] { return cycles_of(job); });
    ASSERT_NE(batched.substr(0, 6), "error:") << "seed " << seed << ": " << batched;
    ASSERT_FALSE(batched.empty()) << "seed " << seed << ": the run died";
    ASSERT_EQ(batched, stepped) << "seed " << seed;
  }
}

}  // namespace
}  // namespace m3sim::tlm_mem::testing
