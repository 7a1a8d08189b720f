// A process: a sequence of phases over one shared state (timing contract, section 4).
//
// Each phase is one pipeline, or several that run in parallel and are joined. A phase starts when
// the previous one's last iteration has retired, plus `phase_gap`. A process may run its phases
// `repeats` times (per token).
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/timing/accounting.hpp"
#include "model/timing/cause_log.hpp"
#include "model/timing/cycle.hpp"
#include "model/timing/memory_channel.hpp"

namespace m3sim::timing {

class Process;
class Stream;

/// What a blocked pipeline waits for.
struct Wait {
  enum class Kind {
    kNothing,
    kInput,
    kOutput,
    kReadRequest,
    kReadData,
    kWriteRequest,
    kWriteData,
    kWriteResponse
  };
  Kind kind = Kind::kNothing;
  const Stream* stream = nullptr;
  const MemoryChannel* channel = nullptr;
  Cycle since = 0;
};

inline constexpr std::size_t kMostPorts = 4;  ///< of a kind, of one loop

/// What one firing does, by port number.
struct Firing {
  std::array<bool, kMostPorts> reads{}, writes{};  ///< streams
  std::array<int, kMostPorts> request_words{};     ///< asked of a memory read port
  std::array<bool, kMostPorts> takes{};            ///< the next word of a memory read port
  std::array<int, kMostPorts> announce_words{};    ///< announced to a memory write port
  std::array<bool, kMostPorts> puts{};             ///< the next word to a memory write port
};

struct LoopTiming;
/// A loop and what it is connected to; null where it has no such port.
struct LoopPorts {
  const LoopTiming* timing = nullptr;
  std::array<const Stream*, kMostPorts> inputs{}, outputs{};
  std::array<const ReadChannel*, kMostPorts> reads{};
  std::array<const WriteChannel*, kMostPorts> writes{};
};

class PipelineBase;
/// Told of each start of a loop and of each firing, in order (recordings).
class LoopObserver {
 public:
  virtual void on_start(const PipelineBase& loop) = 0;
  virtual void on_firing(const PipelineBase& loop, const Firing& firing) = 0;

 protected:
  ~LoopObserver() = default;
};

/// One flattened, pipelined loop in flight: Pipeline<Actor> (pipeline.hpp), or its RTL.
class PipelineBase {
 public:
  virtual ~PipelineBase() = default;
  /// First cycle of the loop. The actor has been loaded.
  virtual void start(Cycle first, Process& owner) = 0;
  /// Decoupled: runs ahead until finished (true) or until it needs what is not known yet (false).
  virtual bool advance() = 0;
  /// Lockstep: one clock edge. True when the loop's last cycle was `cycle` or earlier.
  virtual bool step(Cycle cycle) = 0;
  /// Lockstep: whether a later edge may change the state without anything from outside.
  virtual bool stirs(Cycle cycle) const = 0;

  /// First cycle after the loop; valid once finished.
  Cycle end() const { return end_; }
  /// While blocked on an input: the cycle of the earliest posted event, kNever if none may settle.
  Cycle pending() const { return pending_; }
  /// Posted events up to `horizon` may settle: no input can be written before it.
  void permit(Cycle horizon) { permitted_until_ = horizon; }
  /// Of a loop that cannot go on: what it waits for, and since when it has been held or short of an
  /// input. The same in both executions once nothing can proceed.
  virtual Wait blocked() const = 0;
  virtual bool reads_from(const Stream& stream) const = 0;
  virtual bool writes_to(const Stream& stream) const = 0;
  /// As bound at present.
  virtual LoopPorts ports() const { return {}; }
  /// From the next start on; null ends it.
  void observe(LoopObserver* observer) { observer_ = observer; }
  const CycleAccount& account() const { return account_; }
  /// Last cycle in which anything moved.
  Cycle last_move() const { return last_move_; }
  /// Iterations issued since construction.
  std::int64_t iterations() const { return iterations_; }
  /// From the next start on, keeps a log of its cycles (null: none, which costs nothing).
  void keep_log(std::unique_ptr<PipelineLog> log) { log_ = std::move(log); }
  const PipelineLog* log() const { return log_.get(); }

 protected:
  Cycle end_ = 0, pending_ = kNever, last_move_ = 0, permitted_until_ = -1;
  CycleAccount account_;
  std::int64_t iterations_ = 0;
  std::unique_ptr<PipelineLog> log_;
  LoopObserver* observer_ = nullptr;
};

/// Where processes that can run wait for the host (decoupled execution): the youngest goes first.
class ReadyList {
 public:
  /// `host` is woken when a process becomes ready while none runs.
  explicit ReadyList(Sleeper* host) : host_(host) {}
  inline void ready(Process& process);

 protected:
  /// Takes the next one out; null if none is left.
  inline Process* next();
  bool running_ = false;

