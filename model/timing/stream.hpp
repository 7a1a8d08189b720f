// A FIFO between two processes (timing contract, section 2).
//
// One writer, one reader, at most one write and one read a cycle. A value written in cycle c can be
// read from c + 1 on; a slot freed by a read in c can be written from c + 1 on. Only blocking
// operations exist, so the result of a process network does not depend on the order in which the
// host runs it (Kahn).
//
// Cycles and values live in separate rings: a value is pushed when the writer's kernel fires, its
// cycle when the write settles (pipeline.hpp). With values off, lanes point at scratch memory and
// cost nothing.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "model/timing/cycle.hpp"
#include "model/timing/memory_channel.hpp"

namespace m3sim::timing {

/// Told of every write and read with its cycle, in order (traces, tests).
class StreamListener {
 public:
  virtual void on_write(Cycle cycle) = 0;
  virtual void on_read(Cycle cycle) = 0;

 protected:
  ~StreamListener() = default;
};

/// A reader that can take an item in the moment it is written.
class ItemTaker {
 public:
  /// The stream that the reader sleeps on has an item, which can be read from `available` on. True: it is
  /// taken, and the reader sleeps on for the next. False: it has to be woken.
  virtual bool take_item(Cycle available) = 0;

  /// Items that are taken each in the cycle from which on it can be read, if that is before `before`.
  struct Appetite {
    std::size_t items = 0;
    Cycle before = 0;
  };
  /// For how many of the next items that holds, the first of which can be read from `available` on, and each
  /// at least a cycle after the one before.
  virtual Appetite appetite(Cycle available) const = 0;
  /// Takes so many of them, the last from `available` on; returns as take_item().
  virtual bool take_items(std::size_t count, Cycle available) = 0;

 protected:
  ~ItemTaker() = default;
};

class Stream {
 public:
  /// depth >= 1 slots; an item is `lanes` 32-bit lanes; `carries_values` false drops the values.
  Stream(std::string name, int depth, int lanes, bool carries_values)
      : name_(std::move(name)),
        depth_(static_cast<std::size_t>(depth)),
        lanes_(static_cast<std::size_t>(lanes)),
        carries_values_(carries_values) {
    std::size_t size = 1;
    while (size < depth_) size *= 2;
    cycle_mask_ = size - 1;
    written_.assign(size, 0);
    freed_.assign(size, 0);
    values_.assign(carries_values_ ? lanes_ * 2 * size : lanes_, 0);
    value_mask_ = carries_values_ ? 2 * size - 1 : 0;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const std::string& name() const { return name_; }
  int depth() const { return static_cast<int>(depth_); }
  int lanes() const { return static_cast<int>(lanes_); }
  void listen(StreamListener* listener) { listener_ = listener; }

  // Writer
  // -------------------------------------------------------------------------------------------------------
  /// First cycle in which the next item finds a slot; kNever while not known.
  Cycle slot() const {
    if (writes_ < depth_) return 0;
    if (reads_ + depth_ <= writes_) return kNever;
    return freed_[(writes_ - depth_) & cycle_mask_];
  }
  [[gnu::always_inline]] void write(Cycle cycle) {
    written_[writes_++ & cycle_mask_] = cycle;
    if (listener_) listener_->on_write(cycle);
    if (reader_ && !(taker_ && taker_->take_item(cycle + 1))) wake(reader_);
  }
  /// Of items written from `cycle` on, no two in one cycle: how many find a slot and are read, as soon as they
  /// can be, by a reader that takes items. They can be handed over together.
  ItemTaker::Appetite appetite(Cycle cycle) const {
    if (!reader_ || !taker_ || depth_ < 2 || !empty()) return {};
    // Slot i is free in time if the last is: the reads that freed them were in different cycles, too.
    const Cycle last_slot = cycle + static_cast<Cycle>(depth_) - 1;
    return freed_[(reads_ - 1) & cycle_mask_] <= last_slot ? taker_->appetite(cycle + 1) : ItemTaker::Appetite{};
  }
  /// Writes so many items in their cycles.
  void hand_over(const Cycle* cycles, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      written_[writes_++ & cycle_mask_] = cycles[i];
      if (listener_) listener_->on_write(cycles[i]);
      note_read(cycles[i] + 1);
    }
    if (!taker_->take_items(count, cycles[count - 1] + 1)) wake(reader_);
  }
  /// Lanes of the item that the writer's kernel produces next; the order is that of the writes.
  std::int32_t* push_value() {
    if (!carries_values_) return values_.data();
    if (pushed_ - popped_ > value_mask_) grow();
    return values_.data() + (pushed_++ & value_mask_) * lanes_;
  }

