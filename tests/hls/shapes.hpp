// The parameters that HLS tops are built for, of a simulated configuration.
#pragma once

#include <filesystem>

#include "model/config/accelerator_config.hpp"

namespace m3sim::hls_test {

struct Shapes {
  int features, tokens, token_words, in_tile, out_tile;
  bool read_indirect_single, write_indirect_single;
  int weight_tiles, bias_blocks, in_blocks,
      cache_words;  ///< of buffers, in tiles, blocks and words
  int rows, heads, head_words, softmax_slots;
  bool rotated_single;
  int experts, top_k, task_words, task_hidden, task_outputs;
  int token_banks, patch, channels, image_width, row_banks;
  bool add_single_x, add_single_y;

  int width() const { return token_words * features; }
  int queue_lanes() const { return 2 * experts * tokens; }
  int row_block_lanes() const { return width() * rows; }
  int gate_weight_lanes() const { return (token_words + task_words) * experts * features; }
  int patch_weight_lanes() const { return channels * patch * patch * width(); }
  int patch_sum_lanes() const { return row_banks * (image_width / patch) * width(); }
};

/// Those of the configuration in work; set by make_shapes.
const Shapes& shapes();
const Shapes& make_shapes(const AcceleratorConfig& config);
/// Writes the header that the tops include. A file that says the same is left alone.
void write_shapes(const std::filesystem::path& file);

}  // namespace m3sim::hls_test
