// A counted resource of a hop: queue slots, outstanding transactions, beats of a data FIFO.
#pragma once
#include <algorithm>

#include "model/timing/cycle.hpp"
#include "model/timing/ring.hpp"

namespace m3sim::tlm_mem {

using timing::Cycle;
using timing::kNever;

/// `capacity` units, taken in order of cycles. Units come back at cycles that are known ahead and never
/// fall; so the cycle in which a taker can have them is arithmetic, not an event.
class Credits {
 public:
  explicit Credits(int capacity) : capacity_(capacity), free_(capacity), known_(capacity) {}

  /// First cycle >= `at` in which `units` are free; kNever while the return of too few is known.
  Cycle available(int units, Cycle at) {
    if (known_ < units) return kNever;
    while (free_ < units) count_return();
    return std::max(at, ready_);
  }
  /// Takes units in cycle `at`, in which they are available; no later call has an earlier cycle.
  void take(int units, Cycle at) {
    while (!returns_.empty() && returns_.front().cycle <= at) count_return();
    free_ -= units;
    known_ -= units;
    peak_ = std::max(peak_, capacity_ - free_);
  }
  /// Units can be taken again from `cycle` on.
  [[gnu::always_inline]] void give(int units, Cycle cycle) {
    known_ += units;
    returns_.push({cycle, units});
  }

  int capacity() const { return capacity_; }
  /// Most units in use at once.
  int peak() const { return peak_; }

 private:
  struct Return {
    Cycle cycle = 0;
    int units = 0;
  };
  void count_return() {
    free_ += returns_.front().units;
    ready_ = returns_.front().cycle;
    returns_.pop();
  }
  int capacity_, free_;
  int known_;  ///< free now, or from a cycle that is known
  int peak_ = 0;
  Cycle ready_ = 0;
  timing::Ring<Return> returns_;
};

}  // namespace m3sim::tlm_mem
