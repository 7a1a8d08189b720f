// Width conversion between groups of lanes, a chunk per firing.
#pragma once
#include "model/kernels/counter.hpp"

namespace m3sim {
namespace kernels {

/// Lanes of the widest word or tile item.
constexpr int kMaxLanes = 64;

/// Turns groups of `from` lanes into groups of `to` lanes, one of which divides the other: memory
/// words into stream items and back. A firing moves one chunk of min(from, to) lanes. A row of
/// chunks may end inside a group: what is missing is zero on the way out and dropped on the way in.
template <class N, int MaxLanes = kMaxLanes>
struct Repack {
  using Bool = typename N::Bool;
  using I32 = typename N::I32;
  using Index = typename N::Index;

  int from;
  int to;
  int chunk;
  Counter<N> in_part;   // chunk within the group that comes in
  Counter<N> out_part;  // chunk within the group that goes out
  Regs<N, I32, MaxLanes> held;
  Regs<N, I32, MaxLanes> gathered;

  Repack(int from_lanes, int to_lanes)
      : from(from_lanes), to(to_lanes), chunk(from_lanes < to_lanes ? from_lanes : to_lanes) {
    held.count = from > chunk ? from : 0;
    gathered.count = to > chunk ? to : 0;
    start();
  }
  void start() {
    in_part.start(Index(from / chunk));
    out_part.start(Index(to / chunk));
  }
  /// This firing needs the next group.
  Bool takes() const { return in_part.first(); }
  /// This firing completes a group; `row_end`: it is the last of its row.
  Bool gives(Bool row_end) const { return N::either(out_part.last(), row_end); }

  /// `out` holds a group where gives() does.
  void fire(const I32* in, I32* out) {
    if (from == to) {
      for (int i = 0; i < to; ++i) out[i] = in[i];
    } else if (from > to) {
      N::select_lanes(takes(), in, held.values, held.values, from);
      for (int i = 0; i < chunk; ++i) out[i] = held.read(in_part.at * Index(chunk) + Index(i));
    } else {
      const int parts = to / chunk;
      for (int part = 0; part < parts; ++part) {
        const Bool here = out_part.at == Index(part);
        for (int i = part * chunk; i < (part + 1) * chunk; ++i) {
          const I32 kept = N::select(out_part.first(), I32(0), gathered[i]);
          gathered[i] = N::select(here, in[i - part * chunk], kept);
          out[i] = gathered[i];
        }
      }
    }
  }
  void next(Bool row_end) {
    in_part.wrap(N::yes());
    out_part.wrap(N::yes());
    in_part.at = N::select(row_end, Index(0), in_part.at);
    out_part.at = N::select(row_end, Index(0), out_part.at);
  }
  template <class F>
  void state(F& visit) {
    in_part.state(visit, "in_part");
    out_part.state(visit, "out_part");
    held.state(visit, "held");
    gathered.state(visit, "gathered");
  }
};

}  // namespace kernels
}  // namespace m3sim
