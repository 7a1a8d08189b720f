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

/// The first edge of one clock at or after an edge of another, in picoseconds, which round both down. Edge k of
/// the one is at k * to / from of the other: the next is the answer, unless k comes less than a picosecond after
/// an edge or, by the rounding of the ratio, it is not known that it comes after it.
class EdgeCrossing {
 public:
  EdgeCrossing(const Clock& from, const Clock& to)
      : from_(from),
        to_(to),
        whole_(to.hz() / from.hz()),
        part_(static_cast<std::uint64_t>((static_cast<Wide>(to.hz() % from.hz()) << 64) /
                                         static_cast<std::uint64_t>(from.hz()))),
        doubt_(static_cast<std::uint64_t>((static_cast<Wide>(to.hz()) << 64) / kPicosecondsPerSecond) + 2) {}
  Cycle operator()(Cycle k) const {
    const Wide product = static_cast<Wide>(static_cast<std::uint64_t>(k)) * part_;
    const std::uint64_t after = static_cast<std::uint64_t>(product) - doubt_;
    if (after < ~doubt_ - static_cast<std::uint64_t>(k)) [[likely]]
      return k * whole_ + static_cast<Cycle>(product >> 64) + 1;
    return exactly(k);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  [[gnu::noinline]] Cycle exactly(Cycle k) const { return to_.first_edge_at_or_after(from_.edge_ps(k)); }
  static constexpr std::uint64_t kPicosecondsPerSecond = 1'000'000'000'000;
  const Clock from_, to_;
  const Cycle whole_;
  const std::uint64_t part_;   ///< floor(2^64 (to mod from) / from)
  const std::uint64_t doubt_;  ///< a picosecond of an edge's interval, in 2^64th of it
};

}  // namespace m3sim::timing
