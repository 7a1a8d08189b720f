// What a kernel is: an actor.
//
// One firing of an actor is one iteration of a flattened, pipelined loop. The generic bodies
// (simulation: timing/, HLS: hls/, RTL: rtl/) call, in this order and with constant port numbers k
// and m:
//
//   done()                          no firing is left
//   reads(k)     k < kInputs        this firing takes one item from input stream k
//   steer(in)                       only if kSteers: keeps stream values on which addresses depend
//   (never a response) requests(m)  m < kReadPorts     this firing asks memory read port m for
//   request(m) requests(kReadPorts + m)        this firing announces request(kReadPorts + m) to
//   memory write port m takes(m)     m < kReadPorts     this firing takes the next word of read
//   port m fire(in, taken, out, put)       arithmetic: all values of the firing at once writes(k)
//   k < kOutputs       it gives one item to output stream k puts(m)      m < kWritePorts    it
//   gives the next word to write port m next()                          loop order, flattened
//
// reads, requests, takes, writes, puts and done depend on loop state and parameters alone, so they
// have the same answer before and after fire() of the same firing. An item is input_lanes(k) /
// output_lanes(k) lanes of 32 bits, a memory word is `word lanes` lanes of 32 bits; in[k]
// (taken[m], ...) of a port that is not used in this firing points at unspecified lanes that may be
// read but mean nothing. Time is not the actor's business: initiation interval, depth and the
// stages of its ports come from the configuration (model/config, [loops.*]).
//
// An actor provides the port counts as static constants and inherits ActorBase for what it does not
// use.
#pragma once
#include "model/kernels/number.hpp"

namespace m3sim {
namespace kernels {

/// A run of consecutive memory words, relative to the base of the tensor bound to the port.
template <class N>
struct Request {
  typename N::Index word;
  typename N::Index words;
};

/// Defaults: no port of any kind. An actor hides what it needs.
template <class N>
struct ActorBase {
  using Bool = typename N::Bool;
  using I32 = typename N::I32;
  using Index = typename N::Index;

  static constexpr int kInputs = 0;
  static constexpr int kOutputs = 0;
  static constexpr int kReadPorts = 0;
  static constexpr int kWritePorts = 0;
  static constexpr bool kSteers = false;
  /// fire() carries control (token numbers, queues), so it runs even where tensor values are
  /// dropped.
  static constexpr bool kControl = false;

  int input_lanes(int) const { return 1; }
  int output_lanes(int) const { return 1; }
  Bool reads(int) const { return N::no(); }
  Bool writes(int) const { return N::no(); }
  Bool requests(int) const { return N::no(); }
  Request<N> request(int) const { return {Index(0), Index(0)}; }
  Bool takes(int) const { return N::no(); }
  Bool puts(int) const { return N::no(); }
  void steer(const I32* const*) {}
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const*) {}
};

}  // namespace kernels
}  // namespace m3sim
