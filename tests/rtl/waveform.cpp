// Draws model/rtl/linear_compute.svg: rtl_waveform > FILE. A Verilated linear_compute of small.cfg
// (tile 4 x 4, interval 1, depth 16) works off three tokens of 2 x 2 tiles; its input pauses, then
// its output stream is full for a while.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "Vsmall_linear_compute_socket.h"

namespace {

struct Signal {
  std::string name;
  std::vector<int> values;
};

constexpr int kCycles = 44, kStep = 17, kRow = 26, kLeft = 132, kHigh = 16;

/// The signals of interest in each cycle.
std::vector<Signal> run() {
  std::vector<Signal> s{{"in_item_valid", {}},  {"in_item_ready", {}},  {"issue", {}},
                        {"out_item_valid", {}}, {"out_item_ready", {}}, {"held", {}},
                        {"finished", {}}};
  Vsmall_linear_compute_socket dut;
  const auto edge = [&] {
    dut.clk = 1;
    dut.eval();
    dut.clk = 0;
  };
  dut.clk = 0;
  dut.reset = 1;
  dut.eval();
  edge();
  dut.reset = 0;
  // tokens, in_blocks, out_blocks, gelu, first_tile, first_block
  const std::uint32_t start[] = {3, 2, 2, 0, 0, 0};
  std::memcpy(&dut.start_values, start, sizeof start);
  dut.start = 1;
  dut.eval();
  edge();
  dut.start = 0;
  int left = 6;  // items: two of each token
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    dut.in_valid = left > 0 && !(cycle >= 4 && cycle < 8);
    dut.out_ready = !(cycle >= 22 && cycle < 26);
    dut.eval();
    left -= dut.in_ready;
    const int now[] = {dut.in_valid,  dut.in_ready, dut.issue,   dut.out_valid,
                       dut.out_ready, dut.held,     dut.finished};
    for (std::size_t i = 0; i < s.size(); ++i) s[i].values.push_back(now[i]);
    edge();
  }
  return s;
}

void draw(const Signal& signal, int row) {
  const int base = 34 + row * kRow + kHigh;
  std::printf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n<path d=\"M%d %d", kLeft - 8,
              base - 3, signal.name.c_str(), kLeft, base - (signal.values[0] ? kHigh : 0));
  for (int c = 0; c < kCycles; ++c)
    std::printf(" V%d h%d", base - (signal.values[static_cast<std::size_t>(c)] ? kHigh : 0), kStep);
  std::printf("\"/>\n");
}

}  // namespace

int main() {
  const std::vector<Signal> signals = run();
  const int width = kLeft + kCycles * kStep + 12;
  const int height = 44 + static_cast<int>(signals.size()) * kRow;
  std::printf(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
      "font-family=\"monospace\" font-size=\"12\">\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
      "<g stroke=\"#ddd\" fill=\"none\">\n",
      width, height);
  for (int c = 0; c <= kCycles; ++c)
    std::printf("<path d=\"M%d 24 V%d\"/>\n", kLeft + c * kStep, height - 10);
  std::printf("</g>\n<g fill=\"#555\">\n");
  for (int c = 0; c < kCycles; c += 4)
    std::printf("<text x=\"%d\" y=\"18\">%d</text>\n", kLeft + c * kStep + 2, c);
  std::printf(
      "</g>\n<g stroke=\"#1f5fa8\" stroke-width=\"1.5\" fill=\"none\">\n"
      "<style>text { stroke: none; fill: black }</style>\n");
  for (std::size_t i = 0; i < signals.size(); ++i) draw(signals[i], static_cast<int>(i));
  std::printf("</g>\n</svg>\n");
  return 0;
}
