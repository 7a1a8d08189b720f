// All that a run has measured, as plain data: what the report prints and the cost model weighs.
//
// Cycles are those of the accelerator's clock and intervals are half-open, [start, end).
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/config/memory_config.hpp"
#include "model/timing/accounting.hpp"
#include "model/timing/activity.hpp"

namespace m3sim {

/// The parts of the network, for shares of time and energy.
enum class Part {
  kOneTime,
  kPatchEmbed,
  kNorm,
  kQkv,
  kAttentionQk,
  kAttentionAv,
  kProjection,
  kMlp,
  kGate,
  kExperts,
  kResidual
};
inline constexpr std::size_t kPartCount = 11;
inline constexpr std::array<std::string_view, kPartCount> kPartNames{
    "one_time",   "patch_embed", "norm", "qkv",     "attention_qk", "attention_av",
    "projection", "mlp",         "gate", "experts", "residual"};

struct ProcessRecord {
  std::string name;
  std::int64_t iterations = 0;
  timing::CycleAccount account;  ///< sums to the kernel's cycles
  std::vector<Master> ports;     ///< through which it reaches memory; empty for a process without
};

struct StreamRecord {
  std::string name;
  int depth = 0, high_water = 0;
  std::int64_t items = 0;
  timing::Cycle writer_waited = 0, reader_waited = 0;
};

/// One run of one region: a step of the schedule.
struct KernelRecord {
  std::string name;    ///< "layer1.experts.3.fc1"
  std::string engine;  ///< "linear", "loader", "attention", ...
  Part part{};
  int step = 0;
  int layer = -1;
  int expert = -1;
  bool is_load = false;  ///< fills an on-chip buffer with weights
  timing::Cycle start = 0, end = 0;
  std::vector<ProcessRecord> processes;
  std::vector<StreamRecord> streams;
  timing::Activity activity;
  std::int64_t bytes_read = 0,
               bytes_written = 0;  ///< by kernels through their ports, in whole bus words
};

/// An expert's work in one layer of one image.
struct ExpertRecord {
  int layer = 0, expert = 0, tokens = 0;
  timing::Cycle load_cycles = 0;     ///< of both its matrices
  timing::Cycle exposed_cycles = 0;  ///< of those, in which no compute kernel ran
};

struct PortRecord {
  Master master{};
  std::int64_t bytes_read = 0, bytes_written = 0;  ///< of the kernel's words
  std::int64_t read_bursts = 0, write_bursts = 0;  ///< AXI transactions
  std::int64_t read_busy_cycles = 0,
               write_busy_cycles = 0;  ///< cycles in which a beat crossed the PS port
};

/// The memory controller's and devices' counts over an interval.
struct DramRecord {
  std::int64_t bytes_read = 0, bytes_written = 0;  ///< whole DRAM bursts
  std::int64_t reads = 0, writes = 0, row_hits = 0;
  std::int64_t activates = 0, precharges = 0, refreshes = 0;
  std::int64_t open_cycles = 0, cycles = 0;  ///< memory clocks: any bank open / all
  bool has_commands = false;  ///< false: a target without banks (memory.kind = simple)
  /// Femtojoules, by command and state.
  std::int64_t activate_fj = 0, read_fj = 0, write_fj = 0, refresh_fj = 0, background_fj = 0,
               io_fj = 0;
};

/// One image through one task.
struct TaskRecord {
  std::string task;
  int image = 0;
  timing::Cycle start = 0, end = 0;
  std::vector<KernelRecord> kernels;
  std::vector<ExpertRecord> experts;
  /// Tokens per expert: [MoE layer in order][expert].
  std::vector<std::vector<int>> queues;
  std::vector<PortRecord> ports;
  DramRecord dram;
};

struct SwitchRecord {
  std::string from, to;
  timing::Cycle extra_cycles = 0;
};

struct RunRecord {
  std::int64_t clock_hz = 0;
  std::vector<KernelRecord> one_time;  ///< weights loaded once, before the first image
  std::vector<TaskRecord> tasks;
  std::vector<SwitchRecord> switches;
  int macs_per_cycle = 0;  ///< of the linear unit's MAC array
};

}  // namespace m3sim
