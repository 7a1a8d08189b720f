// Parameters against the published weights and the generator of the published stage tensors.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/network/image.hpp"
#include "model/network/parameters.hpp"

namespace m3sim {
namespace {

std::string sha256_of_int16(const std::vector<std::int32_t>& raw) {
  const std::vector<std::int16_t> narrow(raw.begin(), raw.end());
  std::array<unsigned char, 32> digest{};
  std::size_t length = digest.size();
  EVP_Q_digest(nullptr, "SHA256", nullptr, narrow.data(), 2 * narrow.size(), digest.data(),
               &length);
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

class PublishedParameters : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no reference data beside the checkout";
  }
  const std::filesystem::path kFolder = std::filesystem::path(M3SIM_SHARED_DATA) / "edge-moe";
};

TEST_F(PublishedParameters, GeneratedExpertsAreThoseOfTheManifest) {
  const auto manifest = nlohmann::json::parse(std::ifstream(kFolder / "golden/manifest.json"));
  const auto& generator = manifest.at("expert_weight_generator");
  const Parameters parameters(Dimensions{},
                              ParameterSource::parse((kFolder / "weights").string(), "seed:0"));
  EXPECT_EQ(parameters.filled().size(), 12u);
  EXPECT_TRUE(parameters.wrapped().empty());
  for (const int layer : moe_layers(Dimensions{})) {
    for (const int matrix : {0, 1}) {
      const std::string key = "layer" + std::to_string(layer) + "_m" + std::to_string(matrix);
      const Tensor raw = parameters.quantized(
          {matrix == 0 ? ParameterKind::kExpertFc1Weight : ParameterKind::kExpertFc2Weight, layer});
      EXPECT_EQ(sha256_of_int16(raw.raw), generator.at("sha256_int16le").at(key)) << key;
      if (!generator.at("first_8_raw").contains(key)) continue;
      const std::vector<std::int32_t> first(raw.raw.begin(), raw.raw.begin() + 8);
      EXPECT_EQ(first, generator.at("first_8_raw").at(key).get<std::vector<std::int32_t>>()) << key;
    }
  }
}

TEST_F(PublishedParameters, ImageHasWholeQ08Pixels) {
  const Image image = read_image((kFolder / "weights/image.float32.bin").string(), Dimensions{});
  const Tensor raw = image.quantized();
  for (std::size_t i = 0; i < raw.size(); ++i) ASSERT_EQ(raw.value(i), image.values[i]);
}

}  // namespace
}  // namespace m3sim
