#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/config/words.hpp"

namespace m3sim {

/// How the router learns of the task (M3ViT, section 3.2).
enum class Gating {
  kMultiGate,        // one gate matrix per task and MoE layer; a task switch changes a pointer
  kTaskConditioned,  // one-hot task -> MLP -> embedding, concatenated to every token; one gate
};

template <>
struct Words<Gating> {
  static constexpr std::array<std::pair<Gating, std::string_view>, 2> kTable{
      {{Gating::kMultiGate, "multi-gate"}, {Gating::kTaskConditioned, "task-conditioned"}}};
};

/// Which layers are mixtures of experts: `odd`, `none`, `all`, or a list of layer numbers.
struct LayerSelection {
  enum class Kind { kOdd, kNone, kAll, kList };
  Kind kind = Kind::kOdd;
  std::vector<int> list;  // ascending, only for kList

  bool contains(int layer) const {
    switch (kind) {
      case Kind::kOdd: return layer % 2 == 1;
      case Kind::kNone: return false;
      case Kind::kAll: return true;
      case Kind::kList: return std::binary_search(list.begin(), list.end(), layer);
    }
    return false;
  }
  bool operator==(const LayerSelection&) const = default;
};

/// Dimensions of the vision transformer. Defaults: the network that Edge-MoE runs on the board.
struct NetworkConfig {
  std::string name = "edge-moe";
  int image_channels = 3;
  int image_height = 128;  // pixels
  int image_width = 256;   // pixels
  int patch = 16;          // pixels, both ways
  int width = 192;         // D, features per token
  int heads = 3;
  int layers = 12;
  int mlp_hidden = 768;
  LayerSelection moe_layers;
  int experts = 16;
  int top_k = 2;
  int expert_hidden = 384;
  std::vector<std::string> tasks = {"semseg", "depth"};
  Gating gating = Gating::kMultiGate;
  int task_embedding = 64;  // task-conditioned gate only
  int task_hidden = 64;     // hidden width of its task MLP

  int patches() const { return (image_height / patch) * (image_width / patch); }
  int tokens() const { return patches() + 1; }  // N, with the class token
  int head_width() const { return width / heads; }
  int patch_inputs() const { return image_channels * patch * patch; }
  bool is_moe(int layer) const { return moe_layers.contains(layer); }
  bool has_moe() const {
    for (int layer = 0; layer < layers; ++layer) {
      if (is_moe(layer)) return true;
    }
    return false;
  }
  bool has_dense() const {
    for (int layer = 0; layer < layers; ++layer) {
      if (!is_moe(layer)) return true;
    }
    return false;
  }
  /// Inputs of the router: the token, and the task embedding where the gate is conditioned on it.
  int gate_inputs() const {
    return width + (gating == Gating::kTaskConditioned ? task_embedding : 0);
  }
  /// Longest input vector of any linear layer.
  int widest_linear_input() const {
    int widest = width;
    if (has_dense()) widest = std::max(widest, mlp_hidden);
    if (has_moe()) widest = std::max(widest, expert_hidden);
    return widest;
  }
};

}  // namespace m3sim
