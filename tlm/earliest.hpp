// Who is first: numbers with a time each.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace m3sim::tlm_mem {

/// The earliest of a few times, by the number that each belongs to; of equal times the lowest number's.
/// Few numbers have a time at once: looking at all of those takes less than keeping them in order.
class Earliest {
 public:
  /// A time and, below, its number: the smallest key is the earliest.
  using Key = std::int64_t;
  static constexpr Key kNone = std::numeric_limits<Key>::max();
  static constexpr std::int64_t kNoTime = kNone;
  static constexpr int kNumberBits = 10;
  static constexpr std::int64_t kLastTime = kNone >> (kNumberBits + 1);

  static std::int64_t time_of(Key key) { return key == kNone ? kNoTime : key >> kNumberBits; }
  static std::size_t number_of(Key key) {
    return static_cast<std::size_t>(key) & ((std::size_t{1} << kNumberBits) - 1);
  }

  /// Room for numbers 0 to count - 1; std::logic_error if they are too many.
  void resize(std::size_t count) {
    if (count > std::size_t{1} << kNumberBits) throw std::logic_error("earliest: too many numbers");
    keys_.resize(count);
    where_.resize(count, kNowhere);
  }
  /// `time` is at most kLastTime.
  void set(std::size_t number, std::int64_t time) {
    const Key key = time << kNumberBits | static_cast<Key>(number);
    std::size_t& at = where_[number];
    if (at == kNowhere) {
      at = count_++;
    } else if (keys_[at] == first_) {
      known_ = false;
    }
    keys_[at] = key;
    first_ = std::min(first_, key);
  }
  void clear(std::size_t number) {
    const std::size_t at = where_[number];
    if (at == kNowhere) return;
    if (keys_[at] == first_) known_ = false;
    const Key last = keys_[--count_];
    keys_[at] = last;
    where_[number_of(last)] = at;
    where_[number] = kNowhere;
  }
  Key operator[](std::size_t number) const {
    return where_[number] == kNowhere ? kNone : keys_[where_[number]];
  }
  /// kNone if no number has a time.
  Key first() {
    if (!known_) find();
    return first_;
  }

 private:
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
  void find() {
    Key first = kNone;
    for (std::size_t i = 0; i < count_; ++i) first = std::min(first, keys_[i]);
    first_ = first;
    known_ = true;
  }

  std::vector<Key> keys_{};           // the first `count_` are times, in no order
  std::vector<std::size_t> where_{};  // index in keys_, by number
  std::size_t count_ = 0;
  Key first_ = kNone;
  bool known_ = true;  // else the first has gone
};

}  // namespace m3sim::tlm_mem
