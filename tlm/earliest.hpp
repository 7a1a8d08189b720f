// Who is first: numbers with a time each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace m3sim::tlm_mem {

/// The earliest of a few times, by the number that each belongs to; of equal times the lowest number's.
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
  void resize(std::size_t count);
  /// `time` is at most kLastTime.
  void set(std::size_t number, std::int64_t time) { put(number, time << kNumberBits | static_cast<Key>(number)); }
  void clear(std::size_t number) { put(number, kNone); }
  Key operator[](std::size_t number) const { return keys_[number]; }
  /// kNone if no number has a time.
  Key first() {
    if (!known_) find();
    return first_;
  }

 private:
  void put(std::size_t number, Key key) {
    if (key < first_) {
      first_ = key;
    } else if (keys_[number] == first_) {
      known_ = false;
    }
    keys_[number] = key;
  }
  void find();

  std::vector<Key> keys_{};  // a multiple of kBlock
  Key first_ = kNone;
  bool known_ = true;  // else the first has gone
};

}  // namespace m3sim::tlm_mem
