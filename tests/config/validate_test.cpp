#include "model/config/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "model/config/config.hpp"

namespace m3sim {
namespace {

struct Impossible {
  const char* what;
  std::function<void(AcceleratorConfig&)> change;
  const char* line;
};

TEST(Validate, CombinationsThatNoHardwareCanHave) {
  const Impossible cases[] = {
      {"patches must tile the image", [](auto& c) { c.network.image_height = 130; },
       "network.image_height = 130: must be a multiple of 16 (pixels of a patch)"},
      {"a word belongs to one head", [](auto& c) { c.network.heads = 5; },
       "network.width = 192: must be a multiple of 40 (5 heads of whole 256-bit words)"},
      {"no more experts than there are", [](auto& c) { c.network.top_k = 17; },
       "network.top_k = 17: must be at most 16 (network.experts)"},
      {"MoE layers exist",
       [](auto& c) {
         c.network.moe_layers = {LayerSelection::Kind::kList, {1, 12}};
       },
       "network.moe_layers = 1, 12: must name layers below 12 (network.layers)"},
      {"tiles are made of words", [](auto& c) { c.linear.out_tile = 12; },
       "linear.out_tile = 12: must be a multiple of 8 (features in a 256-bit word)"},
      {"tiles are powers of two", [](auto& c) { c.linear.in_tile = 24; },
       "linear.in_tile = 24: must be a power of two"},
      {"the input fits", [](auto& c) { c.linear.in_buffer_features = 767; },
       "linear.in_buffer_features = 767: must be at least 768 (the longest input of a linear "
       "layer)"},
      {"a bank holds a slice", [](auto& c) { c.linear.weight_buffer_kib = 23; },
       "linear.weight_buffer_kib = 23: must hold the smallest slice: 16 outputs x 768 inputs x 2 "
       "bytes = 24576 bytes"},
      {"what stays on chip has room",
       [](auto& c) {
         c.resident.tensor[static_cast<std::size_t>(DramTensor::kX)] = true;
         c.resident.capacity_kib = 96;
       },
       "resident.capacity_kib = 96: must be at least 97 (KiB of the tensors that stay on chip)"},
      {"rows in flight wait for other tokens",
       [](auto& c) {
         c.network.image_height = 16;
         c.network.image_width = 32;
       },
       "attention.rows = 4: must be less than the network's 3 tokens"},
      {"a lane needs a row", [](auto& c) { c.attention.softmax_lanes = 5; },
       "attention.softmax_lanes = 5: must be at most 4 (attention.rows)"},
      {"latencies lie inside the depth", [](auto& c) { c.port.scheduled_latency = 73; },
       "loops.attention_read_kv.depth = 73: must be more than 73 (port latencies inside the "
       "depth)"},
      {"a pipe must not hold itself for ever",
       [](auto& c) {
         c.port.request_queue = 54;
         c.port.read_buffer_beats = 16;
       },
       "port.read_buffer_beats = 16: must hold with port.request_queue (54) the 71 words that "
       "loop one_time_weights_patch_embed_weights requests before it takes the first"},
      {"a burst stays in 4 KiB",
       [](auto& c) {
         c.port.max_burst_beats = 256;
         c.port.read_buffer_beats = c.port.write_buffer_beats = 4096;
       },
       "port.max_burst_beats = 256: must make bursts of at most 4096 bytes (AXI), not 8192"},
      {"a burst has room", [](auto& c) { c.port.write_buffer_beats = 15; },
       "port.write_buffer_beats = 15: must be at least 16 (port.max_burst_beats: a burst is "
       "issued when all of it has room)"},
      {"the device has its bits", [](auto& c) { c.ddr.rows = 65536; },
       "ddr.density_mbit = 4096: must be bank_groups x banks x rows x columns x device_width = "
       "8192"},
      {"ranks are addressed", [](auto& c) { c.ddr.ranks = 2; },
       "ddr.address_map = robabgco: must contain ra where there are 2 ranks"},
      {"watermarks are in order", [](auto& c) { c.ddr.write_low_watermark = 26; },
       "ddr.write_low_watermark = 26: must be less than 26 (ddr.write_high_watermark)"},
      {"JEDEC: tRC", [](auto& c) { c.ddr.timing_unit = 1; },
       "ddr.trc = 52: must be at least 54 (tRC >= tRAS + tRP)"},
      {"JEDEC: tFAW", [](auto& c) { c.ddr.tfaw = 15; },
       "ddr.tfaw = 15: must be at least 16 (tFAW >= 4 x tRRD_S)"},
      {"JEDEC: tCCD", [](auto& c) { c.ddr.tccd_l = 3; },
       "ddr.tccd_l = 3: must be at least 4 (tCCD_L >= tCCD_S)"},
  };
  for (const Impossible& impossible : cases) {
    AcceleratorConfig config;
    impossible.change(config);
    try {
      validate(config);
      ADD_FAILURE() << "accepted: " << impossible.what;
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.lines().front(), impossible.line) << impossible.what;
    }
  }
}

TEST(Validate, DesignsThatHardwareCanHave) {
  EXPECT_NO_THROW(validate(AcceleratorConfig{}));
  for (int tile : {8, 16, 32, 64}) {
    AcceleratorConfig config;
    config.linear.in_tile = config.linear.out_tile = tile;
    EXPECT_NO_THROW(validate(config)) << tile;
  }
  for (int rows = 1; rows <= 32; ++rows) {
    AcceleratorConfig config;
    config.attention.rows = rows;
    EXPECT_NO_THROW(validate(config)) << rows;
  }
  AcceleratorConfig narrow;  // four features a word allow tiles of four
  narrow.word.bits = 128;
  narrow.linear.in_tile = narrow.linear.out_tile = 4;
  EXPECT_NO_THROW(validate(narrow));
}

}  // namespace
}  // namespace m3sim
