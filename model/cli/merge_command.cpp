#include <filesystem>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/explore/store.hpp"
#include "model/explore/sweep.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
using explore::Store;

ExitCode run_merge(const Arguments& arguments) {
  Options options("merge",
                  "Take the points of other stores into a store, which is made where there is none",
                  "STORE PART...");
  options.add()("store", po::value<std::string>()->required(), "the store (first argument)")(
      "part", po::value<std::vector<std::string>>()->required(),
      "a store of a part of the sweep (further arguments)");
  options.positional("store", 1).positional("part", -1);
  if (!options.read(arguments)) return ExitCode::kDone;
  const std::string& path = options.get<std::string>("store");
  const auto& parts = options.get<std::vector<std::string>>("part");
  for (const std::string& part : parts) {
    if (!std::filesystem::is_regular_file(part)) throw InputError(part, "no such file");
    Store checked(part);
  }
  const explore::WorkFolder lock(path);
  Store store(path);
  for (const std::string& part : parts) store.merge(part);
  return ExitCode::kDone;
}

const RegisterCommand kMerge({"merge", "join the stores of a sweep's parts", run_merge});

}  // namespace
}  // namespace m3sim::cli
