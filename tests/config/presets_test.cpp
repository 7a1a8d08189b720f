#include "model/config/presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "model/config/config.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> presets(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(M3SIM_SOURCE_DIR) / "configs" / folder)) {
    if (entry.path().extension() == ".cfg")
      names.push_back(folder + "/" + entry.path().filename().string());
  }
  return names;
}

TEST(Presets, EveryAcceleratorLoads) {
  EXPECT_FALSE(presets("accelerator").empty());
  for (const std::string& preset : presets("accelerator")) {
    EXPECT_NO_THROW(load_config({{preset}, {}})) << preset;
  }
}

TEST(Presets, EveryMemoryLoadsBelowTheDefaultAccelerator) {
  EXPECT_GE(presets("ddr").size(), 4u);
  for (const std::string& preset : presets("ddr")) {
    EXPECT_NO_THROW(load_config({{kDefaultPreset, preset}, {}})) << preset;
  }
}

TEST(Presets, EveryNetworkLoadsOnAnAcceleratorWithItsBuffers) {
  EXPECT_GE(presets("network").size(), 4u);
  for (const std::string& preset : presets("network")) {
    EXPECT_NO_THROW(load_config({{"accelerator/m3vit-zcu104.cfg", preset}, {}})) << preset;
  }
}

TEST(Presets, NetworksHaveTheirPublishedTokens) {
  const auto tokens = [](const char* preset) {
    return load_config({{"accelerator/m3vit-zcu104.cfg", preset}, {}}).values.network.tokens();
  };
  EXPECT_EQ(tokens("network/edge-moe.cfg"), 129);
  EXPECT_EQ(tokens("network/m3vit-pascal.cfg"), 1025);
  EXPECT_EQ(tokens("network/m3vit-nyud.cfg"), 1201);
  EXPECT_EQ(tokens("network/tiny.cfg"), 9);
}

TEST(Presets, TheDefaultAcceleratorIsTheRegistrysDefaults) {
  const Config preset = load_config({{kDefaultPreset}, {}});
  const Config defaults = load_config({});
  for (std::size_t i = 0; i < preset.entries.size(); ++i) {
    EXPECT_EQ(preset.entries[i].text, defaults.entries[i].text) << preset.entries[i].key->name();
  }
}

TEST(Presets, EveryUnknownIsSetInTheOneFileOfUnknownsAndNothingElse) {
  const Config config = load_config({{"unknowns.cfg"}, {}});
  for (const ConfigEntry& entry : config.entries) {
    const bool is_set = entry.origin.kind == Origin::Kind::kFile;
    EXPECT_EQ(is_set, entry.key->provenance() == Provenance::kUnknown) << entry.key->name();
  }
}

TEST(Presets, AreShownByTheirPathBelowThePresetFolder) {
  const Config config = load_config({{kDefaultPreset}, {}});
  EXPECT_THAT(config.entry("network.width").origin.file, "network/edge-moe.cfg");
  EXPECT_THAT(config.entry("ddr.cl").origin.file, "ddr/zcu102.cfg");
}

TEST(Presets, TheEnvironmentNamesAFolderThatGoesFirst) {
  const test::ScratchFolder folder;
  folder.write("mine/a.cfg", "include = ../network/tiny.cfg\n[attention]\nrows = 2\n");
  folder.write("network/tiny.cfg", "[network]\nname = other\n");
  setenv("M3SIM_CONFIGS", folder.path().c_str(), 1);
  const Config config = load_config({{"mine/a.cfg"}, {}});
  unsetenv("M3SIM_CONFIGS");
  EXPECT_EQ(config.values.attention.rows, 2);
  EXPECT_EQ(config.values.network.name, "other");
  EXPECT_EQ(config.entry("attention.rows").origin.text(), "mine/a.cfg:3");
}

TEST(Presets, AUsersFileMayIncludeAPreset) {
  const test::ScratchFolder folder;
  const std::string file = folder.write("my.cfg", "include = network/tiny.cfg\n");
  EXPECT_EQ(load_config({{file}, {}}).values.network.name, "tiny");
}

}  // namespace
}  // namespace m3sim
