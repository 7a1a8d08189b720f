#include "model/cost/resources.hpp"

#include <gmock/gmock.h>

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

std::int64_t bram18(const Resources& resources, const std::string& name) {
  for (const ResourceItem& item : resources.items) {
    if (item.name == name) return item.bram18;
  }
  return -1;
}

TEST(Resources, OfThePublishedDesign) {
  const Resources r = resources(AcceleratorConfig{});
  EXPECT_EQ(r.items.front().name, "linear.mac_array");
  EXPECT_EQ(r.items.front().dsp, 512) << "256 multipliers of 32x16";
  EXPECT_EQ(bram18(r, "linear.weights"), 2 * 228) << "two banks of 576 words of 4096 bit";
  EXPECT_EQ(bram18(r, "patch_embed.weights"), 171) << "1152 words of 2048 bit";
  EXPECT_EQ(bram18(r, "gate.queue_tokens") + bram18(r, "gate.queue_scores"), 16 * 2);
  EXPECT_EQ(bram18(r, "ports.read_buffers") + bram18(r, "ports.write_buffers"), 9 * 8);
  // 512 + 32 + 32 linear; 128 + 144 + 5 x 12 attention; 80 norm; 86 patches; 256 + 24 gate.
  EXPECT_EQ(r.dsp(), 1354);
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
