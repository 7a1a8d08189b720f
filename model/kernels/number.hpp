// The number families in which kernels are written.
//
// A kernel is a template over a number family N and uses only what is named here, so that one text
// is simulated (Ints), traced to SystemVerilog (a symbolic family) and synthesized by HLS tools
// (Ints). The truth type of a symbolic family has no conversion to bool: kernels therefore use
// select() for values and never branch on one. All arithmetic is two's complement with truncation
// towards minus infinity and wrap-around, the defaults of ap_fixed (Edge-MoE sources,
// datatypes.hpp); nothing saturates unless a kernel says so.
//
// A family names five types. Bool: truth, no operators. I16, I32, I64: values, only N's functions.
// Index: loop counters, token numbers and addresses, which never overflow in a legal kernel and are
// never negative: + - * == < as operators. Shapes (lanes, tile sizes, rows in flight) are plain
// ints, known when an actor is built.
#pragma once
#include <cstdint>

namespace m3sim {
namespace kernels {

/// Plain machine integers: simulation and HLS C.
struct Ints {
  using Bool = bool;
  using I16 = std::int16_t;
  using I32 = std::int32_t;
  using I64 = std::int64_t;
  using Index = std::int32_t;

  static constexpr Bool yes() { return true; }
  static constexpr Bool no() { return false; }
  static constexpr Bool both(Bool a, Bool b) { return a && b; }
  static constexpr Bool either(Bool a, Bool b) { return a || b; }
  static constexpr Bool negate(Bool a) { return !a; }

  template <class T>
  static constexpr T select(Bool c, T a, T b) {
    return c ? a : b;
  }
  /// out[i] = c ? a[i] : b[i]; out may be b.
  template <class T>
  static void select_lanes(Bool c, const T* a, const T* b, T* out, int lanes) {
    const T* from = c ? a : b;
    if (from == out) return;
    for (int i = 0; i < lanes; ++i) out[i] = from[i];
  }
  /// Runs a body whose every effect that outlives it is already conditioned by c: a family may skip
  /// it elsewhere.
  template <class Body>
  static void when(Bool c, Body body) {
    if (c) body();
  }

  static constexpr Index index(I32 a) { return a; }
  static constexpr I32 value(Index a) { return a; }
  static constexpr I32 widen(I16 a) { return a; }
  /// The low 16 bits.
  static constexpr I16 narrow(I32 a) { return static_cast<I16>(static_cast<std::uint16_t>(a)); }

