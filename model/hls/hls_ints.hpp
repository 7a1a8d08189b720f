// The number family of the HLS tops: plain integers whose inner products are loops of constant
// length, one product and one sum per lane, for a tool to unroll. The simulation's Ints computes the
// same bits with code for the host's vector units (kernels/ints_bulk.cpp).
#pragma once
#include "model/kernels/number.hpp"

namespace m3sim {
namespace hls {

struct HlsInts : kernels::Ints {
  using Loops = kernels::Generic<HlsInts>;

  static void mac_tile(I32* acc, const I32* x, const I16* w, int ins, int outs) {
    Loops::mac_tile(acc, x, w, ins, outs);
  }
  static void dot_rows(I32* sums, const I32* rows, const I32* x, int count, int lanes) {
    Loops::dot_rows(sums, rows, x, count, lanes);
  }
  static void mac_rows(I32* acc, const I32* scale, const I32* x, int count, int lanes) {
    Loops::mac_rows(acc, scale, x, count, lanes);
  }
  static void dot_rows16(I32* sums, const I16* w, const I32* x, int count, int lanes) {
    Loops::dot_rows16(sums, w, x, count, lanes);
  }
  static void dot_pixels(I32* sums, const I16* w, const I32* x, int count, int lanes) {
    Loops::dot_pixels(sums, w, x, count, lanes);
  }
};

}  // namespace hls
}  // namespace m3sim
