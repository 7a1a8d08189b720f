// Random numbers of co-simulation.
#pragma once
#include <cstdint>

#include "tests/timing/fake_memory.hpp"

namespace m3sim::test {

/// A generator whose draws follow from its seed alone.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  std::uint32_t bits() { return mixed(seed_, count_++); }
  /// low ... high
  int from(int low, int high) {
    return low + static_cast<int>(bits() % static_cast<std::uint32_t>(high - low + 1));
  }
  /// A value of a random magnitude.
  std::int32_t value() { return static_cast<std::int32_t>(bits()) >> (bits() % 24); }

 private:
  std::uint64_t seed_, count_ = 0;
};

}  // namespace m3sim::test
