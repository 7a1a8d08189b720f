// Patch embedding: a strided convolution, one row of patches at a time (Edge-MoE, src/conv.cpp). A
// region repeated per row of patches, whose first stage is itself a region.
//
//   actor            inputs      outputs     read port  write port
//   PatchBiasLoad    -           -           biases     -           = LoadNorms; once, before the images
//   PatchWeightLoad  -           -           weights    -           once, single words
//   ReadPixels       -           pixel word  image      -           of one row of patches
//   PatchAccumulate  pixel word  -           -          -           sums into the row buffer
//   PatchOutput      -           -           position   tokens      adds the position embedding
//   ClassToken       -           -           position   tokens      = CopyWords
//
// A word holds 4F pixels of 8 bits. Row buffer: banks * groups() * B words of patches_per_word() *
// F lanes, ping-pong. Weight buffer: lines() * parts() * B words of F * chunk() halves, lane l *
// chunk + x; line = channel * patch + y.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/transfer.hpp"

namespace m3sim {
namespace kernels {

/// Of the patch side, the pixels of a word and the weights of a word (2F), each pair has one that
/// divides the other; the width is a multiple of both the patch and the word.
struct PatchShape {
  int features = 8;
  int words = 24;  // B, of a token
  int patch = 16;  // pixels, both ways
  int channels = 3;
  int width = 256;  // pixels of an image line

  int pixels() const { return 4 * features; }  // of a word
  int chunk() const { return patch < pixels() ? patch : pixels(); }
  int patches_per_word() const { return pixels() / chunk(); }
  int parts() const { return patch / chunk(); }  // words of a patch's line
  int lines() const { return channels * patch; }
  int columns() const { return width / patch; }
  int groups() const { return columns() / patches_per_word(); }
  int line_words() const { return width / pixels(); }
};

template <class N>
using PatchBiasLoad = LoadNorms<N>;
template <class N>
using ClassToken = CopyWords<N>;

/// Loads weights [feature][channel][y][x] of Q0.16, features innermost: a word per feature and line
/// (or part of it).
template <class N>
struct PatchWeightLoad : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  using I16 = typename N::I16;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
    }
  };

  PatchShape shape;
  int halves;          // weights of a word
  int piece;           // weights taken per firing
  int lines_per_word;  // at least 1
  int line_pieces;     // at least 1
  typename N::Memory16 buffer;
  Params params;
  Counter<N> lane;   // feature within its word
  Counter<N> block;  // word of the token
  Counter<N> line_piece;
  Counter<N> word_line;  // line within the memory word
  Counter<N> line;
  Index word = Index(0);     // of the feature's weights
  Index feature = Index(0);  // first word of the feature

  PatchWeightLoad(const PatchShape& s, typename N::Memory16 weights)
      : shape(s),
        halves(2 * s.features),
        piece(s.patch < halves ? s.patch : halves),
        lines_per_word(halves / piece),
        line_pieces(s.patch / piece),
        buffer(weights) {}
  void start(const Params& p) {
    params = p;
    lane.start(Index(shape.features));
    block.start(Index(shape.words));
    line_piece.start(Index(line_pieces));
    word_line.start(Index(lines_per_word));
    line.start(Index(shape.lines()));
    word = Index(0);
    feature = p.first_word;
  }
  Bool done() const { return line.done(); }
  Bool requests(int) const { return N::yes(); }
  Request<N> request(int) const { return {feature + word, Index(1)}; }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    I16 values[2 * kMaxLanes];
    for (int i = 0; i < piece; ++i) {
      I32 weight = half_of(taken[0], i);
      for (int l = 1; l < lines_per_word; ++l)
        weight = N::select(word_line.at == Index(l), half_of(taken[0], l * piece + i), weight);
      values[i] = N::narrow(weight);
    }
    const int pieces = shape.chunk() / piece;  // of a buffer word's chunk
    for (int k = 0; k < line_pieces; ++k) {
      const Bool here = line_piece.at == Index(k);
      const Index at = (line.at * Index(shape.parts()) + Index(k / pieces)) * Index(shape.words);
      buffer.write_part(here, at + block.at, lane.at * Index(pieces) + Index(k % pieces), piece,
                        values);
    }
  }
  void next() {
    const Bool lane_end = lane.wrap(N::yes());
    const Bool features_end = block.wrap(lane_end);
    const int feature_words = shape.lines() * shape.patch / halves;
    feature = N::select(features_end, params.first_word, feature + Index(feature_words));
    const Bool line_end = line_piece.wrap(features_end);
    const Bool word_end = word_line.wrap(line_end);
    const Bool steps = line_pieces > 1 ? features_end : word_end;
    word = N::select(steps, word + Index(1), word);
    line.step(line_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    lane.state(visit, "lane");
    block.state(visit, "block");
    line_piece.state(visit, "line_piece");
    word_line.state(visit, "word_line");
    line.state(visit, "line");
    visit("word", word);
    visit("feature", feature);
  }

 private:
  static I32 half_of(const I32* lanes, int half) {
    return half % 2 == 0 ? N::low_half(lanes[half / 2]) : N::high_half(lanes[half / 2]);
  }
};

