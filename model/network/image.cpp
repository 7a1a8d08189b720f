#include "model/network/image.hpp"

#include <png.h>

#include <cctype>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "model/config/error.hpp"
#include "model/network/file.hpp"
#include "model/network/float_file.hpp"
#include "model/network/seeded.hpp"

namespace m3sim {
namespace {

// 8-bit samples, rows from the top, channels interleaved.
struct Picture {
  int channels = 3;
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> samples;
};

Picture decode_png(const std::string& file, int channels) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  const std::string bytes = read_file(file);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
    throw InputError(file, std::string("not a PNG image (") + image.message + ")");
  }
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Picture picture;
  picture.channels = channels;
  picture.height = static_cast<int>(image.height);
  picture.width = static_cast<int>(image.width);
  picture.samples.resize(PNG_IMAGE_SIZE(image));
  const png_color black{0, 0, 0};  // under transparent pixels
  if (png_image_finish_read(&image, &black, picture.samples.data(), 0, nullptr) == 0) {
    const std::string reason = image.message;
    png_image_free(&image);
    throw InputError(file, "damaged PNG image (" + reason + ")");
  }
  return picture;
}

// Next number of a PPM header; `#` starts a comment.
int ppm_number(std::string_view bytes, std::size_t& at, const std::string& file) {
  while (at < bytes.size() &&
         (std::isspace(static_cast<unsigned char>(bytes[at])) != 0 || bytes[at] == '#')) {
    if (bytes[at] == '#') at = std::min(bytes.find('\n', at), bytes.size() - 1);
    ++at;
  }
  int number = 0;
  const std::size_t begin = at;
  while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && number < 1'000'000) {
    number = 10 * number + (bytes[at++] - '0');
  }
  if (at == begin) throw InputError(file, "damaged PPM header");
  return number;
}

Picture decode_ppm(const std::string& file) {
  const std::string bytes = read_file(file);
  if (!bytes.starts_with("P6")) throw InputError(file, "not a binary PPM image (P6)");
  std::size_t at = 2;
  Picture picture;
  picture.width = ppm_number(bytes, at, file);
  picture.height = ppm_number(bytes, at, file);
  const int maximum = ppm_number(bytes, at, file);
  if (maximum != 255) {
    throw InputError(file, "its largest sample is " + std::to_string(maximum) + ", expected 255");
  }
  ++at;  // one white space ends the header
  const std::size_t count = element_count({picture.height, picture.width, 3});
  if (at > bytes.size() || bytes.size() - at < count) {
    throw InputError(file, "ends within its pixels");
  }
  picture.samples.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
  return picture;
}

Image from_picture(const Picture& picture, const std::string& file, const Shape& shape) {
  const Shape found = {picture.channels, picture.height, picture.width};
  if (found != shape) {
    throw InputError(file, "image of " + to_string(found) +
                               " (channels, height, width), the network takes " + to_string(shape));
  }
  Image image{shape, std::vector<float>(picture.samples.size())};
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::size_t pixels = picture.samples.size() / channels;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t c = 0; c < channels; ++c) {
      image.values[c * pixels + pixel] =
          static_cast<float>(picture.samples[pixel * channels + c]) / 256.0f;
    }
  }
  return image;
}

Image seeded_image(std::uint64_t seed, const Shape& shape) {
  constexpr std::uint64_t kTag = 255;  // beside the tags of parameters
  SplitMix64 generator(65536 * seed + kTag);
  Image image{shape, std::vector<float>(element_count(shape))};
  for (float& value : image.values) value = static_cast<float>(generator.next() >> 56) / 256.0f;
  return image;
}

Image from_floats(const std::string& file, const Shape& shape) {
  Image image{shape, read_floats(file, shape)};
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    if (!kPixelFormat.holds(image.values[i])) {
      throw InputError(
          file, "value " + std::to_string(i) + " is " + std::to_string(image.values[i]) +
                    ", outside [0, 1) of an unsigned Q0.8 pixel (scale 8-bit samples by 1/256)");
    }
  }
  return image;
}

}  // namespace

Tensor Image::quantized() const { return quantize(shape, values, kPixelFormat); }

Image read_image(const std::string& source, const Dimensions& dimensions) {
  const Shape shape = {dimensions.image_channels, dimensions.image_height, dimensions.image_width};
  if (source.starts_with("seed:")) return seeded_image(parse_seed(source, "--image"), shape);
  if (source.ends_with(".bin") || source.ends_with(".npy")) return from_floats(source, shape);
  if (source.ends_with(".png")) {
    return from_picture(decode_png(source, shape[0] == 1 ? 1 : 3), source, shape);
  }
  if (source.ends_with(".ppm")) return from_picture(decode_ppm(source), source, shape);
  throw InputError(source, "not an image that is known (.float32.bin, .npy, .png, .ppm, seed:N)");
}

}  // namespace m3sim
