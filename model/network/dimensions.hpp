#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace m3sim {

// How the router depends on the task (M3ViT, arXiv 2210.14793, section 3.2).
enum class Gating {
  kMultiGate,        // one gate matrix per task and MoE layer: a task switch changes a pointer
  kTaskConditioned,  // one-hot task -> two-layer MLP -> embedding, concatenated to every token
};

// Shape of a mixture-of-experts vision transformer and its tasks. The defaults are the network of the
// published Edge-MoE sources. Everything below `config` sees a network as this plain struct.
struct Dimensions {
  int channels = 3;
  int image_height = 128;
  int image_width = 256;
  int patch = 16;           // side of a square patch, in pixels
  int width = 192;          // D, features of a token
  int heads = 3;
  int layers = 12;
  int mlp_hidden = 768;     // hidden features of a dense MLP
  int experts = 16;         // E, in every MoE layer
  int top_k = 2;            // experts that a token is sent to
  int expert_hidden = 384;  // hidden features of an expert
  std::vector<bool> moe = alternate_moe(12);  // per layer: mixture of experts instead of a dense MLP
  std::vector<std::string> tasks = {"semseg", "depth"};
  Gating gating = Gating::kMultiGate;
  int task_hidden = 64;     // hidden features of the task MLP (task-conditioned gating only)
  int task_embedding = 64;  // its outputs, the router's inputs beyond the token

  // Odd layers are MoE, even ones dense, as in both published networks.
  static std::vector<bool> alternate_moe(int layers);

  int patch_columns() const { return image_width / patch; }
  int patch_rows() const { return image_height / patch; }
  int tokens() const { return patch_rows() * patch_columns() + 1; }  // N: patches and the class token
  int patch_inputs() const { return channels * patch * patch; }      // products per patch and feature
  int head_dim() const { return width / heads; }
  int gate_inputs() const {
    return width + (gating == Gating::kTaskConditioned ? task_embedding : 0);
  }
  bool is_moe(int layer) const { return moe[static_cast<std::size_t>(layer)]; }
  std::vector<int> moe_layers() const;

  // Index of a task by its name; InputError with the known names otherwise.
  int task_index(const std::string& name) const;

  // Throws InputError naming every dimension that no network can have.
  void validate() const;
};

}  // namespace m3sim
