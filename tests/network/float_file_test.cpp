#include "model/network/float_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// A NumPy file of format `major`.0, padded as NumPy does it.
std::string npy(int major, std::string header, const std::string& data) {
  const std::size_t prefix = major == 1 ? 10 : 12;
  while ((prefix + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(major);
  bytes += '\0';
  for (std::size_t i = 0; i < prefix - 8; ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  }
  return bytes + header + data;
}

std::string header(const std::string& type, bool fortran, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }";
}

const std::vector<float> kSix = {0, 1, 2, 10, 11, 12};  // [2, 3]

TEST(FloatFile, ReadsPlainFloatsWholeAndInPart) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x.float32.bin", bytes_of(kSix));
  EXPECT_EQ(read_floats(file, {2, 3}), kSix);
  EXPECT_THAT(read_floats(file, {2, 3}, 3, 3), ElementsAre(10, 11, 12));
}

TEST(FloatFile, ReadsNumpyOfEveryFormatVersion) {
  const TemporaryDirectory directory;
  for (const int major : {1, 2, 3}) {
    const auto file =
        directory.write("x.npy", npy(major, header("<f4", false, "(2, 3)"), bytes_of(kSix)));
    EXPECT_EQ(read_floats(file, {2, 3}), kSix) << "format " << major;
    EXPECT_THAT(read_floats(file, {2, 3}, 4, 1), ElementsAre(11)) << "format " << major;
  }
}

TEST(FloatFile, ReadsFortranOrderAndDoubles) {
  const TemporaryDirectory directory;
  const std::vector<double> columns = {0, 10, 1, 11, 2, 12};
  const auto file =
      directory.write("x.npy", npy(1, header("<f8", true, "(2, 3)"), bytes_of(columns)));
  EXPECT_EQ(read_floats(file, {2, 3}), kSix);
  EXPECT_THAT(read_floats(file, {2, 3}, 3, 3), ElementsAre(10, 11, 12));
}

TEST(FloatFile, ReadsOneDimension) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x.npy", npy(1, header("<f4", true, "(6,)"), bytes_of(kSix)));
  EXPECT_EQ(read_floats(file, {6}), kSix);
}

TEST(FloatFile, NamesFileShapeAndBytesOfAShortFile) {
  const TemporaryDirectory directory;
  const auto file = directory.write("short.float32.bin", bytes_of(kSix).substr(0, 20));
  EXPECT_THAT(
      [&] {
        read_floats(file, {2, 3});
      },
      ThrowsMessage<InputError>(AllOf(HasSubstr("short.float32.bin"), HasSubstr("20 bytes"),
                                      HasSubstr("expected 24"), HasSubstr("[2, 3]"))));
}

TEST(FloatFile, RefusesWhatIsNoTensorOfThisShape) {
  const TemporaryDirectory directory;
  const auto refuses = [&](const std::string& bytes, const std::string& message) {
    const auto file = directory.write("x.npy", bytes);
    EXPECT_THAT(
        [&] {
          read_floats(file, {2, 3});
        },
        ThrowsMessage<InputError>(AllOf(HasSubstr("x.npy"), HasSubstr(message))));
  };
  const std::string data = bytes_of(kSix);
  refuses("", "not a NumPy file");
  refuses("plain text, no array", "not a NumPy file");
  refuses(npy(1, header("<f4", false, "(3, 2)"), data), "its shape is [3, 2], expected [2, 3]");
  refuses(npy(1, header("<i4", false, "(2, 3)"), data), "'<i4'");
  refuses(npy(1, header(">f4", false, "(2, 3)"), data), "'>f4'");
  refuses(npy(1, "{'descr': '<f4', 'shape': (2, 3)}", data), "names no shape or order");
  refuses(npy(1, header("<f4", false, "(2, x)"), data), "names no shape or order");
  refuses(npy(1, header("<f4", false, "(2, 3)"), data.substr(4)), "bytes, expected");
  refuses(npy(1, header("<f4", false, "(2, 3)"), data + "more"), "bytes, expected");
  refuses(npy(1, header("<f4", false, "(2, 3)"), "").substr(0, 40), "within its NumPy header");
}

TEST(FloatFile, RefusesNanAndInfinity) {
  const TemporaryDirectory directory;
  std::vector<float> values = kSix;
  values[4] = std::numeric_limits<float>::quiet_NaN();
  const auto file = directory.write("nan.float32.bin", bytes_of(values));
  EXPECT_THAT(
      [&] {
        read_floats(file, {2, 3});
      },
      ThrowsMessage<InputError>(HasSubstr("nan.float32.bin: value 4 is NaN")));
  values[4] = 1e30f;
  values[5] = -std::numeric_limits<float>::infinity();
  directory.write("nan.float32.bin", bytes_of(values));
  EXPECT_THAT(
      [&] {
        read_floats(file, {2, 3});
      },
      ThrowsMessage<InputError>(HasSubstr("value 5 is infinite")));
}

TEST(FloatFile, RefusesAMissingFile) {
  EXPECT_THROW(read_floats("/nowhere/x.float32.bin", {1}), InputError);
}

}  // namespace
}  // namespace m3sim
