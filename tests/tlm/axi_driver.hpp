// Test processes at the channels of a memory system, without pipelines: they post what a script says.
#pragma once
#include <systemc>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tlm/memory_system.hpp"

namespace m3sim::tlm_mem::testing {

/// One request of a script: posted in `cycle`, or as soon after it as the queue allows.
struct Access {
  Cycle cycle = 0;
  std::uint64_t address = 0;
  std::uint32_t words = 1;
  std::uint32_t step = 1, depends_on = 0;
};

/// How the drivers run: ahead of SystemC time as far as they know, or one clock edge at a time.
enum class Execution { kDecoupled, kLockstep };

/// A process that does whatever it can with cycles up to a limit; woken, all that it can.
class Driver : public sc_core::sc_module, public timing::Sleeper {
 public:
  explicit Driver(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Driver);
    SC_METHOD(run_ahead);
    sensitive << wake_;
    dont_initialize();
  }
  virtual void run(Cycle limit) = 0;
  virtual bool done() const = 0;
  void wake() final {
    if (ahead_) wake_.notify(sc_core::SC_ZERO_TIME);
  }
  /// Run ahead of SystemC time from the start of the simulation on.
  void start_ahead() {
    ahead_ = true;
    wake();
  }

 private:
  void run_ahead() { run(kNever - 1); }
  bool ahead_ = false;
  sc_core::sc_event wake_;
};

/// Posts reads and takes every word `take_delay` cycles after it arrived, one a cycle.
class Reader final : public Driver {
 public:
  Reader(sc_core::sc_module_name name, timing::ReadChannel& channel, std::vector<Access> script, Cycle take_delay = 0)
      : Driver(name), channel_(channel), script_(std::move(script)), take_delay_(take_delay) {}

  void run(Cycle limit) override {
    for (bool moved = true; moved;) {
      moved = post(limit);
      moved = take(limit) || moved;
    }
    if (!done()) channel_.set_sleeper(this);
  }
  bool done() const override { return next_ == script_.size() && arrivals.size() == expected_; }

  std::vector<Cycle> posted, arrivals, lost;

 private:
  bool post(Cycle limit) {
    if (next_ == script_.size() || channel_.request_slot() == kNever) return false;
    const Access& access = script_[next_];
    const Cycle cycle = std::max(
        {access.cycle, channel_.request_slot(), posted.empty() ? 0 : posted.back() + 1});
    if (cycle > limit) return false;
    posted.push_back(cycle);
    expected_ += access.words;
    ++next_;
    channel_.post({cycle, access.address, access.words, 0, access.step, access.depends_on});
    return true;
  }
  bool take(Cycle limit) {
    const Cycle arrival = channel_.arrival();
    if (arrival == kNever) return false;
    const Cycle cycle = std::max(arrival + take_delay_, last_take_ + 1);
    if (cycle > limit) return false;
    arrivals.push_back(arrival);
    lost.push_back(channel_.lost());
    last_take_ = cycle;
    channel_.take(cycle);
    return true;
  }

  timing::ReadChannel& channel_;
  std::vector<Access> script_;
  Cycle take_delay_;
  std::size_t next_ = 0, expected_ = 0;
  Cycle last_take_ = -1;
};

/// Posts writes and puts their words, one a cycle from the request's cycle on. Byte k of the word at
/// address a is a hash of (a + k, step).
class Writer final : public Driver {
 public:
  Writer(sc_core::sc_module_name name, timing::WriteChannel& channel, std::vector<Access> script)
      : Driver(name), channel_(channel), script_(std::move(script)) {}

  static std::uint8_t value(std::uint64_t address, std::uint32_t step) {
    return static_cast<std::uint8_t>(((address * 0x9E3779B97F4A7C15u) >> 56) + step * 37);
  }
  void run(Cycle limit) override {
    for (bool moved = true; moved;) {
      moved = post(limit);
      moved = put(limit) || moved;
      while (channel_.response() <= limit) {
        responses.push_back(channel_.response());
        channel_.take_response();
        moved = true;
      }
    }
    if (!done()) channel_.set_sleeper(this);
  }
  bool done() const override { return responses.size() == script_.size(); }

  std::vector<Cycle> posted, responses, put_cycles;

