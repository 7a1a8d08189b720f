#include "model/network/tensor_dump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/config/error.hpp"
#include "model/network/file.hpp"
#include "tests/network/temporary_directory.hpp"

namespace m3sim {
namespace {

using test::TemporaryDirectory;
using testing::HasSubstr;
using testing::ThrowsMessage;

const Tensor kNorm({2, 2}, 22, {1, -2, 3, INT32_MIN});
const Tensor kQueue({3}, kIntegerFractionBits, {0, 5, 7});

void write_dump(const std::filesystem::path& directory) {
  TensorDump dump(directory, "a test");
  dump.add("l0_norm1", 0, kNorm);
  dump.add("queue", std::nullopt, kQueue, "three of them");
  dump.finish();
}

TEST(TensorDump, ReturnsWhatWasWritten) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "dump";
  write_dump(path);
  const TensorDumpReader reader(path);
  EXPECT_EQ(reader.read("l0_norm1"), kNorm);
  EXPECT_EQ(reader.read("queue"), kQueue);
  EXPECT_TRUE(reader.has("queue"));
  EXPECT_FALSE(reader.has("l1_norm1"));
  EXPECT_EQ(reader.entries()[0].layer, 0);
  EXPECT_EQ(reader.entries()[1].layer, std::nullopt);
  EXPECT_EQ(reader.entries()[1].note, "three of them");
}

TEST(TensorDump, ManifestDescribesEveryTensor) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "dump";
  write_dump(path);
  const auto manifest = nlohmann::json::parse(read_file(path / "manifest.json"));
  const auto& norm = manifest.at("tensors").at(0);
  EXPECT_EQ(norm.at("shape"), (std::vector<int>{2, 2}));
  EXPECT_EQ(norm.at("dtype"), "int32 little-endian, C order");
  EXPECT_EQ(norm.at("q"), "ap_fixed<32,10>: signed, 22 fractional bits, raw two's complement");
  EXPECT_EQ(norm.at("min_raw"), INT32_MIN);
  EXPECT_EQ(norm.at("max_raw"), 3);
  EXPECT_EQ(norm.at("file"), "l0_norm1.bin");
  EXPECT_EQ(manifest.at("tensors").at(1).at("q"), "integer");
}

TEST(TensorDump, LeavesNothingUnlessFinished) {
  const TemporaryDirectory directory;
  {
    TensorDump dump(directory.path() / "dump", "given up");
    dump.add("l0_norm1", 0, kNorm);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(TensorDump, ReplacesAnEarlierDumpOnly) {
  const TemporaryDirectory directory;
  write_dump(directory.path() / "dump");
  write_dump(directory.path() / "dump/");
  EXPECT_EQ(TensorDumpReader(directory.path() / "dump").entries().size(), 2u);
  std::filesystem::create_directory(directory.path() / "other");
  directory.write("other/thesis.txt", "years of work");
  EXPECT_THAT([&] { TensorDump(directory.path() / "other", ""); },
              ThrowsMessage<InputError>(HasSubstr("not overwritten")));
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "other/thesis.txt"));
  EXPECT_THROW(TensorDump("/proc/dump", ""), InputError);
}

TEST(TensorDump, DamageIsFound) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "dump";
  write_dump(path);
  directory.write("dump/queue.bin", "12 bytes yes");
  EXPECT_THAT([&] { TensorDumpReader(path).read("queue"); },
              ThrowsMessage<InputError>(HasSubstr("SHA-256")));
  directory.write("dump/queue.bin", "short");
  EXPECT_THAT([&] { TensorDumpReader(path).read("queue"); },
              ThrowsMessage<InputError>(HasSubstr("5 bytes, expected 12")));
  EXPECT_THROW(TensorDumpReader(path).read("l9_norm1"), InputError);
  for (const char* manifest : {"", "[]", "{\"tensors\": [{}]}"}) {
    directory.write("dump/manifest.json", manifest);
    EXPECT_THROW(TensorDumpReader{path}, InputError) << manifest;
  }
  EXPECT_THROW(TensorDumpReader{directory.path()}, InputError);
}

}  // namespace
}  // namespace m3sim
