// A region: stages of processes that run together (timing contract, section 5).
//
// A flat (dataflow) region is one stage, run once: all its processes start together. A repeated
// region runs its stages `iterations` times with ping-pong channels between them: iteration k of
// stage s starts when stage s-1 has finished k, stage s has finished k-1 (plus restart_cycles), and
// a bank of its output channel is free, that is, stage s+1 has finished k - banks. The processes of
// a stage start together; a stage ends with its last process. The region ends when its last process
// has ended and the last write response is in.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/timing/process.hpp"
#include "model/timing/stream.hpp"

namespace m3sim::timing {

class Region;

/// Told of each start before anything of the region starts (traces).
class RegionListener {
 public:
  virtual void on_start(Region& region, Cycle first) = 0;

 protected:
  ~RegionListener() = default;
};

class Region final : public Sleeper {
 public:
  /// Called once per run, as soon as the end is known: it may lie ahead of SystemC time.
  using OnEnd = std::function<void(Region&, Cycle end)>;

  Region(std::string name, Cycle restart_cycles)
      : name_(std::move(name)), restart_cycles_(restart_cycles) {}
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  // Building
  // -----------------------------------------------------------------------------------------------------
  Stream& add_stream(std::string name, int depth, int lanes, bool carries_values);
  /// Appends a stage; `banks` are those of the ping-pong channel to the next one. Returns its
  /// number.
  int add_stage(int banks = 2);
  /// Adds a process to a stage. `prepare(iteration)` loads its registers before each start and
  /// returns how often it runs its phases.
  Process& add_process(int stage, std::unique_ptr<Process> process,
                       std::function<int(int iteration)> prepare = {});
  /// A write channel whose responses the region waits for.
  void add_write_channel(WriteChannel& channel) { writes_.push_back(&channel); }

  // Running
  // ------------------------------------------------------------------------------------------------------
  /// With a list the processes run decoupled, without one they are stepped.
  void use(ReadyList* list);
  void on_end(OnEnd callback) { on_end_ = std::move(callback); }
  void listen(RegionListener* listener) { listener_ = listener; }
  /// The processes' first cycle is `first`.
  void start(Cycle first, int iterations = 1);
  /// Lockstep: one clock edge for every process that runs.
  void step(Cycle cycle);
  bool running() const { return running_; }
  bool stirs(Cycle cycle) const;
  /// A write response was published.
  void wake() override;

  // Looking
  // ------------------------------------------------------------------------------------------------------
  const std::string& name() const { return name_; }
  Cycle restart_cycles() const { return restart_cycles_; }
  int iterations() const { return iterations_; }
  std::size_t stages() const { return stages_.size(); }
  int banks(std::size_t stage) const { return stages_[stage].banks; }
  /// The stage of a process of this region.
  std::size_t stage_of(const Process& process) const;
  Cycle started() const { return started_; }
  Cycle ended() const { return ended_; }
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }
  const std::vector<std::unique_ptr<Stream>>& streams() const { return streams_; }
  /// Cycles by cause of process i over the last run: they sum to ended() - started().
  CycleAccount account(std::size_t process) const;

 private:
  struct Member {
    Process* process;
    std::function<int(int)> prepare;
  };
  struct Stage {
    int banks = 2;
    std::vector<Member> members;
    int started = 0, running = 0;  ///< iterations started; processes still in the current one
    Cycle end = 0;                 ///< of the current iteration so far
    std::vector<Cycle> ends;       ///< of finished iterations
  };
  void process_ended(int stage, Cycle end);
  void start_ready_stages();
  bool try_start(std::size_t s);
  void try_finish();

  std::string name_;
  Cycle restart_cycles_;
  std::vector<Stage> stages_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<WriteChannel*> writes_;
  ReadyList* list_ = nullptr;
  OnEnd on_end_;
  RegionListener* listener_ = nullptr;
  bool running_ = false, starting_ = false;
  int iterations_ = 0;
  Cycle started_ = 0, ended_ = 0;
};

}  // namespace m3sim::timing
