// Co-simulation of kernels: rtl_cosim [--seeds N] [--config FILE] [--set KEY=VALUE] [KERNEL...].
//
// Runs each kernel that was Verilated for the configuration against its simulated twin, with random
// input gaps, output stalls and memory latencies, and compares every stream operation, request, word,
// value and stall. Prints a table; exit code 1 where anything differs.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>

#include "model/config/config.hpp"
#include "tests/rtl/twin.hpp"

namespace {

using namespace m3sim;

struct Row {
  int seeds = 0, different = 0;
  std::int64_t operations = 0, values = 0, cycles = 0;
  double seconds = 0;
  std::string first_difference;
};

template <class Kernel>
std::optional<Row> compare(const AcceleratorConfig& config, int seeds) {
  const rtl::Design design = rtl::make_design(Kernel::kName, config);
  const rtl::Module module = rtl::write_module(design);
  const std::uint64_t hash = rtl::hash_of(module.text);
  const auto& all = rtl::built_sockets();
  const auto built = std::find_if(all.begin(), all.end(), [&](const rtl::BuiltSocket& s) {
    return s.kernel == Kernel::kName && s.text_hash == hash;
  });
  if (built == all.end()) return std::nullopt;
  const rtl::SocketLayout layout = rtl::layout_of(design, module);
  Row row;
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto s = static_cast<std::uint64_t>(seed) * 7919;
    const test::Record simulated = test::run_kernel<Kernel>(config, s, nullptr, nullptr);
    const auto before = std::chrono::steady_clock::now();
    const test::Record hardware = test::run_kernel<Kernel>(config, s, &layout, built->make());
    row.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    const std::string difference = simulated.difference(hardware);
    ++row.seeds;
    row.operations += simulated.operations();
    row.values += static_cast<std::int64_t>(simulated.values.size() + simulated.bytes.size() / 4);
    row.cycles += simulated.end;
    if (difference.empty()) continue;
    if (row.different++ == 0)
      row.first_difference = "seed " + std::to_string(seed) + ": " + difference;
  }
  return row;
}

bool wanted(const std::vector<std::string>& kernels, const char* name) {
  return kernels.empty() || std::find(kernels.begin(), kernels.end(), name) != kernels.end();
}

int table(const AcceleratorConfig& config, int seeds, const std::vector<std::string>& kernels) {
  int bad = 0, compared = 0;
  std::int64_t operations = 0;
  std::printf("%-20s %6s %6s %7s %10s %11s %9s %9s\n", "kernel", "bits", "cycles", "seeds",
              "operations", "lanes", "cycles", "RTL s");
  rtl::for_each_kernel([&](auto kernel) {
    using K = decltype(kernel);
    if (!wanted(kernels, K::kName)) return;
    const std::optional<Row> row = compare<K>(config, seeds);
    if (!row) return;
    ++compared;
    operations += row->operations;
    const char* equal = row->different == 0 ? "equal" : "DIFFER";
    std::printf("%-20s %6s %6s %7d %10lld %11lld %9lld %9.2f\n", K::kName, equal, equal, row->seeds,
                static_cast<long long>(row->operations), static_cast<long long>(row->values),
                static_cast<long long>(row->cycles), row->seconds);
    if (row->different > 0) {
      ++bad;
      std::printf("  %d of %d seeds differ; %s\n", row->different, row->seeds,
                  row->first_difference.c_str());
    }
  });
  std::printf("%d kernels, %lld operations compared, %d kernels differ\n", compared,
              static_cast<long long>(operations), bad);
  if (compared == 0 || (!kernels.empty() && compared != static_cast<int>(kernels.size()))) {
    std::printf("not all kernels were Verilated for this configuration\n");
    return 2;
  }
  return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ConfigSources sources;
    std::vector<std::string> kernels;
    int seeds = 50;
    for (int i = 1; i < argc; ++i) {
      const std::string option = argv[i];
      if (option == "--seeds" && i + 1 < argc)
        seeds = std::stoi(argv[++i]);
      else if (option == "--config" && i + 1 < argc)
        sources.files.push_back(argv[++i]);
      else if (option == "--set" && i + 1 < argc)
        sources.assignments.push_back(argv[++i]);
      else
        kernels.push_back(option);
    }
    return table(load_config(sources).values, seeds, kernels);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
