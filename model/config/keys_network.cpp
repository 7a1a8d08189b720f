#include "model/config/registry.hpp"

namespace m3sim {

void register_network_keys(Registry& registry) {
  Section<NetworkConfig> s(registry, "network",
                           [](AcceleratorConfig& c) -> NetworkConfig& { return c.network; });
  const std::string model = "model.hpp of the published Edge-MoE sources";
  s.key("name", &NetworkConfig::name, "name of the network in reports").derived("a label");
  s.key("image_channels", &NetworkConfig::image_channels, "channels of the image")
      .range(1, 64)
      .source(model);
  s.key("image_height", &NetworkConfig::image_height, "height of the image in pixels")
      .range(1, 16384)
      .source(model);
  s.key("image_width", &NetworkConfig::image_width, "width of the image in pixels")
      .range(1, 16384)
      .source(model);
  s.key("patch", &NetworkConfig::patch, "height and width of a patch in pixels")
      .range(1, 256)
      .source(model);
  s.key("width", &NetworkConfig::width, "features of a token (D)").range(1, 16384).source(model);
  s.key("heads", &NetworkConfig::heads, "attention heads").range(1, 256).source(model);
  s.key("layers", &NetworkConfig::layers, "transformer blocks").range(1, 1024).source(model);
  s.key("mlp_hidden", &NetworkConfig::mlp_hidden, "hidden features of a dense layer's MLP")
      .range(1, 65536)
      .source(model);
  s.key("moe_layers", &NetworkConfig::moe_layers, "layers that are mixtures of experts")
      .source("ViT_compute.cpp: dense where the layer number is even");
  s.key("experts", &NetworkConfig::experts, "experts of a MoE layer (E)")
      .range(1, 512)
      .source(model);
  s.key("top_k", &NetworkConfig::top_k, "experts that each token selects (k)")
      .range(1, 512)
      .source(model);
  s.key("expert_hidden", &NetworkConfig::expert_hidden, "hidden features of an expert")
      .range(1, 65536)
      .source(model);
  s.key("tasks", &NetworkConfig::tasks, "names of the tasks, in the order of their gates")
      .verbatim("Edge-MoE, ICCAD 2023: semantic segmentation and depth on Cityscapes");
  s.key("gating", &NetworkConfig::gating, "how the router learns of the task")
      .verbatim("M3ViT, NeurIPS 2022, section 3.2");
  s.key("task_embedding", &NetworkConfig::task_embedding,
        "features of the task embedding (task-conditioned gate only)")
      .range(1, 4096)
      .verbatim("M3ViT, NeurIPS 2022: a 64-wide task embedding");
  s.key("task_hidden", &NetworkConfig::task_hidden,
        "hidden features of the task MLP (task-conditioned gate only)")
      .range(1, 4096)
      .source("published M3ViT model: as wide as the embedding");
}

}  // namespace m3sim
