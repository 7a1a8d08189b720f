// Every process of every engine against iterations and cycles worked out by hand.
//
// The tiny network: N = 9 tokens (2 rows of 4 patches and the class token), D = 32, F = 8, so B = 4 words a token; 2
// heads, p = 4, tiles of 16 x 16, E = 4 experts, k = 2, hidden 64 (dense) and 32 (expert); uniform routing gives
// queues of 5, 5, 4, 4. A process that is started s times and issues n iterations in all is busy for n II cycles and
// drains for s (depth - II); interval and depth are those of the published loops (data: hls-loops.csv).
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using Json = nlohmann::json;

struct Expected {
  const char *kernel, *process;
  int iterations;
  int busy;   ///< iterations x II
  int drain;  ///< starts x (depth - II)
};

constexpr Expected kExpected[] = {
    // 2 rows x 3 channels, each a loop of 16 lines x 2 words; depth 3.
    {"patch_embed", "read", 2 * 3 * 32, 192, 6 * 2},
    // Per row: 3 channels x 16 lines x 2 words x B, II 3, depth 33.
    {"patch_embed", "accumulate", 2 * 96 * 4, 3 * 768, 2 * 30},
    // Per row: 4 patches x B, depth 5.
    {"patch_embed", "output", 2 * 16, 32, 2 * 4},
    {"class_token", "copy", 4, 4, 2},
    // Four loops of B, depth 3.
    {"layer0.load_norms", "load", 16, 16, 4 * 2},
    // Repeated per token: B each, depths 80 and 154.
    {"layer0.norm1", "accumulate", 36, 36, 9 * 79},
    {"layer0.norm1", "output", 36, 36, 9 * 153},
    // out x in / 16 words at depth 5, then out / 16 words of biases at depth 3.
    {"layer0.q.load", "load", 64 + 2, 66, 4 + 2},
    {"layer0.mlp.fc1.load", "load", 128 + 4, 132, 4 + 2},
    // N x in / 8 words in (depth 3), N x in/16 x out/16 tiles (16), N x out / 8 words out (5).
    {"layer0.q", "read_direct", 36, 36, 2},
    {"layer0.q", "compute", 9 * 2 * 2, 36, 15},
    {"layer0.q", "write_direct", 36, 36, 4},
    {"layer0.mlp.fc1", "compute", 9 * 2 * 4, 72, 15},
    {"layer0.mlp.fc2", "read_direct", 9 * 8, 72, 2},
    // I = (floor(12 / 4) x 9 + 12 mod 4) x B = 108 words of K; 27 keys x p = 108 score items.
    {"layer0.attention.qk", "read_q", 36, 36, 2},
    {"layer0.attention.qk", "read_k", 108, 108, 72},
    {"layer0.attention.qk", "multiply_k", 108, 108, 14},
    {"layer0.attention.qk", "finalize", 108, 3 * 108, 75},
    {"layer0.attention.qk", "write_scores", 108, 108, 2},
    {"layer0.attention.qk", "write_softmax_info", 9, 9, 2},
    {"layer0.attention.av", "read_v", 108, 108, 72},
    {"layer0.attention.av", "read_scores", 108, 108, 2},
    {"layer0.attention.av", "read_softmax_info", 9, 9, 2},
    {"layer0.attention.av", "prepare", 108, 108, 2},
    {"layer0.attention.av", "multiply_v", 108, 108, 28},
    {"layer0.attention.av", "write_out", 36, 36, 2},
    {"layer0.residual1", "add", 36, 36, 141},
    // E x B single words, depth 75.
    {"layer1.gate.load", "load", 16, 16, 74},
    {"layer1.gate.route", "read", 36, 36, 2},
    // Per token: mat-vec B (II 1, depth 8); softmax E (II 3, depth 24) beside top-k E; one divide of 19 + 58 cycles.
    {"layer1.gate.route", "gate", 9 * (4 + 4 + 4 + 1), 9 * (4 + 12 + 77), 9 * (7 + 21)},
    // N at II 2 and depth 4, then E of the meta-queue.
    {"layer1.gate.route", "write_results", 9 + 4, 18 + 4, 2},
    {"layer1.gate.zero", "zero", 36, 36, 2},
    // A queue of 5: 5 x B words by single requests (depth 79), 5 x 2 x 2 tiles, 5 x B words (depth 148).
    {"layer1.experts.0.fc1", "read_by_queue", 20, 20, 78},
    {"layer1.experts.0.fc1", "compute", 20, 20, 15},
    {"layer1.experts.0.fc1", "write_by_queue", 20, 20, 147},
    {"layer1.experts.0.fc2", "write_by_queue", 20, 20, 147},
    {"layer1.experts.3.fc1", "read_by_queue", 16, 16, 78},
};

class EngineCycles : public testing::TestWithParam<const char*> {};

TEST_P(EngineCycles, EveryProcessIssuesAndDrainsAsWorkedOutByHand) {
  const test::ScratchFolder folder;
  const test::Outcome outcome = test::run_program(
      std::string("run --config network/tiny.cfg --data off --routing uniform --task first ") +
          GetParam() + " --report '" + folder.path("report.json") + "'",
      folder);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json report = Json::parse(test::read_file(folder.path("report.json")));
  std::map<std::string, Json> processes, kernels;
  for (const Json& kernel : report["tasks"][0]["kernels"]) {
    kernels[kernel["name"]] = kernel;
    for (const Json& process : kernel["processes"])
      processes[kernel["name"].get<std::string>() + "/" + process["name"].get<std::string>()] =
          process;
  }
  for (const Expected& e : kExpected) {
    const std::string name = std::string(e.kernel) + "/" + e.process;
    ASSERT_TRUE(processes.contains(name)) << name;
    const Json& process = processes[name];
    EXPECT_EQ(process["iterations"], e.iterations) << name;
    EXPECT_EQ(process["stalls"].value("busy", 0), e.busy) << name;
    EXPECT_EQ(process["stalls"].value("fill_drain", 0), e.drain) << name;
    // No process can be shorter than its own loop.
    EXPECT_GE(kernels[e.kernel]["cycles"].get<int>(), e.busy + e.drain) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(BothMemoriesAndExecutions, EngineCycles,
                         testing::Values("--set memory.kind=simple", "--set memory.kind=ddr",
                                         "--time lockstep"));

}  // namespace
}  // namespace m3sim
