// What each kernel is given in co-simulation: parameters of a random run, contents of memories and
// the values that its input streams carry.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/rtl/catalog.hpp"
#include "tests/rtl/draw.hpp"

namespace m3sim::test {

using N = kernels::Ints;

/// On-chip memories of an actor of plain integers. Private ones start as zeros, like registers.
class HostMemories {
 public:
  explicit HostMemories(Draw& draw) : draw_(draw) {}
  N::Memory words32(const std::string& name, int words, int lanes, bool is_private) {
    auto& lanes32 = lanes32_[name];
    lanes32.resize(static_cast<std::size_t>(words * lanes));
    if (!is_private)
      for (auto& v : lanes32) v = draw_.value();
    sizes_[lanes32.data()] = {lanes32.size(), is_private};
    return {lanes32.data(), lanes};
  }
  N::Memory16 words16(const std::string& name, int words, int lanes, bool is_private) {
    auto& lanes16 = lanes16_[name];
    lanes16.resize(static_cast<std::size_t>(words * lanes));
    for (auto& v : lanes16) v = static_cast<std::int16_t>(draw_.bits());
    sizes_[lanes16.data()] = {lanes16.size(), is_private};
    return {lanes16.data(), lanes};
  }
  std::vector<std::int32_t>& lanes32(const std::string& name) { return lanes32_.at(name); }
  std::size_t lanes_of(const void* data) const { return sizes_.at(data).first; }
  bool is_private(const void* data) const { return sizes_.at(data).second; }

 private:
  Draw& draw_;
  std::map<std::string, std::vector<std::int32_t>> lanes32_;
  std::map<std::string, std::vector<std::int16_t>> lanes16_;
  std::map<const void*, std::pair<std::size_t, bool>> sizes_;
};

/// What a kernel's stimulus may use.
struct Setup {
  const AcceleratorConfig& config;
  Draw& draw;
  HostMemories& memories;
  /// By input stream: gives the lanes of the next item; any values where there is none.
  std::map<int, std::function<void(std::int32_t*, int)>> values{};

