// The generic loop that runs any actor in an HLS tool (kernels/actor.hpp says what it calls when).
#pragma once
#include "model/hls/hls_ints.hpp"
#include "model/hls/ports.hpp"
#include "model/kernels/actor.hpp"

namespace m3sim {
namespace hls {

/// A port that an actor does not have.
struct NoPort {
  struct Lane {
    std::int32_t lanes[1];
  };
  Lane item = {};
  Lane word = {};
  void read(bool) {}
  void write(bool) {}
  void request(std::int32_t, std::int32_t) {}
  void take(bool) {}
  void put(bool) {}
};

/// Ports of one direction, in the actor's order.
template <class A, class B, class C>
struct Group {
  A a;
  B b;
  C c;
};
inline Group<NoPort, NoPort, NoPort> in() { return {}; }
template <int A>
Group<Input<A>, NoPort, NoPort> in(Stream<A> a) {
  return {Input<A>(a), {}, {}};
}
template <int A, int B>
Group<Input<A>, Input<B>, NoPort> in(Stream<A> a, Stream<B> b) {
  return {Input<A>(a), Input<B>(b), {}};
}
template <int A, int B, int C>
Group<Input<A>, Input<B>, Input<C> > in(Stream<A> a, Stream<B> b, Stream<C> c) {
  return {Input<A>(a), Input<B>(b), Input<C>(c)};
}
inline Group<NoPort, NoPort, NoPort> out() { return {}; }
template <int A>
Group<Output<A>, NoPort, NoPort> out(Stream<A> a) {
  return {Output<A>(a), {}, {}};
}
template <int A, int B>
Group<Output<A>, Output<B>, NoPort> out(Stream<A> a, Stream<B> b) {
  return {Output<A>(a), Output<B>(b), {}};
}
inline Group<NoPort, NoPort, NoPort> reads() { return {}; }
inline Group<Reader, NoPort, NoPort> reads(Memory& a) { return {Reader(a), {}, {}}; }
inline Group<Reader, Reader, NoPort> reads(Memory& a, Memory& b) {
  return {Reader(a), Reader(b), {}};
}
inline Group<NoPort, NoPort, NoPort> writes() { return {}; }
inline Group<Writer, NoPort, NoPort> writes(Memory& a) { return {Writer(a), {}, {}}; }

/// No loop of a kernel fires more often (a firing moves at most a word, addresses have 32 bits): the
/// bound that makes the loop's counter finite for a tool.
constexpr std::uint32_t kMostFirings = 1U << 31;

template <int Port, class Actor, class P>
inline void request(const Actor& actor, P& port) {
  if (actor.requests(Port)) {
    const kernels::Request<HlsInts> run = actor.request(Port);
    port.request(run.word, run.words);
  }
}

/// Fires a started actor until it is done.
template <class Actor, class I, class O, class R, class W>
inline void run(Actor& actor, I i, O o, R r, W w) {
  constexpr bool kIn0 = Actor::kInputs > 0, kIn1 = Actor::kInputs > 1, kIn2 = Actor::kInputs > 2;
  constexpr bool kOut0 = Actor::kOutputs > 0, kOut1 = Actor::kOutputs > 1;
  constexpr bool kRead0 = Actor::kReadPorts > 0, kRead1 = Actor::kReadPorts > 1;
  constexpr bool kWrite0 = Actor::kWritePorts > 0;
  for (std::uint32_t firing = 0; firing < kMostFirings; ++firing) {
    M3SIM_HLS(HLS pipeline)
    if (actor.done()) break;
    if (kIn0) i.a.read(actor.reads(0));
    if (kIn1) i.b.read(actor.reads(1));
    if (kIn2) i.c.read(actor.reads(2));
    const std::int32_t* in[4] = {i.a.item.lanes, i.b.item.lanes, i.c.item.lanes, nullptr};
    if (Actor::kSteers) actor.steer(in);
    if (kRead0) request<0>(actor, r.a);
    if (kRead1) request<1>(actor, r.b);
    if (kWrite0) request<Actor::kReadPorts>(actor, w.a);
    if (kRead0) r.a.take(actor.takes(0));
    if (kRead1) r.b.take(actor.takes(1));
    const std::int32_t* taken[3] = {r.a.word.lanes, r.b.word.lanes, nullptr};
    std::int32_t* out[3] = {o.a.item.lanes, o.b.item.lanes, nullptr};
    std::int32_t* put[2] = {w.a.word.lanes, nullptr};
    actor.fire(in, taken, out, put);
    if (kOut0) o.a.write(actor.writes(0));
    if (kOut1) o.b.write(actor.writes(1));
    if (kWrite0) w.a.put(actor.puts(0));
    actor.next();
  }
}

}  // namespace hls
}  // namespace m3sim
