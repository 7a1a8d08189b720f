// The space that a sweep walks through: axes over configuration keys, and which points of it to
// take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace m3sim::explore {

/// A configuration key and the values it takes, as text.
struct Axis {
  std::string key;
  std::vector<std::string> values;
};

/// `KEY=8,16,32`; an item may be a range of whole numbers, `1:5:+1` or `64:4096:x2`, which ends at
/// the last value not above its second number. Throws UsageError: unknown key, empty range, a value
/// that the key cannot have, a value twice.
Axis parse_axis(const std::string& text);

/// The axes of an INI file in its order: `[linear]`, `in_tile = 8, 16, 32`, each line as parse_axis
/// takes it. Throws UsageError, ConfigError or InputError that name the line.
std::vector<Axis> read_axes(const std::string& file);

/// A point of the space: for each axis the index of its value.
using Choice = std::vector<std::size_t>;

/// All combinations, the last axis fastest. Throws UsageError above kMostPoints.
std::vector<Choice> grid(const std::vector<Axis>& axes);
inline constexpr std::size_t kMostPoints = 10'000'000;

enum class Sampling {
  kRandom,          ///< each value of each axis alike, independently
  kLatinHypercube,  ///< each axis cut into `count` equal parts, each of which one sample falls into
};

/// `count` samples with std::mt19937_64 started at `seed`, the same on every machine; a point drawn
/// again is left out, so there may be fewer.
std::vector<Choice> sample(const std::vector<Axis>& axes, std::size_t count, std::uint64_t seed,
                           Sampling sampling);

/// The points whose number is `shard` - 1 modulo `shards`; `shard` counts from 1.
std::vector<Choice> shard_of(const std::vector<Choice>& points, std::size_t shard,
                             std::size_t shards);

}  // namespace m3sim::explore
