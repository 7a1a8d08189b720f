#include "model/network/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "model/config/error.hpp"
#include "tests/network/temporary_directory.hpp"

namespace m3sim {
namespace {

using test::bytes_of;
using test::TemporaryDirectory;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Dimensions two_pixels() {
  Dimensions dimensions;
  dimensions.image_height = 1;
  dimensions.image_width = 2;
  return dimensions;
}

// Two RGB pixels, and the same samples channel by channel.
const std::vector<std::uint8_t> kInterleaved = {0, 10, 255, 1, 11, 128};

std::string png_of(const std::vector<std::uint8_t>& samples) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = 2;
  image.height = 1;
  image.format = PNG_FORMAT_RGB;
  std::vector<char> bytes(4096);
  png_alloc_size_t size = bytes.size();
  EXPECT_NE(png_image_write_to_memory(&image, bytes.data(), &size, 0, samples.data(), 0, nullptr),
            0);
  return {bytes.data(), size};
}

TEST(Image, EightBitSamplesAreTheRawNumbers) {
  const TemporaryDirectory directory;
  const std::string samples(kInterleaved.begin(), kInterleaved.end());
  const auto png = directory.write("x.png", png_of(kInterleaved));
  const auto ppm = directory.write("x.ppm", "P6 # by hand\n2 1\n255\n" + samples);
  for (const auto& file : {png, ppm}) {
    const Tensor raw = read_image(file.string(), two_pixels()).quantized();
    EXPECT_THAT(raw.raw, ElementsAre(0, 1, 10, 11, 255, 128)) << file;
    EXPECT_EQ(raw.shape, (Shape{3, 1, 2}));
    EXPECT_EQ(raw.fraction_bits, 8);
  }
}

TEST(Image, FloatsAreRoundedDown) {
  const TemporaryDirectory directory;
  const std::vector<float> values = {0.0f, 0.0039f, 0.00390625f, 0.5f, 0.9999f, 0.25f};
  const auto file = directory.write("x.float32.bin", bytes_of(values));
  EXPECT_THAT(read_image(file.string(), two_pixels()).quantized().raw,
              ElementsAre(0, 0, 1, 128, 255, 64));
}

TEST(Image, SeededPixelsDifferBySeed) {
  const Dimensions dimensions;
  const Image one = read_image("seed:1", dimensions);
  EXPECT_EQ(one.values.size(), 3u * 128 * 256);
  EXPECT_EQ(one.values, read_image("seed:1", dimensions).values);
  EXPECT_NE(one.values, read_image("seed:2", dimensions).values);
  for (const float value : one.values) EXPECT_TRUE(kPixelFormat.holds(value));
}

TEST(Image, RefusesValuesThatAPixelCannotHold) {
  const TemporaryDirectory directory;
  for (const float bad : {1.0f, -0.01f, 255.0f, std::numeric_limits<float>::quiet_NaN()}) {
    const std::vector<float> values = {0, 0, 0, bad, 0, 0};
    const auto file = directory.write("x.float32.bin", bytes_of(values));
    EXPECT_THAT([&] { read_image(file.string(), two_pixels()); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("x.float32.bin"), HasSubstr("value 3"))))
        << bad;
  }
}

TEST(Image, RefusesAnotherShape) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x.png", png_of(kInterleaved));
  EXPECT_THAT([&] { read_image(file.string(), Dimensions{}); },
              ThrowsMessage<InputError>(HasSubstr("[3, 1, 2]")));
}

TEST(Image, RefusesWhatIsNoImage) {
  const TemporaryDirectory directory;
  const auto refuses = [&](const std::string& name, const std::string& bytes) {
    const auto file = directory.write(name, bytes);
    EXPECT_THROW(read_image(file.string(), two_pixels()), InputError) << name;
  };
  refuses("text.png", "no image");
  refuses("cut.png", png_of(kInterleaved).substr(0, 50));
  refuses("empty.ppm", "");
  refuses("plain.ppm", "P3\n2 1\n255\n0 0 0 0 0 0\n");
  refuses("header.ppm", "P6\n2");
  refuses("comment.ppm", "P6\n# without end");
  refuses("deep.ppm", "P6\n2 1\n65535\n............");
  refuses("cut.ppm", "P6\n2 1\n255\n...");
  refuses("cut.float32.bin", "1234");
  refuses("image.jpeg", "known by none");
  EXPECT_THROW(read_image("/nowhere/x.png", two_pixels()), InputError);
  EXPECT_THROW(read_image("seed:x", two_pixels()), UsageError);
}

}  // namespace
}  // namespace m3sim
