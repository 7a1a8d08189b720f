// Writes modules, sockets and their registration for the build: m3sim_rtl_generate OUT PREFIX
// KERNEL[,KERNEL...] [CONFIG FILE or SECTION.KEY=VALUE]...
//
// The kernel `all` is every one. PREFIX tells apart builds of the same kernel for several
// configurations in one program.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "model/config/config.hpp"
#include "model/rtl/design.hpp"
#include "model/rtl/socket.hpp"

namespace {

using namespace m3sim;

/// Leaves a file alone that holds the text already, so that nothing is built again.
void put(const std::string& path, const std::string& text) {
  std::ifstream before(path, std::ios::binary);
  const std::string held{std::istreambuf_iterator<char>(before), {}};
  if (before && held == text) return;
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

std::string registration(const std::string& kernel, const std::string& prefix,
                         const std::string& text) {
  const std::string type = "V" + prefix + kernel + "_socket";
  return "#include \"" + type + ".h\"\n#include \"model/rtl/socket.hpp\"\n\nnamespace {\n" +
         "const m3sim::rtl::RegisterSocket kSocket({\"" + kernel + "\", " +
         std::to_string(rtl::hash_of(text)) +
         "u,\n    [] { return std::unique_ptr<m3sim::rtl::SocketModel>(new "
         "m3sim::rtl::VerilatedSocket<" +
         type + ">()); }});\n}  // namespace\n";
}

void generate(const std::string& out, const std::string& prefix, const std::string& kernels,
              const ConfigSources& sources) {
  const Config config = load_config(sources);
  std::filesystem::create_directories(out);
  put(out + "/m3sim_modules.sv", rtl::support_modules());
  for (const rtl::KernelName& k : rtl::kernel_names()) {
    const std::string list = "," + kernels + ",";
    if (kernels != "all" && list.find("," + k.name + ",") == std::string::npos &&
        list.find("," + k.group + ",") == std::string::npos)
      continue;
    const rtl::Design design = rtl::make_design(k.name, config.values);
    const rtl::Module module = rtl::write_module(design);
    put(out + "/" + k.name + ".sv", module.text);
    put(out + "/" + k.name + "_socket.sv", rtl::write_socket(design, module));
    put(out + "/" + k.name + "_register.cpp", registration(k.name, prefix, module.text));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: m3sim_rtl_generate OUT PREFIX KERNELS [CONFIG|KEY=VALUE]...\n", stderr);
    return 2;
  }
  try {
    ConfigSources sources;
    for (int i = 4; i < argc; ++i) {
      const std::string text = argv[i];
      (text.find('=') == std::string::npos ? sources.files : sources.assignments).push_back(text);
    }
    const std::string prefix = argv[2];
    generate(argv[1], prefix == "-" ? "" : prefix, argv[3], sources);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
