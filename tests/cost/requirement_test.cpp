#include "model/cost/requirement.hpp"

#include <gtest/gtest.h>

#include "model/config/config.hpp"

namespace m3sim::cost {
namespace {

constexpr std::int64_t kMibBits = std::int64_t{8} << 20;

MemoryRequirement of(const std::string& preset) {
  return memory_requirement(load_config({{preset}, {}}).values);
}

double mib(const MemoryRequirement& requirement) {
  return static_cast<double>(requirement.bits()) / static_cast<double>(kMibBits);
}

TEST(Requirement, OfM3ViTsDesigns) {
  const auto small = of("accelerator/m3vit/vit-small-pascal.cfg");
  const auto reordered = of("accelerator/m3vit/reordered-pascal.cfg");
  const auto cached = of("accelerator/m3vit/cached-pascal.cfg");
  const auto all = of("accelerator/m3vit/all-experts-pascal.cfg");
  EXPECT_NEAR(mib(small), 4.828, 0.0005) << "resources.buffers_kib is fitted to this";
  EXPECT_NEAR(mib(reordered), 4.840, 0.0005) << "16 x 384 gate weights of 16 bit more";
  EXPECT_EQ(cached.bits(), reordered.bits()) << "four experts lie where the banks are";
  EXPECT_NEAR(mib(all), 11.610, 0.001);
  // Twelve experts of 2 x 384 x 384 weights of 16 bit and 2 x 384 biases of 18 bit.
  EXPECT_EQ(all.bits() - reordered.bits(), 12 * (2 * 384 * 384 * 16 + 2 * 384 * 18));
  EXPECT_NEAR(mib(all) / mib(reordered), 2.40, 0.005);
}

TEST(Requirement, OfThePublishedEdgeMoEDesign) {
  const AcceleratorConfig config;
  const auto requirement = memory_requirement(config);
  EXPECT_EQ(requirement.items.front().name, "weight_banks");
  EXPECT_EQ(requirement.items.front().bits, 2 * (288 * 1024 * 8 + 768 * 18));
}

}  // namespace
}  // namespace m3sim::cost