  // Reader
  // -------------------------------------------------------------------------------------------------------
  /// First cycle in which the next item can be read; kNever while none has been written.
  Cycle available() const {
    return reads_ == writes_ ? kNever : written_[reads_ & cycle_mask_] + 1;
  }
  [[gnu::always_inline]] void read(Cycle cycle) {
    note_read(cycle);
    wake(writer_);
  }
  /// Lanes of the oldest item not yet read.
  const std::int32_t* front_value() const {
    return values_.data() + (carries_values_ ? (popped_ & value_mask_) * lanes_ : 0);
  }

  // Sleeping
  // -----------------------------------------------------------------------------------------------------
  /// Until the next item; with a taker, until one that it does not take.
  void sleep_reader(Sleeper* sleeper, ItemTaker* taker = nullptr) {
    reader_ = sleeper;
    taker_ = taker;
  }
  void sleep_writer(Sleeper* sleeper) { writer_ = sleeper; }

  // Statistics of the current run of the region
  // ------------------------------------------------------------------
  void begin_run() {
    items_before_ = writes_;
    seen_reads_ = reads_;
    high_water_ = 0;
    writer_waited = reader_waited = 0;
  }
  std::int64_t items() const { return static_cast<std::int64_t>(writes_ - items_before_); }
  bool empty() const { return reads_ == writes_; }
  std::int64_t left() const { return static_cast<std::int64_t>(writes_ - reads_); }
  /// Most items at once; a slot read in the cycle of a write still counts as taken.
  int high_water() const { return static_cast<int>(high_water_); }
  /// Cycles the writer was held for a slot, and the reader waited for a value.
  Cycle writer_waited = 0, reader_waited = 0;

 private:
  [[gnu::always_inline]] void note_read(Cycle cycle) {
    if (high_water_ != depth_) settle_high_water();
    freed_[reads_++ & cycle_mask_] = cycle + 1;
    if (carries_values_) ++popped_;
    if (listener_) listener_->on_read(cycle);
  }
  /// The fill at the moment item i was written is known once all earlier reads are, that is, when i
  /// is read: this order makes the figure the same in both executions.
  [[gnu::noinline]] void settle_high_water() {
    const Cycle written = written_[reads_ & cycle_mask_];
    while (seen_reads_ < reads_ && freed_[seen_reads_ & cycle_mask_] <= written) ++seen_reads_;
    high_water_ = std::max(high_water_, reads_ + 1 - seen_reads_);
  }
  static void wake(Sleeper*& sleeper) {
    if (Sleeper* s = sleeper) {
      sleeper = nullptr;
      s->wake();
    }
  }
  void grow() {
    const std::size_t old_size = value_mask_ + 1;
    std::vector<std::int32_t> bigger(2 * old_size * lanes_);
    for (std::size_t i = popped_; i != pushed_; ++i)
      std::copy_n(values_.data() + (i & value_mask_) * lanes_, lanes_,
                  bigger.data() + (i & (2 * old_size - 1)) * lanes_);
    values_.swap(bigger);
    value_mask_ = 2 * old_size - 1;
  }

  std::string name_;
  std::size_t depth_, lanes_;
  bool carries_values_;
  std::size_t writes_ = 0, reads_ = 0, pushed_ = 0, popped_ = 0;
  std::size_t cycle_mask_, value_mask_;
  std::size_t seen_reads_ = 0, high_water_ = 0, items_before_ = 0;
  std::vector<Cycle> written_, freed_;
  std::vector<std::int32_t> values_;
  Sleeper* reader_ = nullptr;
  ItemTaker* taker_ = nullptr;  ///< of the reader that sleeps
  Sleeper* writer_ = nullptr;
  StreamListener* listener_ = nullptr;
};

}  // namespace m3sim::timing
