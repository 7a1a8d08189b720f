// The cycles at which a port's posted events are due, in order. They mostly follow one another at the
// loop's interval, so that they are kept as runs.
#pragma once
#include <algorithm>

#include "model/timing/cycle.hpp"
#include "model/timing/ring.hpp"

namespace m3sim::timing {

class DueLine {
 public:
  DueLine() = default;
  explicit DueLine(Cycle interval) : interval_(interval) {}

  /// The earliest; kNever if none is posted.
  Cycle front() const { return front_; }
  bool empty() const { return front_ == kNever; }
  /// Posts one that is later than all before it.
  [[gnu::always_inline]] void push(Cycle due) {
    if (due == back_ + interval_ && front_ != kNever) {
      back_ = due;
    } else {
      push_run(due);
    }
  }
  [[gnu::always_inline]] void pop() {
    if (front_ != last_of_run()) {
      front_ += interval_;
    } else {
      pop_run();
    }
  }

  /// How many firings in a row, at the interval from `tau` on, find this line alike: with one of its events
  /// due beside each, or with none beside any. `posts`: each of them posts one, the first for `due`.
  [[gnu::always_inline]] Cycle alike(Cycle tau, bool posts, Cycle due) const {
    if (front_ == tau) {
      if (posts && later_.empty() && due == back_ + interval_) return kNever;
      return (last_of_run() - front_) / interval_ + 1;
    }
    const Cycle next = posts ? std::min(front_, due) : front_;
    return next == kNever ? kNever : (next - tau + interval_ - 1) / interval_;
  }
  /// `count` > 0 events at the interval, the first for `due`.
  void push_many(Cycle due, Cycle count) {
    push(due);
    back_ = due + (count - 1) * interval_;
  }
  /// `count` > 0 events of one run.
  void pop_many(Cycle count) {
    front_ += (count - 1) * interval_;
    pop();
  }

 private:
  struct Run {
    Cycle first = 0, last = 0;
  };
  /// Of the run that front_ belongs to: the newest one keeps its end in back_.
  Cycle last_of_run() const { return later_.empty() ? back_ : run_last_; }
  void push_run(Cycle due) {
    if (front_ == kNever) {
      front_ = due;
    } else if (later_.empty()) {
      run_last_ = back_;
      later_.push({due, due});
    } else {
      later_.back().last = back_;
      later_.push({due, due});
    }
    back_ = due;
  }
  void pop_run() {
    if (later_.empty()) {
      front_ = kNever;
      return;
    }
    front_ = later_.front().first;
    run_last_ = later_.front().last;
    later_.pop();
  }

  Cycle interval_ = 1;
  Cycle front_ = kNever, back_ = 0;
  Cycle run_last_ = 0;  ///< while there are later runs
  Ring<Run> later_;     ///< the newest run's end is back_
};

}  // namespace m3sim::timing
