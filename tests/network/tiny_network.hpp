#pragma once

#include "model/network/dimensions.hpp"

namespace m3sim::test {

/// A network that a test runs in no time: 7 tokens of 16 features, layer 1 of 2 MoE.
inline Dimensions tiny_network() {
  Dimensions d;
  d.name = "tiny";
  d.image_channels = 3;
  d.image_height = 8;
  d.image_width = 12;
  d.patch = 4;
  d.width = 16;
  d.heads = 2;
  d.layers = 2;
  d.mlp_hidden = 32;
  d.experts = 4;
  d.top_k = 2;
  d.expert_hidden = 24;
  d.tasks = {"left", "right"};
  return d;
}

}  // namespace m3sim::test
