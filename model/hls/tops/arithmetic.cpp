// Tops of the arithmetic units that lie inside larger kernels (kernels/arithmetic.hpp, gelu.hpp), one
// result per firing.
#include "model/kernels/arithmetic.hpp"

#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"
#include "model/kernels/counter.hpp"
#include "model/kernels/gelu.hpp"

namespace m3sim {
namespace hls {
namespace {

using I32 = std::int32_t;

struct Exponential {
  static constexpr int kArguments = 1;
  static I32 of(const I32* x) { return kernels::exponential<HlsInts>(x[0]); }
};
struct Reciprocal {
  static constexpr int kArguments = 1;
  static I32 of(const I32* x) { return kernels::reciprocal<HlsInts>(x[0]); }
};
struct SquareRoot {
  static constexpr int kArguments = 1;
  static I32 of(const I32* x) { return kernels::square_root<HlsInts>(x[0]); }
};
struct Divide {
  static constexpr int kArguments = 2;
  static I32 of(const I32* x) { return kernels::divide<HlsInts>(x[0], x[1]); }
};
struct Gelu {
  static constexpr int kArguments = 1;
  static I32 of(const I32* x) { return kernels::gelu<HlsInts>(x[0]); }
};

/// Applies a function to each of `items` items.
template <class Function>
struct Apply : kernels::ActorBase<HlsInts> {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;
  kernels::Counter<HlsInts> item;

  void start(Index items) { item.start(items); }
  int input_lanes(int) const { return Function::kArguments; }
  bool done() const { return item.done(); }
  bool reads(int) const { return true; }
  bool writes(int) const { return true; }
  void fire(const I32* const* in, const I32* const*, I32* const* out, I32* const*) {
    out[0][0] = Function::of(in[0]);
  }
  void next() { item.step(true); }
};

template <class Function>
void apply(Stream<Function::kArguments> arguments, Stream<1> results, std::int32_t items) {
  Apply<Function> actor;
  M3SIM_HLS_ACTOR(actor)
  actor.start(items);
  run(actor, in(arguments), out(results), reads(), writes());
}

}  // namespace

void unit_exponential(Stream<1> arguments, Stream<1> results, std::int32_t items) {
  M3SIM_HLS_STREAM(arguments)
  M3SIM_HLS_STREAM(results)
  apply<Exponential>(arguments, results, items);
}

void unit_reciprocal(Stream<1> arguments, Stream<1> results, std::int32_t items) {
  M3SIM_HLS_STREAM(arguments)
  M3SIM_HLS_STREAM(results)
  apply<Reciprocal>(arguments, results, items);
}

void unit_square_root(Stream<1> arguments, Stream<1> results, std::int32_t items) {
  M3SIM_HLS_STREAM(arguments)
  M3SIM_HLS_STREAM(results)
  apply<SquareRoot>(arguments, results, items);
}

void unit_divide(Stream<2> arguments, Stream<1> results, std::int32_t items) {
  M3SIM_HLS_STREAM(arguments)
  M3SIM_HLS_STREAM(results)
  apply<Divide>(arguments, results, items);
}

void unit_gelu(Stream<1> arguments, Stream<1> results, std::int32_t items) {
  M3SIM_HLS_STREAM(arguments)
  M3SIM_HLS_STREAM(results)
  apply<Gelu>(arguments, results, items);
}

}  // namespace hls
}  // namespace m3sim
