// Built against a copy of model/timing with one planted fault (mutants.cmake): succeeds if random
// regions find it.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/timing/compare.hpp"
#include "tests/timing/random_region.hpp"

namespace {

/// Says what a draw shows of the fault; empty if nothing.
std::string symptom(std::uint64_t seed) {
  const m3sim::test::RegionPlan plan = m3sim::test::draw_region(seed);
  try {
    return m3sim::test::Comparison(plan).differences();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t draws = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  for (std::uint64_t seed = 1; seed <= draws; ++seed)
    if (const std::string text = symptom(seed); !text.empty()) {
      std::printf("found at draw %llu: %s\n", static_cast<unsigned long long>(seed),
                  text.substr(0, text.find('\n')).c_str());
      return 0;
    }
  std::printf("not found within %llu draws\n", static_cast<unsigned long long>(draws));
  return 1;
}
