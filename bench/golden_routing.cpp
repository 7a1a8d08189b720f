// Writes the routing that the golden model (double precision, quantised parameters) decides for every
// task of a network, from generated parameters and a generated image: traces/README.md.
//
//   golden_routing SEED OUT CONFIG...
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "model/config/config.hpp"
#include "model/config/error.hpp"
#include "model/golden/model.hpp"
#include "model/network/image.hpp"
#include "model/network/parameters.hpp"
#include "model/network/routing_trace.hpp"

namespace {

using namespace m3sim;

void write(const std::string& seed, const std::string& out, const std::vector<std::string>& files) {
  const NetworkConfig network = load_config({files, {}}).values.network;
  const Parameters parameters(network, ParameterSource::parse("seed:" + seed));
  const Image image = read_image("seed:" + seed, network);
  const golden::Model model(parameters, golden::Precision::kQuantized);
  Routing all;
  for (int task = 0; task < static_cast<int>(network.tasks.size()); ++task) {
    const Routing routing = model.forward(image, task).routing;
    for (const auto& [key, layer] : routing.layers()) {
      // Time does not depend on the scores: even ones, which the format may leave out.
      LayerRouting even = layer;
      for (int token = 0; token < even.tokens(); ++token) {
        for (Choice& choice : even.choices(token)) choice.score = even_score(network.top_k);
      }
      all.set(task, key.second, std::move(even));
    }
  }
  write_routing_trace(std::filesystem::path(out), all, network);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: golden_routing SEED OUT CONFIG...\n";
    return 2;
  }
  try {
    write(arguments[1], arguments[2], {arguments + 3, arguments + count});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
