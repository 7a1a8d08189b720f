// Decoupled execution: processes run ahead on local cycle counts (timing contract, sections 7 and
// 8).
#pragma once
#include <algorithm>
#include <vector>

#include "model/timing/cycle.hpp"
#include "model/timing/process.hpp"

namespace m3sim::timing {

class DecoupledExecutor final : public ReadyList {
 public:
  /// `host` is woken when a process becomes ready outside run().
  explicit DecoupledExecutor(Sleeper* host = nullptr) : ReadyList(host) {}

  /// Runs every process until it needs what only the world outside can tell.
  void run() {
    running_ = true;
    while (Process* process = next()) {
      process->advance();
      if (process->pending() < kNever) note(*process);
    }
    running_ = false;
  }

  /// Whether any process waits with posted events.
  bool waits() {
    std::erase_if(waiting_, [](const Process* process) { return process->pending() == kNever; });
    return !waiting_.empty();
  }
  /// Nothing can run before `next_event`, the next cycle in which the world outside does anything:
  /// lets the earliest posted event of all waiting processes settle if it is not later. Returns its
  /// cycle; a process can run again if that is not later than next_event, else the world outside
  /// must call again by then. kNever: nothing is posted.
  Cycle settle_before(Cycle next_event) {
    Process* first = nullptr;
    Cycle earliest = kNever, second = kNever;
    if (!waits()) return kNever;
    for (Process* process : waiting_) {
      const Cycle pending = process->pending();
      if (pending < earliest) {
        second = earliest;
        earliest = pending;
        first = process;
      } else if (pending < second) {
        second = pending;
      }
    }
    if (first && earliest <= next_event) first->permit(std::min(second, next_event));
    return earliest;
  }

 private:
  void note(Process& process) {
    if (std::find(waiting_.begin(), waiting_.end(), &process) == waiting_.end())
      waiting_.push_back(&process);
  }
  std::vector<Process*> waiting_;  ///< for an input, with posted events; some may have gone on
};

}  // namespace m3sim::timing
