// The inner products of plain integers, compiled for several instruction sets so that a portable
// binary is fast.
#include "model/kernels/instruction_sets.hpp"
#include "model/kernels/number.hpp"

namespace m3sim {
namespace kernels {

namespace {

constexpr int kMaxTile = 64;

// floor(x * w / 2^14) modulo 2^32 from 32-bit products: x = high * 2^14 + low.
inline void split(std::int32_t x, std::uint32_t& high, std::int32_t& low) {
  high = static_cast<std::uint32_t>(x >> 14);
  low = x & 0x3fff;
}

inline std::uint32_t floor14(std::uint32_t high, std::int32_t low, std::int32_t w) {
  return high * static_cast<std::uint32_t>(w) + static_cast<std::uint32_t>((low * w) >> 14);
}

inline std::uint32_t floor22(std::int32_t a, std::int32_t b) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(static_cast<std::int64_t>(a) * b) >>
                                    22);
}

template <int Outs>
__attribute__((always_inline)) inline void mac_columns(std::int32_t* __restrict acc,
                                                       const std::int32_t* x,
                                                       const std::int16_t* __restrict w, int ins,
                                                       int stride) {
  std::uint32_t sums[Outs];
  for (int o = 0; o < Outs; ++o) sums[o] = static_cast<std::uint32_t>(acc[o]);
  for (int i = 0; i < ins; ++i) {
    std::uint32_t high;
    std::int32_t low;
    split(x[i], high, low);
    for (int o = 0; o < Outs; ++o) sums[o] += floor14(high, low, w[i * stride + o]);
  }
  for (int o = 0; o < Outs; ++o) acc[o] = static_cast<std::int32_t>(sums[o]);
}

}  // namespace

M3SIM_CLONES void Ints::mac_tile(I32* acc, const I32* x, const I16* w, int ins, int outs) {
  int o = 0;
  for (; o + 16 <= outs; o += 16) mac_columns<16>(acc + o, x, w + o, ins, outs);
  for (; o + 8 <= outs; o += 8) mac_columns<8>(acc + o, x, w + o, ins, outs);
  for (; o + 4 <= outs; o += 4) mac_columns<4>(acc + o, x, w + o, ins, outs);
  for (; o < outs; ++o) mac_columns<1>(acc + o, x, w + o, ins, outs);
}

M3SIM_CLONES void Ints::dot_rows(I32* sums, const I32* rows, const I32* x, int count, int lanes) {
  for (int r = 0; r < count; ++r) {
    std::uint32_t sum = 0;
    for (int i = 0; i < lanes; ++i) sum += floor22(rows[r * lanes + i], x[i]);
    sums[r] = static_cast<I32>(sum);
  }
}

M3SIM_CLONES void Ints::mac_rows(I32* acc, const I32* scale, const I32* x, int count, int lanes) {
  for (int r = 0; r < count; ++r) {
    const I32 factor = scale[r];
    I32* __restrict row = acc + r * lanes;
    for (int i = 0; i < lanes; ++i)
      row[i] = static_cast<I32>(static_cast<std::uint32_t>(row[i]) + floor22(factor, x[i]));
  }
}

M3SIM_CLONES void Ints::dot_rows16(I32* sums, const I16* w, const I32* x, int count, int lanes) {
  std::uint32_t high[kMaxTile];
  std::int32_t low[kMaxTile];
  for (int i = 0; i < lanes; ++i) split(x[i], high[i], low[i]);
  for (int r = 0; r < count; ++r) {
    std::uint32_t sum = static_cast<std::uint32_t>(sums[r]);
    for (int i = 0; i < lanes; ++i) sum += floor14(high[i], low[i], w[r * lanes + i]);
    sums[r] = static_cast<I32>(sum);
  }
}

M3SIM_CLONES void Ints::dot_pixels(I32* sums, const I16* w, const I32* x, int count, int lanes) {
  for (int r = 0; r < count; ++r) {
    std::uint32_t sum = static_cast<std::uint32_t>(sums[r]);
    for (int i = 0; i < lanes; ++i)
      sum += static_cast<std::uint32_t>((x[i] * w[r * lanes + i]) >> 2);
    sums[r] = static_cast<I32>(sum);
  }
}

}  // namespace kernels
}  // namespace m3sim
