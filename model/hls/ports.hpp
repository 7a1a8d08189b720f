// Ports of a top, in three flavours: Vitis HLS (M3SIM_HLS_VITIS: the tool's streams and
// burst_maxi), Bambu (M3SIM_HLS_ARRAYS: plain arrays, which become memory ports), and host compilers
// (stand-ins with the tool's interface, standin/).
#pragma once
#include <cstdint>

#include "shapes.hpp"  // recorded with the stimuli: the parameters that the tops are built for

#if defined(M3SIM_HLS_VITIS)
#include <hls_burst_maxi.h>
#include <hls_stream.h>
#define M3SIM_HLS(directive) _Pragma(#directive)
#else
#define M3SIM_HLS(directive)
#if !defined(M3SIM_HLS_ARRAYS)
#include "model/hls/standin/hls_burst_maxi.h"
#include "model/hls/standin/hls_stream.h"
#endif
#endif

// A memory port as the published kernel configures it; an item as one value as wide as its lanes; the
// actor's members as registers of their own, so that its shape is constant.
// clang-format off
#define M3SIM_HLS_MEMORY(name) \
  M3SIM_HLS(HLS interface mode=m_axi port=name bundle=name offset=slave latency=64 depth=32768 \
            max_read_burst_length=16 max_write_burst_length=16 \
            num_read_outstanding=16 num_write_outstanding=16)
#define M3SIM_HLS_STREAM(name) M3SIM_HLS(HLS aggregate variable=name compact=bit)
#define M3SIM_HLS_ACTOR(name) M3SIM_HLS(HLS disaggregate variable=name)
// clang-format on

namespace m3sim {
namespace hls {

/// An item of a stream, or a word of memory: lanes of 32 bits.
template <int Lanes>
struct Item {
  std::int32_t lanes[Lanes];
};
/// Words of a tensor that a tool's co-simulation copies: the depth of M3SIM_HLS_MEMORY.
constexpr int kTensorWords = 32768;
/// A memory word, distinct from a stream's item of as many lanes.
struct Word {
  std::int32_t lanes[kFeatures];
};

#if defined(M3SIM_HLS_ARRAYS)

template <int Lanes>
using Stream = Item<Lanes>*;
using Memory = Word*;

/// The items of a call lie one after the other.
template <int Lanes>
struct Input {
  const Item<Lanes>* items;
  std::int32_t at = 0;
  Item<Lanes> item = {};
  explicit Input(const Item<Lanes>* stream) : items(stream) {}
  void read(bool now) {
    if (now) item = items[at++];
  }
};
template <int Lanes>
struct Output {
  Item<Lanes>* items;
  std::int32_t at = 0;
  Item<Lanes> item = {};
  explicit Output(Item<Lanes>* stream) : items(stream) {}
  void write(bool now) {
    if (now) items[at++] = item;
  }
};

/// Words that requests name: no kernel asks again before the words of its last request have passed.
struct Reader {
  const Word* memory;
  std::int32_t at = 0;
  Word word = {};
  explicit Reader(const Word* base) : memory(base) {}
  void request(std::int32_t first, std::int32_t) { at = first; }
  void take(bool now) {
    if (now) word = memory[at++];
  }
};
struct Writer {
  Word* memory;
  std::int32_t at = 0;
  Word word = {};
  explicit Writer(Word* base) : memory(base) {}
  void request(std::int32_t first, std::int32_t) { at = first; }
  void put(bool now) {
    if (now) memory[at++] = word;
  }
};

#else

template <int Lanes>
using Stream = ::hls::stream<Item<Lanes> >&;
using Memory = ::hls::burst_maxi<Word>;

template <int Lanes>
struct Input {
  Stream<Lanes> stream;
  Item<Lanes> item = {};
  explicit Input(Stream<Lanes> s) : stream(s) {}
  void read(bool now) {
    if (now) item = stream.read();
  }
};
template <int Lanes>
struct Output {
  Stream<Lanes> stream;
  Item<Lanes> item = {};
  explicit Output(Stream<Lanes> s) : stream(s) {}
  void write(bool now) {
    if (now) stream.write(item);
  }
};

struct Reader {
  Memory& memory;
  Word word = {};
  explicit Reader(Memory& m) : memory(m) {}
  void request(std::int32_t first, std::int32_t words) {
    memory.read_request(static_cast<unsigned>(first), static_cast<unsigned>(words));
  }
  void take(bool now) {
    if (now) word = memory.read();
  }
};
/// The response of a burst is awaited after its last word.
struct Writer {
  Memory& memory;
  std::int32_t left = 0;
  Word word = {};
  explicit Writer(Memory& m) : memory(m) {}
  void request(std::int32_t first, std::int32_t words) {
    memory.write_request(static_cast<unsigned>(first), static_cast<unsigned>(words));
    left = words;
  }
  void put(bool now) {
    if (!now) return;
    memory.write(word);
    --left;
    if (left == 0) memory.write_response();
  }
};

#endif

}  // namespace hls
}  // namespace m3sim