/// Streams the pixels of one row of patches: a contiguous run per channel.
template <class N>
struct ReadPixels : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kOutputs = 1;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);     // of the row of patches in channel 0
    Index channel_words = Index(0);  // height * line_words
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("channel_words", channel_words);
    }
  };

  PatchShape shape;
  Params params;
  Counter<N> word;
  Counter<N> channel;
  Index base = Index(0);

  explicit ReadPixels(const PatchShape& s) : shape(s) {}
  void start(const Params& p) {
    params = p;
    word.start(Index(shape.patch * shape.line_words()));
    channel.start(Index(shape.channels));
    base = p.first_word;
  }
  int output_lanes(int) const { return shape.features; }
  Bool done() const { return channel.done(); }
  Bool requests(int) const { return word.first(); }
  Request<N> request(int) const { return {base, word.limit}; }
  Bool takes(int) const { return N::yes(); }
  Bool writes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const* out, I32* const*) {
    for (int i = 0; i < shape.features; ++i) out[0][i] = taken[0][i];
  }
  void next() {
    const Bool channel_end = word.wrap(N::yes());
    base = N::select(channel_end, base + params.channel_words, base);
    channel.step(channel_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
    channel.state(visit, "channel");
    visit("base", base);
  }
};

/// sum = bias + sum of floor(pixel * w / 4), for F features of the patches in one word of pixels
/// per firing.
template <class N>
struct PatchAccumulate : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kInputs = 1;

  struct Params {
    Index bank = Index(0);
    template <class F>
    void state(F& visit) {
      visit("bank", bank);
    }
  };

  PatchShape shape;
  typename N::Memory16 weights;
  typename N::Memory16 biases;
  typename N::Memory sums;
  Params params;
  Counter<N> block;  // word of the token
  Counter<N> part;   // of a patch's line
  Counter<N> group;  // of patches
  Counter<N> line;
  Index line_base = Index(0);    // of the line in the weight buffer
  Regs<N, I32, kMaxLanes> held;  // pixels in work

  PatchAccumulate(const PatchShape& s, typename N::Memory16 weight_buffer,
                  typename N::Memory16 bias_buffer, typename N::Memory row_buffer)
      : shape(s), weights(weight_buffer), biases(bias_buffer), sums(row_buffer) {
    held.count = s.features;
  }
  void start(const Params& p) {
    params = p;
    block.start(Index(shape.words));
    part.start(Index(shape.parts()));
    group.start(Index(shape.groups()));
    line.start(Index(shape.lines()));
    line_base = Index(0);
  }
  int input_lanes(int) const { return shape.features; }
  Bool done() const { return line.done(); }
  Bool reads(int) const { return block.first(); }
  void fire(const I32* const* in, const I32* const*, I32* const*, I32* const*) {
    N::select_lanes(block.first(), in[0], held.values, held.values, shape.features);
    I32 x[4 * kMaxLanes];
    for (int i = 0; i < shape.features; ++i) {
      x[4 * i] = N::template bits<0, 8>(held[i]);
      x[4 * i + 1] = N::template bits<8, 8>(held[i]);
      x[4 * i + 2] = N::template bits<16, 8>(held[i]);
      x[4 * i + 3] = N::template bits<24, 8>(held[i]);
    }
    const Index at =
        (params.bank * Index(shape.groups()) + group.at) * Index(shape.words) + block.at;
    const auto* bias = biases.read(block.at);
    const auto* weight = weights.read(line_base + part.at * Index(shape.words) + block.at);
    const I32* before = sums.read(at);
    const Bool begins = N::both(line.first(), part.first());
    I32 after[4 * kMaxLanes];
    for (int s = 0; s < shape.patches_per_word(); ++s) {
      I32* patch = after + s * shape.features;
      for (int i = 0; i < shape.features; ++i)
        patch[i] = N::select(begins, N::template shift_left<11>(N::widen(bias[i])),
                             before[s * shape.features + i]);
      N::dot_pixels(patch, weight, x + s * shape.chunk(), shape.features, shape.chunk());
    }
    sums.write_word(N::yes(), at, after);
  }
  void next() {
    const Bool word_end = block.wrap(N::yes());
    const Bool group_end = part.wrap(word_end);
    const Bool line_end = group.wrap(group_end);
    line_base = N::select(line_end, line_base + Index(shape.parts() * shape.words), line_base);
    line.step(line_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    block.state(visit, "block");
    part.state(visit, "part");
    group.state(visit, "group");
    line.state(visit, "line");
    visit("line_base", line_base);
    held.state(visit, "held");
  }
};

/// token = sum + position, for one row of patches.
template <class N>
struct PatchOutput : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 1;
  static constexpr int kWritePorts = 1;

  struct Params {
    Index position_word = Index(0);  // of the row's first token
    Index out_word = Index(0);       // of the row's first token
    Index bank = Index(0);
    template <class F>
    void state(F& visit) {
      visit("position_word", position_word);
      visit("out_word", out_word);
      visit("bank", bank);
    }
  };

  PatchShape shape;
  typename N::Memory sums;
  Params params;
  Counter<N> block;
  Counter<N> patch;  // of the group
  Counter<N> group;

  PatchOutput(const PatchShape& s, typename N::Memory row_buffer) : shape(s), sums(row_buffer) {}
  void start(const Params& p) {
    params = p;
    block.start(Index(shape.words));
    patch.start(Index(shape.patches_per_word()));
    group.start(Index(shape.groups()));
  }
  Bool done() const { return group.done(); }
  Bool requests(int) const { return N::both(block.first(), N::both(patch.first(), group.first())); }
  Request<N> request(int m) const {
    return {m == 0 ? params.position_word : params.out_word, Index(shape.columns() * shape.words)};
  }
  Bool takes(int) const { return N::yes(); }
  Bool puts(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const* put) {
    const Index at =
        (params.bank * Index(shape.groups()) + group.at) * Index(shape.words) + block.at;
    I32 sum[kMaxLanes];
    sums.read_part(at, patch.at, shape.features, sum);
    for (int i = 0; i < shape.features; ++i) put[0][i] = N::add_wrap(sum[i], taken[0][i]);
  }
  void next() { group.step(patch.wrap(block.wrap(N::yes()))); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    block.state(visit, "block");
    patch.state(visit, "patch");
    group.state(visit, "group");
  }
};

}  // namespace kernels
}  // namespace m3sim