 private:
  Sleeper* host_;
  Process* first_ = nullptr;
};

class Process final : public Sleeper {
 public:
  /// Called when the last phase has ended; `end` is the first cycle after it.
  using OnEnd = std::function<void(Process&, Cycle end)>;
  /// Loads the registers of a phase's actors before it starts; `repeat` counts from 0.
  using Prepare = std::function<void(int repeat)>;

  Process(std::string name, int number, Cycle phase_gap)
      : name_(std::move(name)), number_(number), phase_gap_(phase_gap) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return name_; }
  /// Number within the accelerator: arbitration key and order of reports.
  int number() const { return number_; }

  void add_phase(std::unique_ptr<PipelineBase> pipeline, Prepare prepare = {});
  /// Adds a pipeline that runs beside the last phase's; they must not write the same state.
  void add_parallel(std::unique_ptr<PipelineBase> pipeline, Prepare prepare = {});

  void on_end(OnEnd callback) { on_end_ = std::move(callback); }
  /// With a list the process runs decoupled, without one it is stepped.
  void use(ReadyList* list) { list_ = list; }
  /// Starts the phases at `first`, `repeats` times over.
  void start(Cycle first, int repeats = 1);
  /// Decoupled: runs until blocked or ended.
  void advance();
  /// Lockstep: one clock edge, at most once for each.
  void step(Cycle cycle);
  bool wants_step(Cycle cycle) const {
    return running_ && cycle >= phase_start_ && stepped_ != cycle;
  }
  bool stirs(Cycle cycle) const;
  bool running() const { return running_; }

  /// Earliest posted event of the blocked pipelines (kNever if none).
  Cycle pending() const {
    if (!running_) return kNever;
    return single_ ? single_->pending() : first_pending();
  }
  /// Lets posted events up to `horizon` settle and makes the process ready.
  void permit(Cycle horizon);

  void wake() override {
    if (list_ && running_ && !queued_) list_->ready(*this);
  }

  /// Cycles by cause since the last reset, over the cycles in which the process ran.
  const CycleAccount& account() const { return account_; }
  /// Forgets the account and the iterations of earlier runs.
  void begin_run() {
    account_ = {};
    iterations_before_ += iterations();
  }
  /// Iterations issued in this run.
  std::int64_t iterations() const { return total_iterations() - iterations_before_; }
  Cycle last_move() const;
  /// From the next start on, adds its cycles to `buckets` as its phases end; null ends that.
  void trace(CauseBuckets* buckets, const TraceScale& scale);
  /// Calls f(PipelineBase&) for the pipelines in the order in which they were added.
  template <class F>
  void for_pipelines(F&& f) {
    for (Phase& phase : phases_)
      for (Member& member : phase.members) f(*member.pipeline);
  }
  /// Calls f(phase, PipelineBase&) in the same order; those of a phase run in parallel.
  template <class F>
  void for_loops(F&& f) const {
    for (std::size_t phase = 0; phase < phases_.size(); ++phase)
      for (const Member& member : phases_[phase].members) f(phase, *member.pipeline);
  }
  Cycle phase_gap() const { return phase_gap_; }
  /// What each unfinished pipeline of the current phase waits for (PipelineBase::blocked).
  std::vector<Wait> waits() const;
  bool reads_from(const Stream& stream) const;
  bool writes_to(const Stream& stream) const;

 private:
  friend ReadyList;
  std::int64_t total_iterations() const;
  struct Member {
    std::unique_ptr<PipelineBase> pipeline;
    Prepare prepare;
    bool finished = false;
    CycleAccount before;  // of the pipeline, when the phase started
  };
  struct Phase {
    std::vector<Member> members;
  };
  void start_phase(Cycle first);
  Cycle first_pending() const;
  void finish_phase();

  std::string name_;
  int number_;
  Cycle phase_gap_;
  std::vector<Phase> phases_;
  std::size_t phase_ = 0;
  int repeat_ = 0, repeats_ = 0;
  Cycle phase_start_ = 0, stepped_ = -1;
  bool running_ = false;
  ReadyList* list_ = nullptr;
  bool queued_ = false;              ///< it stands in the list,
  Process* next_ready_ = nullptr;    ///< before this one
  PipelineBase* single_ = nullptr;   ///< the current phase's pipeline, where it has but one
  OnEnd on_end_;
  CycleAccount account_;
  std::int64_t iterations_before_ = 0;
  CauseBuckets* trace_ = nullptr;
};

void ReadyList::ready(Process& process) {
  process.queued_ = true;
  process.next_ready_ = first_;
  first_ = &process;
  if (host_ && !running_) host_->wake();
}

Process* ReadyList::next() {
  Process* process = first_;
  if (!process) return nullptr;
  first_ = process->next_ready_;
  process->queued_ = false;
  return process;
}

}  // namespace m3sim::timing
