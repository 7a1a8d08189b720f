// Time is a count of clock edges, never a floating-point number.
#pragma once
#include <cstdint>
#include <limits>

namespace m3sim::timing {

/// Edge number of a named clock; edge k of an f Hz clock is at floor(k * 10^12 / f) ps.
/// Signed, so that differences are plain; no legal time is negative.
using Cycle = std::int64_t;

/// Later than every cycle: "never", and "not known yet" where a cycle is still to be published.
inline constexpr Cycle kNever = std::numeric_limits<Cycle>::max() / 4;

/// Converts between edges of an integer-frequency clock and picoseconds.
class Clock {
 public:
  explicit Clock(std::int64_t hz)
      : hz_(hz),
        whole_ps_(kPicosecondsPerSecond / hz),
        rest_(kPicosecondsPerSecond % hz),
        narrow_limit_(std::numeric_limits<std::int64_t>::max() / (rest_ + 1)),
        per_hz_(static_cast<std::uint64_t>((UnsignedWide{1} << 64) / static_cast<std::uint64_t>(hz))),
        edges_per_ps_(static_cast<std::uint64_t>(
            ((static_cast<UnsignedWide>(hz) << 64) + kPicosecondsPerSecond - 1) /
            static_cast<std::uint64_t>(kPicosecondsPerSecond))) {}
  std::int64_t hz() const { return hz_; }
  /// floor(k * 10^12 / f), exact; 64 bits suffice for the first minutes of simulated time.
  std::int64_t edge_ps(Cycle k) const {
    if (k >= narrow_limit_) [[unlikely]]
      return wide_edge_ps(k);
    return k * whole_ps_ + divide_by_hz(k * rest_);
  }
  /// The first edge at or after a time: ceil(ps * f / 10^12). The reciprocal is rounded up, which adds less
  /// than ps to the fraction; only a smaller fraction leaves a doubt.
  Cycle first_edge_at_or_after(std::int64_t ps) const {
    const UnsignedWide product =
        static_cast<UnsignedWide>(static_cast<std::uint64_t>(ps)) * edges_per_ps_;
    const auto k = static_cast<Cycle>(product >> 64);
    if (static_cast<std::uint64_t>(product) >= static_cast<std::uint64_t>(ps) && ps > 0) [[likely]]
      return k + 1;
    return edge_ps(k) < ps ? k + 1 : k;
  }

 private:
  __extension__ using Wide = __int128;
  __extension__ using UnsignedWide = unsigned __int128;
  static Cycle high_half(std::uint64_t a, std::uint64_t b) {
    return static_cast<Cycle>(static_cast<UnsignedWide>(a) * b >> 64);
  }
  /// floor(x / hz) without a division: the estimate by the rounded-down reciprocal is at most one
  /// too small, which the remainder shows.
  std::int64_t divide_by_hz(std::int64_t x) const {
    const std::int64_t q = high_half(static_cast<std::uint64_t>(x), per_hz_);
    return q + (x - q * hz_ >= hz_ ? 1 : 0);
  }
  [[gnu::cold, gnu::noinline]] std::int64_t wide_edge_ps(Cycle k) const {
    return static_cast<std::int64_t>(static_cast<Wide>(k) * kPicosecondsPerSecond / hz_);
  }
  static constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
  std::int64_t hz_, whole_ps_, rest_, narrow_limit_;
  std::uint64_t per_hz_;        ///< floor(2^64 / hz)
  std::uint64_t edges_per_ps_;  ///< ceil(2^64 hz / 10^12)
};

}  // namespace m3sim::timing