  int tokens() const { return config.network.tokens(); }
};

// begin(actor, setup) starts the actor for a random run.

inline int draw_length(Setup& s) { return s.draw.from(0, 3) == 0 ? 0 : s.draw.from(1, s.tokens()); }

inline void begin(kernels::WeightLoad<N>& a, Setup& s) {
  const int halves = a.shape.halves();
  const int in = std::max(halves, a.shape.in_tile) * s.draw.from(1, 2);
  a.start(
      {s.draw.from(0, 9), a.shape.out_tile * s.draw.from(1, 2), in / halves, s.draw.from(0, 3)});
}
inline void begin(kernels::BiasLoad<N>& a, Setup& s) {
  a.start({s.draw.from(0, 9), s.draw.from(0, 3), s.draw.from(0, 1) == 1, 0});
}
template <class Actor>
void begin_rows(Actor& a, Setup& s, int lanes) {
  const int rows = s.draw.from(0, 4);
  if (s.draw.from(0, 1) == 0) {
    a.start(a.shape.template packed<N>(s.draw.from(0, 5), s.draw.from(0, 20)));
    return;
  }
  // Words of whole items, or an item at the end of each row that is not full.
  const int words = s.draw.from(1, 3) * std::max(1, lanes / a.shape.features);
  a.start(a.shape.template tokens<N>(s.draw.from(0, 5), rows, words, words + s.draw.from(0, 2)));
}
inline void begin(kernels::ReadItems<N>& a, Setup& s) { begin_rows(a, s, a.shape.item_lanes); }
inline void begin(kernels::WriteItems<N>& a, Setup& s) { begin_rows(a, s, a.shape.item_lanes); }
inline void begin(kernels::WriteZeros<N>& a, Setup& s) {
  const int rows = s.draw.from(0, 4), words = s.draw.from(1, 5);
  a.start(a.shape.template tokens<N>(s.draw.from(0, 5), rows, words, words + s.draw.from(0, 2)));
}
inline void begin(kernels::CopyWords<N>& a, Setup& s) {
  const int words = s.draw.from(1, 9);
  const auto rows = [&](int first) { return a.shape.template tokens<N>(first, 1, words, words); };
  a.start({rows(s.draw.from(0, 5)), rows(s.draw.from(0, 5))});
}
/// Queue entries name tokens.
inline void fill_queues(Setup& s) {
  auto& lanes = s.memories.lanes32("queues");
  for (std::size_t i = 0; i < lanes.size(); i += 2) lanes[i] = s.draw.from(0, s.tokens() - 1);
}
inline void begin(kernels::ReadIndirect<N>& a, Setup& s) {
  fill_queues(s);
  const int words = std::max(1, a.shape.in_tile / a.shape.features) * s.draw.from(1, 3);
  a.start({s.draw.from(0, 9), s.tokens() * s.draw.from(0, s.config.network.experts - 1),
           draw_length(s), words});
}
inline void begin(kernels::LinearCompute<N>& a, Setup& s) {
  const int in_blocks = s.draw.from(1, 3), out_blocks = s.draw.from(1, 3);
  a.start({draw_length(s), in_blocks, out_blocks, s.draw.from(0, 1) == 1, s.draw.from(0, 2),
           s.draw.from(0, 1)});
}
inline void begin(kernels::WriteIndirect<N>& a, Setup& s) {
  fill_queues(s);
  const int words = std::max(1, a.shape.out_tile / a.shape.features) * s.draw.from(1, 3);
  a.start({s.draw.from(0, 9), s.tokens() * s.draw.from(0, s.config.network.experts - 1),
           draw_length(s), words, words + s.draw.from(0, 3), s.draw.from(0, 3) > 0});
  s.values[1] = [&s](std::int32_t* lanes, int) { lanes[0] = s.draw.from(0, s.tokens() - 1); };
}
/// A block loop of at least p + 1 tokens, or of none.
inline kernels::BlockLoop<N>::Params draw_blocks(Setup& s, int rows) {
  const int tokens = s.draw.from(0, 5) == 0 ? 0 : s.draw.from(rows + 1, rows + 5);
  auto p = kernels::BlockLoop<N>::Params::of(tokens, rows);
  p.first_word = s.draw.from(0, 9);
  p.scale = s.draw.from(1 << 18, 1 << 22);
  return p;
}
inline void begin(kernels::ReadRotated<N>& a, Setup& s) { a.start(draw_blocks(s, a.shape.rows)); }
inline void begin(kernels::QxK<N>& a, Setup& s) { a.start(draw_blocks(s, a.shape.rows)); }
inline void begin(kernels::Finalize<N>& a, Setup& s) { a.start(draw_blocks(s, a.shape.rows)); }
inline void begin(kernels::AttnxV<N>& a, Setup& s) { a.start(draw_blocks(s, a.shape.rows)); }
inline void begin(kernels::Prepare<N>& a, Setup& s) {
  const int parts = a.shape.rows / a.shape.softmax_slots;
  a.start({parts * s.draw.from(0, 12)});
}
inline void begin(kernels::TaskEmbedding<N>& a, Setup& s) {
  a.start({s.draw.from(0, 9), s.draw.from(0, 99), s.draw.from(0, 9), s.draw.from(0, 99)});
}
inline void begin(kernels::GateWeightLoad<N>& a, Setup& s) { a.start({s.draw.from(0, 9)}); }
inline void begin(kernels::MatVec<N>& a, Setup&) { a.start(); }
inline void randomise(kernels::GateState<N>& state, Setup& s) {
  for (int e = 0; e < state.logits.count; ++e) state.logits[e] = s.draw.value();
  state.softmax = {s.draw.from(1 << 22, 1 << 26), s.draw.value()};
  for (int j = 0; j < state.top_logits.count; ++j) state.top_logits[j] = s.draw.value();
}
inline void begin(kernels::SoftmaxUpdate<N>& a, Setup& s) {
  randomise(*a.shared, s);
  a.start();
}
inline void begin(kernels::TopK<N>& a, Setup& s) {
  randomise(*a.shared, s);
  // Equal logits, too.
  if (s.draw.from(0, 1) == 1) a.shared->logits[1] = a.shared->logits[0];
  a.start();
}
inline void begin(kernels::ExpDivide<N>& a, Setup& s) {
  randomise(*a.shared, s);
  for (int j = 0; j < a.shape.top_k; ++j)
    a.shared->top_logits[j] = N::sub_wrap(a.shared->softmax.max, s.draw.from(0, 1 << 25));
  a.start();
}
inline void begin(kernels::WriteResults<N>& a, Setup& s) {
  a.start({s.tokens()});
  s.values[0] = [&s](std::int32_t* lanes, int count) {
    const int experts = s.config.network.experts;
    lanes[0] = s.draw.from(0, experts - 1);
    for (int j = 1; j < count; ++j) lanes[j] = (lanes[j - 1] + 1) % experts;
  };
}
inline void begin(kernels::MetaQueue<N>& a, Setup& s) {
  for (int e = 0; e < a.shared->lengths.count; ++e) a.shared->lengths[e] = s.draw.from(0, 2);
  a.start();
}
inline void begin(kernels::LoadNorms<N>& a, Setup& s) { a.start({s.draw.from(0, 9)}); }
inline void begin(kernels::NormAccumulate<N>& a, Setup& s) {
  a.start({s.draw.from(0, 9), s.draw.from(0, s.config.layer_norm.token_banks - 1)});
}
inline void begin(kernels::NormOutput<N>& a, Setup& s) {
  // Sums as of a token: the mean square is not less than the mean's square.
  auto& sums = s.memories.lanes32("sums");
  for (std::size_t i = 0; i < sums.size(); i += 2) {
    sums[i] = s.draw.from(-(1 << 23), 1 << 23);
    sums[i + 1] = N::mul_floor<22>(sums[i], sums[i]) + s.draw.from(-2, 1 << 24);
  }
  a.start({s.draw.from(0, 9), s.draw.from(0, s.config.layer_norm.token_banks - 1)});
}
inline void begin(kernels::PatchWeightLoad<N>& a, Setup& s) { a.start({s.draw.from(0, 9)}); }
inline void begin(kernels::ReadPixels<N>& a, Setup& s) {
  a.start({s.draw.from(0, 9), s.draw.from(0, 40)});
}
inline void begin(kernels::PatchAccumulate<N>& a, Setup& s) {
  a.start({s.draw.from(0, s.config.patch_embed.row_banks - 1)});
}
inline void begin(kernels::PatchOutput<N>& a, Setup& s) {
  a.start(
      {s.draw.from(0, 9), s.draw.from(0, 9), s.draw.from(0, s.config.patch_embed.row_banks - 1)});
}
inline void begin(kernels::Add<N>& a, Setup& s) {
  a.start({s.draw.from(0, 40), s.draw.from(0, 9), s.draw.from(0, 9), s.draw.from(0, 9)});
}

}  // namespace m3sim::test
