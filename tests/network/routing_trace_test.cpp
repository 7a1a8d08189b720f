#include "model/network/routing_trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <sstream>

#include "model/config/config.hpp"
#include "model/config/error.hpp"
#include "tests/network/temporary_directory.hpp"
#include "tests/network/tiny_network.hpp"

namespace m3sim {
namespace {

using test::TemporaryDirectory;
using test::tiny_network;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

// Two tokens, top 2 of 4 experts, layer 1 of 2 is MoE.
Dimensions two_tokens() {
  Dimensions d = tiny_network();
  d.image_height = d.image_width = 4;
  return d;
}

Routing read(const std::string& text) {
  std::istringstream in(text);
  return read_routing_trace(in, "x.routing", two_tokens());
}

const std::string kHeader = "m3sim.routing/1 tokens=2 experts=4 top_k=2\n";

TEST(RoutingTrace, ReadsChoicesCommentsAndDefaultScores) {
  const Routing routing =
      read("# by hand\n" + kHeader + "\nleft 1 1 3:-5 0:7  # worst first\r\nleft 1 0 2 1:100\n");
  const LayerRouting& layer = routing.layer(0, 1);
  EXPECT_EQ(layer.choices(0)[0], (Choice{2, 1 << 21}));
  EXPECT_EQ(layer.choices(0)[1], (Choice{1, 100}));
  EXPECT_EQ(layer.choices(1)[0], (Choice{3, -5}));
  EXPECT_FALSE(routing.has_task(1)) << "a task may be absent";
}

TEST(RoutingTrace, ReturnsWhatWasWritten) {
  const TemporaryDirectory directory;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Dimensions d = tiny_network();
    const Routing routing = zipf_routing(d, 0.8, seed);
    const auto file = directory.path() / "x.routing";
    write_routing_trace(file, routing, d);
    EXPECT_EQ(read_routing_trace(file, d), routing) << "seed " << seed;
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".partial"));
  }
}

TEST(RoutingTrace, MayBeCompressed) {
  const TemporaryDirectory directory;
  const Dimensions d = tiny_network();
  const auto file = directory.path() / "x.routing.gz";
  const Routing routing = zipf_routing(d, 0.8, 4);
  std::ostringstream text;
  write_routing_trace(text, routing, d);
  gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.str().data(), static_cast<unsigned>(text.str().size()));
  gzclose(out);
  EXPECT_EQ(read_routing_trace(file, d), routing);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 20);
  EXPECT_THAT([&] { read_routing_trace(file, d); },
              ThrowsMessage<InputError>(HasSubstr("is a damaged gzip file")));
}

// The traces of the shipped networks, each with every task.
TEST(RoutingTrace, OfTheShippedNetworksAreComplete) {
  const std::string large = "accelerator/m3vit-zcu104.cfg";
  const std::vector<std::pair<std::string, std::vector<std::string>>> traces{
      {"edge-moe.routing", {"network/edge-moe.cfg"}},
      {"tiny.routing", {"network/tiny.cfg"}},
      {"m3vit-pascal.routing.gz", {large}},
      {"m3vit-nyud.routing.gz", {large, "network/m3vit-nyud.cfg"}}};
  for (const auto& [trace, files] : traces) {
    const NetworkConfig dimensions = load_config({files, {}}).values.network;
    const Routing routing =
        read_routing_trace(std::filesystem::path(M3SIM_SOURCE_DIR) / "traces" / trace, dimensions);
    for (std::size_t task = 0; task < dimensions.tasks.size(); ++task) {
      EXPECT_TRUE(routing.has_task(static_cast<int>(task))) << trace << ' ' << task;
    }
  }
}

