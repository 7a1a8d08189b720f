#include "tests/hls/shapes.hpp"

#include <fstream>
#include <sstream>

#include "model/engines/attention_engine.hpp"
#include "model/engines/gate_engine.hpp"

namespace m3sim::hls_test {
namespace {

Shapes current{};

}  // namespace

const Shapes& shapes() { return current; }

const Shapes& make_shapes(const AcceleratorConfig& c) {
  const int f = c.word.features();
  const kernels::AttentionShape a = attention_shape(c);
  const kernels::GateShape g = gate_shape(c);
  Shapes& s = current;
  s.features = f;
  s.tokens = c.network.tokens();
  s.token_words = c.network.width / f;
  s.in_tile = c.linear.in_tile;
  s.out_tile = c.linear.out_tile;
  s.read_indirect_single = c.loops[Loop::kLinearReadInIndirect].single();
  s.write_indirect_single = c.loops[Loop::kLinearWriteOutIndirect].single();
  s.weight_tiles = c.linear.weight_buffer_kib * 1024 / 2 / (s.in_tile * s.out_tile);
  s.bias_blocks = c.linear.bias_buffer_features / s.out_tile;
  s.in_blocks = (c.network.widest_linear_input() + s.in_tile) / s.in_tile;
  s.cache_words = c.network.widest_linear_input() / (2 * f);
  s.rows = a.rows;
  s.heads = a.heads;
  s.head_words = a.head_words;
  s.softmax_slots = a.softmax_slots;
  s.rotated_single = a.single;
  s.experts = g.experts;
  s.top_k = g.top_k;
  s.task_words = g.task_words;
  s.task_hidden = c.network.task_hidden;
  s.task_outputs = c.network.task_embedding;
  s.token_banks = c.layer_norm.token_banks;
  s.patch = c.network.patch;
  s.channels = c.network.image_channels;
  s.image_width = c.network.image_width;
  s.row_banks = c.patch_embed.row_banks;
  s.add_single_x = c.loops[Loop::kResidualAdd].single();
  s.add_single_y = c.residual.y_request == Request::kSingle;
  return s;
}

void write_shapes(const std::filesystem::path& file) {
  const Shapes& s = current;
  std::ostringstream text;
  text << "// Parameters of the recorded configuration; written by hls_record.\n#pragma once\n\n"
          "namespace m3sim {\nnamespace hls {\n\n";
  const auto number = [&](const char* name, int value) {
    text << "constexpr int " << name << " = " << value << ";\n";
  };
  const auto truth = [&](const char* name, bool value) {
    text << "constexpr bool " << name << " = " << (value ? "true" : "false") << ";\n";
  };
  number("kFeatures", s.features);
  number("kTokens", s.tokens);
  number("kTokenWords", s.token_words);
  number("kInTile", s.in_tile);
  number("kOutTile", s.out_tile);
  truth("kReadIndirectSingle", s.read_indirect_single);
  truth("kWriteIndirectSingle", s.write_indirect_single);
  number("kWeightTiles", s.weight_tiles);
  number("kBiasBlocks", s.bias_blocks);
  number("kInBlocks", s.in_blocks);
  number("kCacheWords", s.cache_words);
  number("kRows", s.rows);
  number("kHeads", s.heads);
  number("kHeadWords", s.head_words);
  number("kSoftmaxSlots", s.softmax_slots);
  truth("kRotatedSingle", s.rotated_single);
  number("kExperts", s.experts);
  number("kTopK", s.top_k);
  number("kTaskWords", s.task_words);
  number("kTaskHidden", s.task_hidden);
  number("kTaskOutputs", s.task_outputs);
  number("kTokenBanks", s.token_banks);
  number("kPatch", s.patch);
  number("kChannels", s.channels);
  number("kImageWidth", s.image_width);
  number("kRowBanks", s.row_banks);
  truth("kAddSingleX", s.add_single_x);
  truth("kAddSingleY", s.add_single_y);
  text << "\n}  // namespace hls\n}  // namespace m3sim\n";
  std::ifstream before(file);
  std::stringstream old;
  old << before.rdbuf();
  if (before.is_open() && old.str() == text.str()) return;
  std::ofstream(file) << text.str();
}

}  // namespace m3sim::hls_test
