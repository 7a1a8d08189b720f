#pragma once

#include <cstdint>
#include <random>

namespace m3sim::explore {

/// Uniform below `bound`; the standard's distributions differ between libraries.
inline std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
  const std::uint64_t limit = random.max() - random.max() % bound;
  std::uint64_t drawn = random();
  while (drawn >= limit) drawn = random();
  return drawn % bound;
}

}  // namespace m3sim::explore