TEST(RoutingTrace, NamesLineAndFault) {
  const auto refuses = [](const std::string& text, int line, const std::string& message) {
    EXPECT_THAT([&] { read(text); },
                ThrowsMessage<InputError>(testing::AllOf(
                    StartsWith("x.routing:" + std::to_string(line) + ": "), HasSubstr(message))));
  };
  const std::string both = "left 1 0 0 1\nleft 1 1 0 1\n";
  refuses("time,R,0x40\n", 1, "not a routing trace");
  refuses("m3sim.routing/1 tokens=2 experts=4\n", 1, "lacks top_k=");
  refuses("m3sim.routing/1 tokens=2 experts=4 top_k=2 more=1\n", 1, "words beyond");
  refuses("m3sim.routing/1 tokens=129 experts=4 top_k=2\n", 1, "another network: tokens=129");
  refuses("#\nm3sim.routing/1 tokens=2 experts=16 top_k=2\n", 2, "another network: experts=16");
  refuses("m3sim.routing/1 tokens=two experts=4 top_k=2\n", 1, "not a whole number");
  refuses(kHeader + "up 1 0 0 1\n", 2, "no task 'up'");
  refuses(kHeader + "left 0 0 0 1\n", 2, "layer 0 is no MoE layer");
  refuses(kHeader + "left 2 0 0 1\n", 2, "layer 2 is out of range");
  refuses(kHeader + "left 1 2 0 1\n", 2, "token 2 is out of range");
  refuses(kHeader + "left 1 0 0 4\n", 2, "expert 4 is out of range, expected 0 to 3");
  refuses(kHeader + "left 1 0 0 -1\n", 2, "expert -1 is out of range");
  refuses(kHeader + "left 1 0 1 1\n", 2, "expert 1 is given twice");
  refuses(kHeader + "left 1 0 0\n", 2, "found 4 words");
  refuses(kHeader + "left 1 0 0 1 2\n", 2, "found 6 words");
  refuses(kHeader + "left 1 0 0:1.5 1\n", 2, "score '1.5' is not a whole number");
  refuses(kHeader + "left 1 0 0:9999999999 1\n", 2, "not a whole number");
  refuses(kHeader + both + "left 1 1 2 3\n", 4, "token 1 of this task and layer is given twice");
  refuses(kHeader + "left 1 0 0 1\n", 2, "without token 1 of task left, layer 1");
  EXPECT_THAT([] { read(""); }, ThrowsMessage<InputError>(HasSubstr("empty")));
}

TEST(RoutingTrace, EveryMoeLayerIsNeeded) {
  Dimensions d = two_tokens();
  d.layers = 4;
  std::istringstream in(kHeader + "left 1 0 0 1\nleft 1 1 0 1\n");
  EXPECT_THAT([&] { read_routing_trace(in, "x.routing", d); },
              ThrowsMessage<InputError>(HasSubstr("without task left, layer 3")));
}

std::vector<std::size_t> queue_lengths(const LayerRouting& layer, int experts) {
  std::vector<std::size_t> lengths;
  for (const auto& queue : layer.queues(experts)) lengths.push_back(queue.size());
  return lengths;
}

// The queues of layer 1 that the published weights and image lead to (traces/README.md).
TEST(RoutingTrace, OfThePublishedNetworkIsShipped) {
  const Dimensions edge_moe;
  const Routing routing = read_routing_trace(
      std::filesystem::path(M3SIM_SOURCE_DIR "/traces/edge-moe.routing"), edge_moe);
  EXPECT_EQ(routing.layers().size(), 12u);
  using Lengths = std::vector<std::size_t>;
  EXPECT_EQ(queue_lengths(routing.layer(0, 1), edge_moe.experts),
            (Lengths{0, 6, 0, 32, 0, 27, 15, 24, 22, 18, 0, 22, 12, 33, 32, 15}));
  EXPECT_EQ(queue_lengths(routing.layer(1, 1), edge_moe.experts),
            (Lengths{0, 17, 0, 40, 1, 22, 16, 25, 2, 19, 0, 23, 16, 1, 52, 24}));
}

}  // namespace
}  // namespace m3sim
