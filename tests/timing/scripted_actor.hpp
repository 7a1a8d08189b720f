// Actors whose firings are written down: what each reads, writes, requests, takes and puts.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "model/kernels/actor.hpp"

namespace m3sim::test {

struct Firing {
  std::array<bool, 2> reads{}, writes{};
  int request_words = 0;  ///< of the read port
  bool takes = false;
  int put_request_words = 0;  ///< of the write port
  bool puts = false;
};

/// Runs a script; every value that leaves is a hash of all that came in so far.
struct ScriptedActor : kernels::ActorBase<kernels::Ints> {
  static constexpr int kInputs = 2, kOutputs = 2, kReadPorts = 1, kWritePorts = 1;
  static constexpr bool kControl = true;

  explicit ScriptedActor(const std::vector<Firing>* script_in) : script(script_in) {}
  const std::vector<Firing>* script;
  std::size_t i = 0;
  int words_requested = 0, words_announced = 0;
  std::uint32_t hash = 1;

  const Firing& now() const { return (*script)[i]; }
  bool done() const { return i == script->size(); }
  bool reads(int k) const { return now().reads[static_cast<std::size_t>(k)]; }
  bool writes(int k) const { return now().writes[static_cast<std::size_t>(k)]; }
  bool requests(int m) const { return m == 0 ? now().request_words > 0 : now().put_request_words > 0; }
  kernels::Request<kernels::Ints> request(int m) const {
    return m == 0 ? kernels::Request<kernels::Ints>{words_requested, now().request_words}
                  : kernels::Request<kernels::Ints>{words_announced, now().put_request_words};
  }
  bool takes(int) const { return now().takes; }
  bool puts(int) const { return now().puts; }
  void mix(std::int32_t v) { hash = (hash ^ static_cast<std::uint32_t>(v)) * 0x9E3779B1u + 0x7F4A7C15u; }
  void fire(const I32* const* in, const I32* const* taken, I32* const* out, I32* const* put) {
    for (int k = 0; k < 2; ++k)
      if (reads(k)) mix(in[k][0]);
    if (takes(0)) mix(taken[0][0]);
    mix(static_cast<I32>(i));
    out[0][0] = out[1][0] = static_cast<I32>(hash);
    put[0][0] = static_cast<I32>(hash);
  }
  void next() {
    words_requested += now().request_words;
    words_announced += now().put_request_words;
    ++i;
  }
};

}  // namespace m3sim::test
