// rtl_resource_plan OUT: the modules that model/rtl/yosys.py synthesises, and OUT/plan.json, which
// lists them with hashes and with the estimates of model/cost.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/rtl/module.hpp"
#include "tests/rtl/resource_plan.hpp"

namespace {

using Json = nlohmann::ordered_json;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}

Json described(const m3sim::test::PlannedConfiguration& c, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  Json modules = Json::array(), estimates = Json::array();
  for (const auto& m : c.modules) {
    if (!m.text.empty()) write(folder / (m.name + ".sv"), m.text);
    modules.push_back({{"module", m.name},
                       {"kind", m.kind},
                       {"unit", m.unit},
                       {"top", m.top},
                       {"parameters", Json(m.parameters)},
                       {"count", m.count},
                       {"hash", m.hash}});
  }
  for (const auto& e : c.estimates)
    estimates.push_back({{"unit", e.unit},
                         {"items", e.items},
                         {"modeled", e.modeled},
                         {"dsp", e.sum.dsp},
                         {"bram18", e.sum.bram18},
                         {"lut", e.sum.lut},
                         {"ff", e.sum.ff}});
  return {{"description", c.description}, {"modules", modules}, {"estimates", estimates}};
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: rtl_resource_plan OUT\n", stderr);
    return 2;
  }
  try {
    const std::filesystem::path out = words[1];
    std::filesystem::create_directories(out);
    write(out / "m3sim_modules.sv", m3sim::rtl::support_modules());
    Json plan = Json::object();
    for (const auto& c : m3sim::test::resource_plan(M3SIM_SOURCE_DIR))
      plan[c.name] = described(c, out / c.name);
    write(out / "plan.json", plan.dump(1) + "\n");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
