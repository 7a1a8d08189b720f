#include "model/cost/resources.hpp"

#include <gmock/gmock.h>

#include "model/config/config.hpp"
#include "model/config/error.hpp"
#include "model/cost/device.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::cost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Resources, DspSlicesOfMultipliers) {
  EXPECT_EQ(dsp_of_multiplier(8, 16), 1);
  EXPECT_EQ(dsp_of_multiplier(27, 18), 1);
  EXPECT_EQ(dsp_of_multiplier(18, 27), 1) << "operands may change places";
  EXPECT_EQ(dsp_of_multiplier(32, 16), 2);
  EXPECT_EQ(dsp_of_multiplier(32, 32), 4);
}

TEST(Resources, BlockRamsOfMemories) {
  EXPECT_EQ(bram18_of_memory(256, 64), 0) << "LUTs hold it";
  EXPECT_EQ(bram18_of_memory(2048, 64), 57) << "too wide for LUTs";
  EXPECT_EQ(bram18_of_memory(36, 512), 1);
  EXPECT_EQ(bram18_of_memory(36, 513), 2);
  EXPECT_EQ(bram18_of_memory(256, 256), 8);  // 256 / 36 rounded up
  EXPECT_EQ(bram18_of_memory(1, 16384), 1);
}

/// The item of that name; one of -1 everywhere if there is none.
ResourceItem item_of(const Resources& resources, const std::string& name) {
  for (const ResourceItem& item : resources.items) {
    if (item.name == name) return item;
  }
  return {name, -1, -1, -1, -1, -1, "absent"};
}

std::int64_t bram18(const Resources& resources, const std::string& name) {
  return item_of(resources, name).bram18;
}

std::int64_t dsp(const Resources& resources, const std::string& name) {
  return item_of(resources, name).dsp;
}

TEST(Resources, OfThePublishedDesign) {
  const Resources r = resources(AcceleratorConfig{});
  EXPECT_EQ(r.items.front().name, "linear.mac_array");
  EXPECT_EQ(r.items.front().dsp, 512) << "256 multipliers of 32x16";
  EXPECT_EQ(bram18(r, "linear.weights"), 2 * 228) << "two banks of 576 words of 4096 bit";
  EXPECT_EQ(bram18(r, "patch_embed.weights"), 171) << "1152 words of 2048 bit";
  EXPECT_EQ(bram18(r, "gate.queue_tokens") + bram18(r, "gate.queue_scores"), 16 * 2);
  EXPECT_EQ(bram18(r, "ports.read_buffers") + bram18(r, "ports.write_buffers"), 9 * 8);
  // 512 + 32 + 32 linear; 144 + 144 + 5 x 12 + 4 attention; 96 norm; 86 patches; 256 + 24 + 4 gate.
  EXPECT_EQ(r.dsp(), 1394);
  EXPECT_THAT(exceeded(r, Device::read("zcu102")), IsEmpty());
}

TEST(Resources, FifosAndLogic) {
  EXPECT_EQ(lut_of_fifo(256, 32), 256);
  EXPECT_EQ(lut_of_fifo(256, 33), 512);
  EXPECT_EQ(uram_of_memory(72, 4096), 1);
  EXPECT_EQ(uram_of_memory(73, 4097), 4);
  const Resources r = resources(AcceleratorConfig{});
  const ResourceItem& array = r.items.front();
  EXPECT_EQ(array.lut, 256 * 32) << "an adder of 32 bits behind each product";
  EXPECT_EQ(array.ff, 256 * (32 + 16 + 64));
  EXPECT_EQ(r.uram(), 0);
}

TEST(Resources, LargeMemoriesMayBeUram) {
  AcceleratorConfig config;
  config.resources.uram_from_kib = 288;
  const Resources r = resources(config);
  EXPECT_EQ(r.uram(), 2 * 57 + 29) << "weight banks of 4096 bit, patch weights of 2048 bit";
  EXPECT_EQ(bram18(r, "linear.weights"), 0);
}

TEST(Resources, AUnitForEachKindOfLayer) {
  AcceleratorConfig config;
  config.linear.units = LinearUnits::kPerKind;
  config.linear.in_tile = 8;
  config.linear.out_tile = 4;
  const Resources one = resources(AcceleratorConfig{}), r = resources(config);
  EXPECT_EQ(dsp(r, "linear.mac_array"), dsp(one, "linear.mac_array")) << "8 x 8 x 4 = 16 x 16";
  EXPECT_EQ(dsp(r, "linear.gelu"), 2 * 4 * 2) << "behind fc1 of the MLP and of the experts";
  EXPECT_EQ(bram18(r, "linear.weights"), 16 * 15 * 9) << "two banks each, 4608 words of 512 bit";
  EXPECT_EQ(bram18(r, "linear.inputs"), 8 * 8) << "96 words of 256 bit each";
  EXPECT_EQ(item_of(r, "control").lut - item_of(one, "control").lut, 7 * 8 * 150)
      << "the eight loops and functions of the linear unit, seven times more";
}

TEST(Resources, ExactGeluUnits) {
  AcceleratorConfig config;
  config.gelu.kind = GeluKind::kExact;
  // A unit of 48 DSP slices and 3000 LUTs that holds 91 features; a stream of two tiles before it.
  ResourceItem gelu = item_of(resources(config), "linear.gelu");
  EXPECT_EQ(gelu.dsp, 48);
  EXPECT_EQ(gelu.lut, 3000 + 16 * 32);
  EXPECT_EQ(gelu.ff, 91 * 64 + 16 * 32);
  config.gelu.units = 2;
  config.gelu.ii = 42;  // 91 / 42: three features in flight
  gelu = item_of(resources(config), "linear.gelu");
  EXPECT_EQ(gelu.dsp, 2 * 48);
  EXPECT_EQ(gelu.ff, 2 * 3 * 64 + 16 * 32);
}

