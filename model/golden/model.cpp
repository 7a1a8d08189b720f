#include "model/golden/model.hpp"

#include "model/config/error.hpp"
#include "model/golden/pass.hpp"

namespace m3sim::golden {
namespace {

void require_same_network(const Dimensions& d, const Image& image, int task,
                          const ForcedRouting& forced) {
  const Shape expected = {d.image_channels, d.image_height, d.image_width};
  if (image.shape != expected) {
    throw InputError("image", "shape " + to_string(image.shape) + ", network " + d.name +
                                  " takes " + to_string(expected));
  }
  if (task < 0 || task >= static_cast<int>(d.tasks.size())) {
    throw UsageError("network " + d.name + " has no task " + std::to_string(task));
  }
  if (forced.routing == nullptr) return;
  for (const int number : moe_layers(d)) {
    const LayerRouting& layer = forced.routing->layer(task, number);
    if (layer.tokens() != d.tokens() || layer.top_k() != d.top_k) {
      throw InputError("routing", "of another network: " + std::to_string(layer.tokens()) +
                                      " tokens, top " + std::to_string(layer.top_k()));
    }
    for (int token = 0; token < layer.tokens(); ++token) {
      for (const Choice& choice : layer.choices(token)) {
        if (choice.expert < 0 || choice.expert >= d.experts) {
          throw InputError("routing",
                           "of another network: it has an expert " + std::to_string(choice.expert));
        }
      }
    }
  }
}

}  // namespace

Result Model::forward(const Image& image, int task, const StageVisitor& visitor,
                      ForcedRouting forced) const {
  const Dimensions& dimensions = parameters_.dimensions();
  require_same_network(dimensions, image, task, forced);
  fix_summation_order();
  Pass pass(parameters_, precision_, task, visitor, forced);
  Matrix x = pass.patch_embedding(image);
  for (int layer = 0; layer < dimensions.layers; ++layer) x = pass.layer(layer, x);
  return {std::move(x), pass.take_routing()};
}

}  // namespace m3sim::golden