 private:
  bool post(Cycle limit) {
    if (next_ == script_.size() || channel_.request_slot() == kNever) return false;
    const Access& access = script_[next_];
    const Cycle cycle = std::max(
        {access.cycle, channel_.request_slot(), posted.empty() ? 0 : posted.back() + 1});
    if (cycle > limit) return false;
    posted.push_back(cycle);
    ++next_;
    channel_.post({cycle, access.address, access.words, 0, access.step, 0});
    return true;
  }
  bool put(Cycle limit) {
    if (putting_ == next_ || channel_.data_slot() == kNever) return false;
    const Access& access = script_[putting_];
    const Cycle cycle = std::max({posted[putting_], channel_.data_slot(),
                                  put_cycles.empty() ? 0 : put_cycles.back() + 1});
    if (cycle > limit) return false;
    const auto bytes = static_cast<std::uint64_t>(channel_.word_bytes());
    if (std::uint8_t* word = channel_.push_value()) {
      for (std::uint64_t k = 0; k < bytes; ++k) {
        word[k] = value(access.address + word_ * bytes + k, access.step);
      }
    }
    put_cycles.push_back(cycle);
    channel_.put(cycle);
    if (++word_ == access.words) {
      word_ = 0;
      ++putting_;
    }
    return true;
  }

  timing::WriteChannel& channel_;
  std::vector<Access> script_;
  std::size_t next_ = 0, putting_ = 0;
  std::uint32_t word_ = 0;
};

/// Runs drivers on a memory system until all are done.
class Bench final : public sc_core::sc_module {
 public:
  Bench(const MemorySystemConfig& config, Execution execution,
        sc_core::sc_module_name name = "bench")
      : sc_module(name), memory("memory", config), execution_(execution) {
    SC_HAS_PROCESS(Bench);
    if (execution == Execution::kLockstep) {
      SC_METHOD(step);
      sensitive << tick_;
    }
  }
  Reader& add_reader(int master, std::vector<Access> script, Cycle take_delay = 0) {
    auto& channel = memory.open_read(master, label(), static_cast<int>(drivers_.size()));
    return add(std::make_unique<Reader>(label().c_str(), channel, std::move(script), take_delay));
  }
  Writer& add_writer(int master, std::vector<Access> script) {
    auto& channel = memory.open_write(master, label(), static_cast<int>(drivers_.size()));
    return add(std::make_unique<Writer>(label().c_str(), channel, std::move(script)));
  }
  /// False when traffic stood still before all drivers were done, or lasted longer than `cycles`.
  bool run(Cycle cycles = 1'000'000) {
    sc_core::sc_start(sc_core::sc_time::from_value(
        static_cast<sc_dt::uint64>(memory.clock().edge_ps(cycles))));
    memory.rethrow_failure();
    return std::all_of(drivers_.begin(), drivers_.end(),
                       [](const auto& driver) { return driver->done(); });
  }

  MemorySystem memory;

 private:
  template <class T>
  T& add(std::unique_ptr<T> driver) {
    T& result = *driver;
    drivers_.push_back(std::move(driver));
    if (execution_ == Execution::kDecoupled) result.start_ahead();
    return result;
  }
  void step() {
    bool all = true;
    for (auto& driver : drivers_) {
      driver->run(cycle_);
      all = all && driver->done();
    }
    const auto now = static_cast<std::int64_t>(sc_core::sc_time_stamp().value());
    ++cycle_;
    if (!all) {
      tick_.notify(sc_core::sc_time::from_value(
          static_cast<sc_dt::uint64>(memory.clock().edge_ps(cycle_) - now)));
    }
  }
  std::string label() const { return "driver" + std::to_string(drivers_.size()); }

  Execution execution_;
  Cycle cycle_ = 0;
  std::vector<std::unique_ptr<Driver>> drivers_;
  sc_core::sc_event tick_;
};

/// The published chain with the simple memory and a checker in every link.
inline MemorySystemConfig small_config() {
  MemorySystemConfig config;
  config.memory.kind = MemoryKind::kSimple;
  config.memory.simple_latency_cycles = 12;
  config.memory.simple_bytes_per_cycle = 64;
  config.ps.controller_port_bytes_per_cycle = 16;
  config.bytes = 1 << 20;
  config.check_protocol = true;
  return config;
}

}  // namespace m3sim::tlm_mem::testing