TEST(Resources, CachedExpertsBehindTheBanksOrInTheirPlace) {
  AcceleratorConfig config;
  config.experts.cache = "lru";
  Resources r = resources(config);
  EXPECT_EQ(bram18(r, "linear.weights"), 2 * 228);
  EXPECT_EQ(bram18(r, "experts.cache"), 8 * 114) << "two matrices of 288 words of 4096 bit each";
  EXPECT_EQ(item_of(r, "experts.cache_bias").lut, 8 * 288) << "24 words of 288 bit";
  config.experts.share_weight_memory = true;
  config.experts.cache_experts = 2;
  r = resources(config);
  EXPECT_EQ(bram18(r, "linear.weights"), 2 * 228) << "two experts are as large as the two banks";
  EXPECT_EQ(bram18(r, "experts.cache"), -1);
  config.experts.cache_experts = 16;
  r = resources(config);
  EXPECT_EQ(bram18(r, "linear.weights"), 32 * 114);
  EXPECT_EQ(bram18(r, "experts.cache"), -1);
}

TEST(Resources, SoftmaxInPasses) {
  AcceleratorConfig config;
  config.softmax.passes = 3;
  Resources r = resources(config);
  EXPECT_EQ(dsp(r, "attention.exponentials"), -1) << "no softmax inside attention";
  EXPECT_EQ(dsp(r, "attention.av"), 4 * 8 * 4) << "no product with 1/sum";
  EXPECT_EQ(dsp(r, "softmax.exponentials"), (3 + 3) * 3 * 4) << "three heads, two pipelined passes";
  EXPECT_EQ(dsp(r, "softmax.products"), 3 * 4);
  EXPECT_EQ(bram18(r, "softmax.rows"), 6) << "129 words of 3 x 2 x 32 bit";
  config.softmax.sum_ii = 73;
  config.softmax.normalize_ii = 27;
  r = resources(config);
  EXPECT_EQ(dsp(r, "softmax.exponentials"), (1 + 1) * 3 * 4) << "one unit does all heads in turn";
  config.softmax = {};
  config.softmax.passes = 2;
  r = resources(config);
  EXPECT_EQ(dsp(r, "softmax.exponentials"), (1 + 3) * 3 * 4) << "running sum at finalize's II of 3";
  EXPECT_EQ(dsp(r, "softmax.products"), (1 + 3) * 4) << "it rescales its sum";
}

TEST(Resources, AttentionWithoutReorderingServesARowAtATime) {
  AcceleratorConfig config;
  config.attention.reordered = false;
  const Resources r = resources(config);
  EXPECT_EQ(dsp(r, "attention.qk"), 9 * 4);
  EXPECT_EQ(dsp(r, "attention.av"), 9 * 4);
  EXPECT_EQ(dsp(r, "attention.exponentials"), (1 + 1) * 3 * 4);
}

TEST(Resources, HeadUnits) {
  const AcceleratorConfig config =
      load_config({{"accelerator/m3vit/reordered-pascal.cfg"}, {}}).values;
  const Resources r = resources(config);
  // Twelve units of 4 x 16 products of 32 x 32, and for each row the scale of Q x K, 1/sum of A x V.
  EXPECT_EQ(dsp(r, "attention.qk"), 12 * 4 * 17 * 4);
  EXPECT_EQ(dsp(r, "attention.av"), 12 * 4 * 17 * 4);
  EXPECT_EQ(dsp(r, "linear.mac_array"), 32 * 48 * 2);
  // Each unit keeps the scores of 1025 + 8 keys, four rows of 32 bit wide.
  EXPECT_EQ(bram18(r, "attention.streams"), 12 * 12);
  EXPECT_EQ(item_of(r, "linear.weights").uram, 4 * 342) << "192 words of 24,576 bit";
}

TEST(Resources, WhatDoesNotFitIsNamed) {
  AcceleratorConfig config;
  config.linear.in_tile = 64;
  config.linear.out_tile = 64;
  const Resources r = resources(config);
  EXPECT_THAT(exceeded(r, Device::read("zcu102")),
              ElementsAre(HasSubstr("dsp: " + std::to_string(r.dsp()) + " of 2520"),
                          HasSubstr("bram18: "), HasSubstr("ff: ")));
}

TEST(Device, PresetsAreRead) {
  for (const char* board : {"zcu102", "zcu104", "u280", "u50"}) {
    const Device device = Device::read(board);
    EXPECT_GT(device.dsp, 1000) << board;
    EXPECT_GT(device.ff, device.lut) << board;
  }
  EXPECT_EQ(Device::read("zcu104").uram, 96);
}

TEST(Device, FaultsAreNamed) {
  test::ScratchFolder folder;
  const std::string file = folder.write("x.cfg", "[device]\nname = x\ndsp = many\ncores = 3\n");
  try {
    Device::read(file);
    FAIL() << "must be refused";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.cfg:3: device.dsp = many: must be a whole number"));
    EXPECT_THAT(error.what(), HasSubstr("x.cfg:4: device.cores = 3: unknown key"));
    EXPECT_THAT(error.what(), HasSubstr("has no device.bram18"));
  }
  EXPECT_THROW(Device::read("no-such-board"), InputError);
}

}  // namespace
}  // namespace m3sim::cost
