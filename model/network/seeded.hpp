#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace m3sim {

/// The generator SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers on every machine.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += kIncrement;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  /// Uniform on 0 ... bound - 1 (bound >= 1), by the high half of a product.
  std::uint64_t below(std::uint64_t bound);

  void skip(std::uint64_t count) { state_ += count * kIncrement; }

 private:
  static constexpr std::uint64_t kIncrement = 0x9E3779B97F4A7C15u;
  std::uint64_t state_;
};

/// How the raw numbers of a generated tensor are drawn: k uniform on [-1024, 1024), raw =
/// centre + k * 2^shift (rounded down for a negative shift).
struct SeededDraw {
  int tag = 0;  // sets the tensors of a layer apart
  int shift = 0;
  std::int32_t centre = 0;
};

/// Elements first ... first + count - 1 of a generated tensor. SplitMix64 starts at
/// 65536 seed + 256 layer + tag; k is the top 11 bits of each number less 1024.
std::vector<std::int32_t> seeded_values(const SeededDraw& draw, std::uint64_t seed, int layer,
                                        std::size_t first, std::size_t count);

/// N of "seed:N". Throws UsageError for anything else; `what` names the option in the message.
std::uint64_t parse_seed(const std::string& text, const std::string& what);

}  // namespace m3sim
