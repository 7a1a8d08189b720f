#include <filesystem>
#include <iostream>
#include <set>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/network/file.hpp"
#include "model/rtl/design.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

/// Kernels named one by one or by group, in the catalog's order; all where none is named.
std::vector<std::string> chosen(const Texts& wanted) {
  std::set<std::string> open(wanted.begin(), wanted.end());
  std::vector<std::string> kernels;
  for (const rtl::KernelName& k : rtl::kernel_names()) {
    bool take = wanted.empty();
    for (const std::string& w : wanted)
      if (w == k.name || w == k.group) {
        take = true;
        open.erase(w);
      }
    if (take) kernels.push_back(k.name);
  }
  if (!open.empty()) {
    std::string all;
    for (const rtl::KernelName& k : rtl::kernel_names())
      if (all.find(k.group) == std::string::npos) all += (all.empty() ? "" : ", ") + k.group;
    throw UsageError("--kernel " + *open.begin() + ": must be a group (" + all +
                     ") or a kernel (m3sim rtl --list)");
  }
  return kernels;
}

void list() {
  for (const rtl::KernelName& k : rtl::kernel_names())
    std::cout << k.group << '\t' << k.name << '\t' << k.summary << '\n';
}

ExitCode write_rtl(const Arguments& arguments) {
  Options options("rtl",
                  "Write kernels as SystemVerilog, one module each, for the configuration's "
                  "parameters",
                  "[--kernel NAME]... --out DIR [OPTIONS]");
  options.add_config().add()("kernel", po::value<Texts>()->value_name("NAME")->composing(),
                             "a kernel or a group of them (linear, attention, ...); repeatable; "
                             "default: all")("out", po::value<std::string>()->value_name("DIR"),
                                             "where the modules are written")(
      "sockets", "also write test sockets: modules with the same ports for every kernel")(
      "list", "list groups and kernels");
  if (!options.read(arguments)) return ExitCode::kDone;
  if (options.has("list")) {
    list();
    return ExitCode::kDone;
  }
  const auto out = options.find<std::string>("out");
  if (!out) throw UsageError("m3sim rtl: --out DIR is missing");
  const std::vector<std::string> kernels = chosen(options.find<Texts>("kernel").value_or(Texts{}));
  const Config config = load_config(options.config_sources());
  std::vector<std::pair<std::string, std::string>> files{
      {"m3sim_modules.sv", rtl::support_modules()}};
  for (const std::string& name : kernels) {
    try {
      const rtl::Design design = rtl::make_design(name, config.values);
      const rtl::Module module = rtl::write_module(design);
      files.emplace_back(name + ".sv", module.text);
      if (options.has("sockets"))
        files.emplace_back(name + "_socket.sv", rtl::write_socket(design, module));
    } catch (const rtl::BuildError& error) {
      throw UsageError(error.what());
    }
  }
  std::error_code failed;
  std::filesystem::create_directories(*out, failed);
  if (failed) throw InputError(*out, failed.message());
  for (const auto& [name, text] : files) write_file(*out + "/" + name, text);
  std::cout << kernels.size() << (kernels.size() == 1 ? " kernel" : " kernels") << " in " << *out
            << '\n';
  return ExitCode::kDone;
}

const RegisterCommand kRtl({"rtl", "write kernels as SystemVerilog", write_rtl});

}  // namespace
}  // namespace m3sim::cli
