// Actors whose firings are written down: what each reads, writes, requests, takes and puts.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "model/kernels/actor.hpp"
#include "model/timing/process.hpp"

namespace m3sim::test {

using timing::Firing;

/// Runs a script; every value that leaves is a hash of all that came in so far.
struct ScriptedActor : kernels::ActorBase<kernels::Ints> {
  static constexpr int kInputs = 2, kOutputs = 2, kReadPorts = 2, kWritePorts = 2;
  static constexpr bool kControl = true;

  explicit ScriptedActor(const std::vector<Firing>* script_in) : script(script_in) {}
  const std::vector<Firing>* script;
  std::size_t i = 0;
  std::array<int, 2> words_requested{}, words_announced{};
  std::uint32_t hash = 1;

  const Firing& now() const { return (*script)[i]; }
  bool done() const { return i == script->size(); }
  bool reads(int k) const { return now().reads[port(k)]; }
  bool writes(int k) const { return now().writes[port(k)]; }
  bool requests(int m) const {
    return m < 2 ? now().request_words[port(m)] > 0 : now().announce_words[port(m - 2)] > 0;
  }
  kernels::Request<kernels::Ints> request(int m) const {
    if (m < 2) return {words_requested[port(m)], now().request_words[port(m)]};
    return {words_announced[port(m - 2)], now().announce_words[port(m - 2)]};
  }
  bool takes(int m) const { return now().takes[port(m)]; }
  bool puts(int m) const { return now().puts[port(m)]; }
  void fire(const I32* const* in, const I32* const* taken, I32* const* out, I32* const* put) {
    for (int k = 0; k < 2; ++k) {
      if (reads(k)) mix(in[k][0]);
      if (takes(k)) mix(taken[k][0]);
    }
    mix(static_cast<I32>(i));
    for (int k = 0; k < 2; ++k) out[k][0] = put[k][0] = static_cast<I32>(hash);
  }
  void next() {
    for (std::size_t m = 0; m < 2; ++m) {
      words_requested[m] += now().request_words[m];
      words_announced[m] += now().announce_words[m];
    }
    ++i;
  }

 private:
  static std::size_t port(int k) { return static_cast<std::size_t>(k); }
  void mix(std::int32_t v) {
    hash = (hash ^ static_cast<std::uint32_t>(v)) * 0x9E3779B1u + 0x7F4A7C15u;
  }
};

}  // namespace m3sim::test
