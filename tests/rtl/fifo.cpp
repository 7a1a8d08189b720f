// The FIFO module against the simulated stream: rtl_fifo [early] prints what it compared; exit code 1
// where a cycle differs. `early` compares the module with the planted fault.
#include <cstdio>
#include <cstring>

#include "Vearly1.h"
#include "Vearly2.h"
#include "Vfifo1.h"
#include "Vfifo2.h"
#include "Vfifo5.h"
#include "model/timing/stream.hpp"
#include "tests/rtl/draw.hpp"

namespace {

using m3sim::test::Draw;
using m3sim::timing::Cycle;

/// Cycles in which the module and a stream of `depth` slots disagree.
template <class Fifo>
int differences(int depth, std::uint64_t seed) {
  Draw draw(seed);
  m3sim::timing::Stream stream("stream", depth, 1, true);
  Fifo fifo;
  const auto edge = [&] {
    fifo.clk = 1;
    fifo.eval();
    fifo.clk = 0;
  };
  fifo.clk = 0;
  fifo.reset = 1;
  fifo.eval();
  edge();
  fifo.reset = 0;
  const int writes = draw.from(1, 4), reads = draw.from(1, 4);
  int different = 0;
  for (Cycle cycle = 1; cycle < 400; ++cycle) {
    const bool wants_write = draw.from(0, 3) < writes, wants_read = draw.from(0, 3) < reads;
    const auto value = static_cast<std::int32_t>(draw.bits());
    const bool room = stream.slot() <= cycle, item = stream.available() <= cycle;
    fifo.in_data = static_cast<std::uint32_t>(value);
    fifo.in_valid = wants_write && room;
    fifo.out_ready = wants_read;
    fifo.eval();
    different += (fifo.in_ready != 0) != room || (fifo.out_valid != 0) != item;
    if (item) different += static_cast<std::int32_t>(fifo.out_data) != *stream.front_value();
    if (wants_read && item) stream.read(cycle);
    if (wants_write && room) {
      *stream.push_value() = value;
      stream.write(cycle);
    }
    edge();
  }
  return different;
}

template <class Fifo>
int compare(int depth) {
  int different = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) different += differences<Fifo>(depth, seed);
  std::printf("FIFO of depth %d: 50 seeds of 400 cycles, %d differences\n", depth, different);
  return different;
}

}  // namespace

int main(int argc, char** argv) {
  const bool early = argc > 1 && std::strcmp(argv[1], "early") == 0;
  const int different = early ? compare<Vearly1>(1) + compare<Vearly2>(2)
                              : compare<Vfifo1>(1) + compare<Vfifo2>(2) + compare<Vfifo5>(5);
  return different == 0 ? 0 : 1;
}