  static constexpr I32 add_wrap(I32 a, I32 b) {
    return static_cast<I32>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
  }
  static constexpr I32 sub_wrap(I32 a, I32 b) {
    return static_cast<I32>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
  }
  /// floor(a * b / 2^Shift), wrapped to 32 bits.
  template <int Shift>
  static constexpr I32 mul_floor(I32 a, I32 b) {
    return static_cast<I32>(
        static_cast<std::uint32_t>(static_cast<std::uint64_t>((static_cast<I64>(a) * b) >> Shift)));
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
  /// The unsigned number in bits Low ... Low + Width - 1.
  template <int Low, int Width>
  static constexpr I32 bits(I32 a) {
    return static_cast<I32>((static_cast<std::uint32_t>(a) >> Low) & ((1U << Width) - 1U));
  }
  static constexpr Bool less(I32 a, I32 b) { return a < b; }
  static constexpr Bool less_equal(I32 a, I32 b) { return a <= b; }
  static constexpr Bool equal(I32 a, I32 b) { return a == b; }

  /// 64-bit patterns; less and the high product take them as unsigned, adds wrap.
  static constexpr I64 wide(I32 a) { return a; }
  static constexpr I64 wide_constant(std::uint64_t a) { return static_cast<I64>(a); }
  /// The low 32 bits.
  static constexpr I32 low_word(I64 a) { return static_cast<I32>(static_cast<std::uint32_t>(a)); }
  static constexpr I64 wide_add(I64 a, I64 b) {
    return static_cast<I64>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
  static constexpr I64 wide_sub(I64 a, I64 b) {
    return static_cast<I64>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  }
  template <int Shift>
  static constexpr I64 wide_shift_left(I64 a) {
    return static_cast<I64>(static_cast<std::uint64_t>(a) << Shift);
  }
  /// Fills with zeros.
  template <int Shift>
  static constexpr I64 wide_shift_right(I64 a) {
    return static_cast<I64>(static_cast<std::uint64_t>(a) >> Shift);
  }
  static constexpr Bool wide_less(I64 a, I64 b) {
    return static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
  }
  /// floor(a * b / 2^64), from four products of 32 bits: no tool needs a 128-bit type.
  static constexpr I64 wide_mul_high(I64 a, I64 b) {
    const std::uint64_t al = static_cast<std::uint32_t>(a),
                        ah = static_cast<std::uint64_t>(a) >> 32;
    const std::uint64_t bl = static_cast<std::uint32_t>(b),
                        bh = static_cast<std::uint64_t>(b) >> 32;
    const std::uint64_t middle = ah * bl + ((al * bl) >> 32);
    const std::uint64_t other = al * bh + static_cast<std::uint32_t>(middle);
    return static_cast<I64>(ah * bh + (middle >> 32) + (other >> 32));
  }

  /// The signed 16-bit halves of a 32-bit lane of a bus word (low half first in memory).
  static constexpr I32 low_half(I32 lane) { return narrow(lane); }
  static constexpr I32 high_half(I32 lane) { return lane >> 16; }

  /// Element `i` of a table of constants.
  static constexpr I32 rom(const std::int32_t* values, int /*count*/, Index i) { return values[i]; }
  static constexpr I64 wide_rom(const std::uint64_t* values, int /*count*/, Index i) {
    return static_cast<I64>(values[i]);
  }
  /// Element `i` of a small partitioned array.
  template <class T>
  static constexpr T at(const T* values, int /*count*/, Index i) {
    return values[i];
  }
  template <class T>
  static void put_at(T* values, int /*count*/, Bool enable, Index i, T value) {
    if (enable) values[i] = value;
  }

  // Inner products, defined in ints_bulk.cpp. Every product is floored by itself; sums wrap.

  /// The MAC tile of the linear unit: acc[o] += sum over i of floor(x[i] * w[i * outs + o] / 2^14).
  static void mac_tile(I32* acc, const I32* x, const I16* w, int ins, int outs);
  /// sums[r] = sum over i of floor(rows[r * lanes + i] * x[i] / 2^22).
  static void dot_rows(I32* sums, const I32* rows, const I32* x, int count, int lanes);
  /// acc[r * lanes + i] += floor(scale[r] * x[i] / 2^22).
  static void mac_rows(I32* acc, const I32* scale, const I32* x, int count, int lanes);
  /// sums[r] = sum over i of floor(x[i] * w[r * lanes + i] / 2^14), added to sums.
  static void dot_rows16(I32* sums, const I16* w, const I32* x, int count, int lanes);
  /// sums[r] += sum over i of floor(x[i] * w[r * lanes + i] / 2^2), x unsigned pixels of 8 bits.
  static void dot_pixels(I32* sums, const I16* w, const I32* x, int count, int lanes);

  /// A memory of words of `lanes` lanes, one read and one write port per bank, registered read: a
  /// firing does not see its own write. A word may be divided into equal parts, each in a bank of
  /// its own.
  template <class Lane>
  struct MemoryOf {
    Lane* data = nullptr;
    int lanes = 1;
    const Lane* read(Index word) const { return data + static_cast<std::int64_t>(word) * lanes; }
    /// One lane of a word, written where `enable` holds.
    void write(Bool enable, Index word, int lane, Lane value) const {
      if (enable) data[static_cast<std::int64_t>(word) * lanes + lane] = value;
    }
    /// Lanes part * size ... part * size + size - 1 of a word.
    void read_part(Index word, Index part, int size, Lane* out) const {
      const Lane* from = read(word) + static_cast<std::int64_t>(part) * size;
      for (int i = 0; i < size; ++i) out[i] = from[i];
    }
    void write_part(Bool enable, Index word, Index part, int size, const Lane* values) const {
      if (!enable) return;
      Lane* to =
          data + static_cast<std::int64_t>(word) * lanes + static_cast<std::int64_t>(part) * size;
      for (int i = 0; i < size; ++i) to[i] = values[i];
    }
    void write_word(Bool enable, Index word, const Lane* values) const {
      write_part(enable, word, 0, lanes, values);
    }
  };
  using Memory = MemoryOf<I32>;
  using Memory16 = MemoryOf<I16>;
};

/// What a family may leave to its primitive operations: `struct Family : Generic<Family>`.
template <class N>
struct Generic {
  template <class Bool, class T>
  static void select_lanes(Bool c, const T* a, const T* b, T* out, int lanes) {
    for (int i = 0; i < lanes; ++i) out[i] = N::select(c, a[i], b[i]);
  }
  template <class Bool, class Body>
  static void when(Bool, Body body) {
    body();
  }
  template <class T, class Index>
  static T at(const T* values, int count, Index i) {
    T found = values[0];
    for (int k = 1; k < count; ++k) found = N::select(i == Index(k), values[k], found);
    return found;
  }
  template <class Index>
  static auto rom(const std::int32_t* values, int count, Index i) {
    typename N::I32 found(values[0]);
    for (int k = 1; k < count; ++k)
      found = N::select(i == Index(k), typename N::I32(values[k]), found);
    return found;
  }
  template <class Index>
  static auto wide_rom(const std::uint64_t* values, int count, Index i) {
    auto found = N::wide_constant(values[0]);
    for (int k = 1; k < count; ++k)
      found = N::select(i == Index(k), N::wide_constant(values[k]), found);
    return found;
  }
  template <class T, class Bool, class Index>
  static void put_at(T* values, int count, Bool enable, Index i, T value) {
    for (int k = 0; k < count; ++k)
      values[k] = N::select(N::both(enable, i == Index(k)), value, values[k]);
  }
  template <class I32, class I16>
  static void mac_tile(I32* acc, const I32* x, const I16* w, int ins, int outs) {
    for (int i = 0; i < ins; ++i)
      for (int o = 0; o < outs; ++o)
        acc[o] = N::add_wrap(acc[o], N::template mul_floor<14>(x[i], N::widen(w[i * outs + o])));
  }
  template <class I32>
  static void dot_rows(I32* sums, const I32* rows, const I32* x, int count, int lanes) {
    for (int r = 0; r < count; ++r) {
      sums[r] = I32(0);
      for (int i = 0; i < lanes; ++i)
        sums[r] = N::add_wrap(sums[r], N::template mul_floor<22>(rows[r * lanes + i], x[i]));
    }
  }
  template <class I32>
  static void mac_rows(I32* acc, const I32* scale, const I32* x, int count, int lanes) {
    for (int r = 0; r < count; ++r)
      for (int i = 0; i < lanes; ++i)
        acc[r * lanes + i] =
            N::add_wrap(acc[r * lanes + i], N::template mul_floor<22>(scale[r], x[i]));
  }
  template <class I32, class I16>
  static void dot_rows16(I32* sums, const I16* w, const I32* x, int count, int lanes) {
    for (int r = 0; r < count; ++r)
      for (int i = 0; i < lanes; ++i)
        sums[r] = N::add_wrap(sums[r], N::template mul_floor<14>(x[i], N::widen(w[r * lanes + i])));
  }
  template <class I32, class I16>
  static void dot_pixels(I32* sums, const I16* w, const I32* x, int count, int lanes) {
    for (int r = 0; r < count; ++r)
      for (int i = 0; i < lanes; ++i)
        sums[r] = N::add_wrap(sums[r], N::template mul_floor<2>(x[i], N::widen(w[r * lanes + i])));
  }
};

}  // namespace kernels
}  // namespace m3sim
