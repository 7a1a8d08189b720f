#include "model/network/seeded.hpp"

#include <algorithm>
#include <charconv>

#include "model/config/error.hpp"

namespace m3sim {

std::uint64_t SplitMix64::below(std::uint64_t bound) {
  const std::uint64_t value = next();
  const std::uint64_t high = (value >> 32) * bound;
  const std::uint64_t low = (value & 0xFFFFFFFFu) * bound;
  return (high + (low >> 32)) >> 32;
}

std::vector<std::int32_t> seeded_values(const SeededDraw& draw, std::uint64_t seed, int layer,
                                        std::size_t first, std::size_t count) {
  SplitMix64 generator(65536 * seed + 256 * static_cast<std::uint64_t>(layer) +
                       static_cast<std::uint64_t>(draw.tag));
  generator.skip(first);
  std::vector<std::int32_t> raw(count);
  const int left = std::max(0, draw.shift), right = std::max(0, -draw.shift);
  for (std::int32_t& value : raw) {
    const auto k = static_cast<std::int32_t>(generator.next() >> 53) - 1024;
    value = draw.centre + (k * (1 << left) >> right);
  }
  return raw;
}

std::uint64_t parse_seed(const std::string& text, const std::string& what) {
  constexpr std::string_view kPrefix = "seed:";
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  if (text.starts_with(kPrefix) && text.size() > kPrefix.size()) {
    const auto [at, error] = std::from_chars(text.data() + kPrefix.size(), end, seed);
    if (error == std::errc{} && at == end) return seed;
  }
  throw UsageError(what + " " + text + ": expected seed:N with N = 0, 1, 2, ...");
}

}  // namespace m3sim
