// Watches a run and keeps what a trace shows of it.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/accelerator/run_record.hpp"
#include "model/accelerator/schedule.hpp"
#include "model/accelerator/trace_record.hpp"
#include "model/engines/engine.hpp"

namespace m3sim {

/// Attached to an accelerator by RunRequest::trace, it follows every region whose step lies in the
/// window; what lies outside costs next to nothing. Both executions give equal records.
class TraceRecorder final : private timing::RegionListener, public tlm_mem::MemoryTraceSink {
 public:
  /// `next`: where the DRAM's requests go as well; may be null.
  TraceRecorder(const TraceWindow& window, tlm_mem::MemoryTraceSink* next);
  ~TraceRecorder();

  // The accelerator's calls
  // ---------------------------------------------------------------------------------------------
  void attach(EngineContext& context, EngineRegion& region);
  /// The region started next does this step; `task` is -1 for the one-time loads.
  void begin(const Step& step, int task) { next_ = {&step, task}; }
  void end(const Step& step, const EngineRegion& region, const KernelRecord& kernel,
           const std::string& task, int tokens);
  void on_line(tlm_mem::Cycle memory_cycle, bool is_read, std::uint64_t address) override;

  /// The record, once the run has ended.
  TraceRecord take();

 private:
  struct Followed;                                                  // a region
  struct Fill;                                                      // of a stream
  struct Tap;                                                       // of a memory channel
  using Traffic = std::unordered_map<timing::Cycle, std::int64_t>;  // bytes by interval
  struct Next {
    const Step* step = nullptr;
    int task = -1;
  };

  void on_start(timing::Region& region, timing::Cycle first) override;
  Followed& follow(const timing::Region& region);
  void record(Followed& followed, bool on);
  bool in_window(const Next& next, timing::Cycle first) const;
  void tap(int process, const BoundPort& port);
  void count_words(int process, bool on);
  void use_bank(const BankUse& use);
  void name_apart(Followed& followed) const;
  void flush(Followed& followed, timing::Cycle end);
  std::vector<CounterPoint> points(const Traffic& traffic) const;

  TraceWindow window_;
  tlm_mem::MemoryTraceSink* next_sink_;
  EngineContext* context_ = nullptr;
  Next next_;
  std::vector<std::unique_ptr<Followed>> regions_;
  std::vector<std::unique_ptr<Tap>> taps_;
  std::vector<bool> counted_;  ///< by process number: its words are counted
  std::array<std::array<Traffic, 2>, kMasterCount> ports_;  ///< [master][writes]
  std::array<Traffic, 2> dram_;                             ///< [writes]
  int running_ = 0;  ///< recorded regions at work, in SystemC time
  bool counts_dram_ = false;
  TraceRecord record_;
};

}  // namespace m3sim
