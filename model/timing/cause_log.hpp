// What a process did, interval by interval, for traces. Kept only while a trace is recorded.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/timing/accounting.hpp"
#include "model/timing/cycle.hpp"

namespace m3sim::timing {

/// The cycles [from, until) of a clock, cut into intervals of `resolution` cycles that start at
/// multiples of it.
struct TraceScale {
  Cycle resolution = 1;
  Cycle from = 0, until = kNever;
};

/// Cycles by cause for each interval. The order of additions does not matter.
class CauseBuckets {
 public:
  using Cell = std::array<std::uint32_t, kCauseCount>;

  explicit CauseBuckets(const TraceScale& scale) : scale_(scale) {}

  void add(Cause cause, Cycle from, Cycle until) {
    from = std::max(from, scale_.from);
    until = std::min(until, scale_.until);
    while (from < until) {
      const Cycle next = std::min(until, (from / scale_.resolution + 1) * scale_.resolution);
      at(from / scale_.resolution, cause) += static_cast<std::uint32_t>(next - from);
      from = next;
    }
  }
  /// One cycle that had been added as `before` belongs to `after`.
  void move(Cause before, Cause after, Cycle cycle) {
    if (cycle < scale_.from || cycle >= scale_.until) return;
    --at(cycle / scale_.resolution, before);
    ++at(cycle / scale_.resolution, after);
  }
  void add(const CauseBuckets& other) {
    for (std::size_t i = 0; i < other.cells_.size(); ++i)
      for (std::size_t c = 0; c < kCauseCount; ++c)
        if (other.cells_[i][c] != 0)
          at(other.first_ + static_cast<Cycle>(i), static_cast<Cause>(c)) += other.cells_[i][c];
  }
  void clear() { cells_.clear(); }

  /// Hands out the intervals before number `end` in order, and forgets them:
  /// visit(number, cell).
  template <class Visit>
  void take_until(Cycle end, Visit&& visit) {
    std::size_t taken = 0;
    for (; taken < cells_.size() && first_ + static_cast<Cycle>(taken) < end; ++taken)
      visit(first_ + static_cast<Cycle>(taken), cells_[taken]);
    cells_.erase(cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(taken));
    first_ += static_cast<Cycle>(taken);
  }

 private:
  std::uint32_t& at(Cycle number, Cause cause) {
    if (cells_.empty()) first_ = number;
    if (number < first_) {
      cells_.insert(cells_.begin(), static_cast<std::size_t>(first_ - number), Cell{});
      first_ = number;
    }
    const auto i = static_cast<std::size_t>(number - first_);
    if (i >= cells_.size()) cells_.resize(i + 1);
    return cells_[i][static_cast<std::size_t>(cause)];
  }

  TraceScale scale_;
  Cycle first_ = 0;
  std::vector<Cell> cells_;
};

/// Turns what a pipeline tells of itself into causes, cycle by cycle: a cycle in which it is not
/// held belongs to the work begun last (an initiation interval, or the wait before the loop), else
/// to what comes next: an issue (an input was missing) or the end (it ran empty). The sums are
/// those of its account.
class PipelineLog {
 public:
  explicit PipelineLog(const TraceScale& scale) : buckets_(scale) {}

  void start(Cycle first) {
    buckets_.clear();
    gaps_.clear();
    cursor_ = first;
    left_ = 0;
    issued_ = false;
  }
  /// The next `cycles` in which the pipeline is not held go to `cause`.
  void work(Cause cause, Cycle cycles) {
    cause_ = cause;
    left_ = cycles;
  }
  void issue(Cycle cycle, Cycle interval) {
    enabled_until(cycle);
    settle(Cause::kInputEmpty);
    work(Cause::kBusy, interval);
    issued_ = true;
  }
  void held(Cause cause, Cycle from, Cycle until) {
    if (from >= until) return;
    enabled_until(from);
    buckets_.add(cause, from, until);
    cursor_ = until;
  }
  /// A cycle logged as held for read data was lost to other requesters.
  void lost(Cycle cycle) { buckets_.move(Cause::kMemoryRead, Cause::kArbitration, cycle); }
  void end(Cycle cycle) {
    enabled_until(cycle);
    if (issued_) settle(Cause::kFillDrain);
  }
  /// Of the loop since its start; complete once it has ended.
  const CauseBuckets& buckets() const { return buckets_; }

 private:
  void enabled_until(Cycle cycle) {
    if (cycle <= cursor_) return;
    const Cycle worked = std::min(cycle - cursor_, left_);
    buckets_.add(cause_, cursor_, cursor_ + worked);
    left_ -= worked;
    if (cursor_ + worked < cycle) gaps_.emplace_back(cursor_ + worked, cycle);
    cursor_ = cycle;
  }
  void settle(Cause cause) {
    for (const auto& [from, until] : gaps_) buckets_.add(cause, from, until);
    gaps_.clear();
  }

  CauseBuckets buckets_;
  std::vector<std::pair<Cycle, Cycle>> gaps_;
  Cycle cursor_ = 0, left_ = 0;
  Cause cause_ = Cause::kBusy;
  bool issued_ = false;
};

}  // namespace m3sim::timing
