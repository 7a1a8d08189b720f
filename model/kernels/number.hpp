// The number families in which kernels are written.
//
// A kernel is a template over a number family N and uses only what is named here, so that one text is simulated
// (Ints), traced to SystemVerilog (a symbolic family) and synthesized by HLS tools (Ints). The truth type of a
// symbolic family has no conversion to bool: kernels therefore use select() for values and never branch on one.
// All arithmetic is two's complement with truncation towards minus infinity and wrap-around, the defaults of
// ap_fixed (Edge-MoE sources, datatypes.hpp); nothing saturates unless a kernel says so.
#pragma once
#include <cstdint>

namespace m3sim::kernels {

/// Plain machine integers: simulation and HLS C.
struct Ints {
  using Bool = bool;
  using I16 = std::int16_t;
  using I32 = std::int32_t;
  using I64 = std::int64_t;
  /// Loop counters, token numbers and addresses; never negative in a legal kernel.
  using Index = std::int32_t;

  static constexpr Bool yes() { return true; }
  static constexpr Bool no() { return false; }
  static constexpr Bool both(Bool a, Bool b) { return a & b; }
  static constexpr Bool either(Bool a, Bool b) { return a | b; }
  static constexpr Bool negate(Bool a) { return !a; }

  template <class T>
  static constexpr T select(Bool c, T a, T b) {
    return c ? a : b;
  }

  static constexpr I32 add_wrap(I32 a, I32 b) {
    return static_cast<I32>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
  }
  static constexpr I32 sub_wrap(I32 a, I32 b) {
    return static_cast<I32>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
  }
  /// floor(a * b / 2^Shift), wrapped to 32 bits.
  template <int Shift>
  static constexpr I32 mul_floor(I32 a, I32 b) {
    return static_cast<I32>(static_cast<std::uint32_t>(
        static_cast<std::uint64_t>((static_cast<I64>(a) * b) >> Shift)));
  }
  /// a * 2^Shift, wrapped to 32 bits.
  template <int Shift>
  static constexpr I32 shift_left(I32 a) {
    return static_cast<I32>(static_cast<std::uint32_t>(a) << Shift);
  }
  /// floor(a / 2^Shift).
  template <int Shift>
  static constexpr I32 shift_right(I32 a) {
    return a >> Shift;
  }
  static constexpr Bool less(I32 a, I32 b) { return a < b; }
  static constexpr Bool less_equal(I32 a, I32 b) { return a <= b; }
  static constexpr Bool equal(I32 a, I32 b) { return a == b; }

  /// The signed 16-bit halves of a 32-bit lane of a bus word (low half first in memory).
  static constexpr I32 low_half(I32 lane) { return static_cast<I16>(lane & 0xffff); }
  static constexpr I32 high_half(I32 lane) { return lane >> 16; }

  /// A memory outside the actor that processes share (weights, queues, token buffers): words of `lanes` lanes,
  /// one read and one write port per bank, registered read.
  template <class Lane>
  struct MemoryOf {
    Lane* data = nullptr;
    int lanes = 1;
    const Lane* read(Index word) const { return data + static_cast<std::int64_t>(word) * lanes; }
    /// Lanes of a word, to be written where `enable` holds.
    void write(Bool enable, Index word, int lane, Lane value) const {
      if (enable) data[static_cast<std::int64_t>(word) * lanes + lane] = value;
    }
  };
  using Memory = MemoryOf<I32>;
  using Memory16 = MemoryOf<I16>;
};

}  // namespace m3sim::kernels
