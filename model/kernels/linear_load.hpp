// The loaders of the linear unit's weight and bias buffers: see linear.hpp.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/repack.hpp"

namespace m3sim {
namespace kernels {

/// Tile and word sizes; in_tile and 2 * features, out_tile and 2 * features: one divides the other.
struct LinearShape {
  int features = 8;
  int in_tile = 16;
  int out_tile = 16;
  bool single = false;  // indirect ports: a request per word, else per token

  int halves() const { return 2 * features; }
};

/// Loads rows of a matrix (words of 2F weights) through a transpose cache. A tile is written when
/// the last word of its last row is there. Cache: max in / 2F words of out_tile * F lanes, one bank
/// per row of the tile (part = row).
template <class N>
struct WeightLoad : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  using I16 = typename N::I16;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);  // of the first row
    Index rows = Index(0);
    Index row_words = Index(0);   // in / 2F
    Index first_tile = Index(0);  // in the weight buffer
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("rows", rows);
      visit("row_words", row_words);
      visit("first_tile", first_tile);
    }
  };

  LinearShape shape;
  int tile_words;      // words per row of a tile, at least 1
  int tiles_per_word;  // at least 1
  typename N::Memory cache;
  typename N::Memory16 weights;  // words of in_tile * out_tile lanes
  Params params;
  Counter<N> word;       // of the row
  Counter<N> tile_word;  // of the tile's row
  Counter<N> tile_row;
  Counter<N> row;
  Index tile = Index(0);

  WeightLoad(const LinearShape& s, typename N::Memory cache_memory,
             typename N::Memory16 weight_buffer)
      : shape(s),
        tile_words(s.in_tile > s.halves() ? s.in_tile / s.halves() : 1),
        tiles_per_word(s.in_tile < s.halves() ? s.halves() / s.in_tile : 1),
        cache(cache_memory),
        weights(weight_buffer) {}
  void start(const Params& p) {
    params = p;
    word.start(p.row_words);
    tile_word.start(Index(tile_words));
    tile_row.start(Index(shape.out_tile));
    row.start(p.rows);
    tile = p.first_tile;
  }
  Bool done() const { return row.done(); }
  Bool requests(int) const { return N::both(row.first(), word.first()); }
  Request<N> request(int) const { return {params.first_word, params.rows * params.row_words}; }
  Bool takes(int) const { return N::yes(); }
  /// This firing completes tiles.
  Bool completes() const {
    return N::both(N::either(tile_row.last(), row.last()),
                   N::either(tile_word.last(), word.last()));
  }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    const I32* now = taken[0];
    N::when(completes(), [&] { write_tiles(now); });
    cache.write_part(N::yes(), word.at, tile_row.at, shape.features, now);
  }
  void next() {
    const Bool wrote = completes();
    tile = N::select(wrote, tile + Index(tiles_per_word), tile);
    tile_word.wrap(N::yes());
    const Bool row_end = word.wrap(N::yes());
    tile_word.at = N::select(row_end, Index(0), tile_word.at);
    tile_row.wrap(row_end);
    row.step(row_end);
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
    tile_word.state(visit, "tile_word");
    tile_row.state(visit, "tile_row");
    row.state(visit, "row");
    visit("tile", tile);
  }

 private:
  // The word `w` of row `r` of the tile, zero where the matrix has none. The word that has just
  // arrived is not in the cache yet.
  void tile_lanes(const I32* now, int w, int r, I32* lanes) const {
    const Bool current_word = tile_word.at == Index(w);
    const Bool known = N::negate(tile_word.at < Index(w));
    const Bool in_matrix = N::both(known, N::negate(tile_row.at < Index(r)));
    const Index address = N::select(known, word.at + Index(w) - tile_word.at, word.at);
    const I32* row_lanes = cache.read(address) + r * shape.features;
    const Bool is_now = N::both(current_word, tile_row.at == Index(r));
    for (int i = 0; i < shape.features; ++i)
      lanes[i] = N::select(is_now, now[i], N::select(in_matrix, row_lanes[i], I32(0)));
  }
  void write_tiles(const I32* now) {
    I16 lanes[kMaxLanes * kMaxLanes];
    I32 words[kMaxLanes];
    const int ins = shape.in_tile < shape.halves() ? shape.in_tile : shape.halves();
    for (int t = 0; t < tiles_per_word; ++t) {
      for (int r = 0; r < shape.out_tile; ++r) {
        for (int w = 0; w < tile_words; ++w) {
          tile_lanes(now, w, r, words);
          for (int i = 0; i < ins; ++i) {
            const I32 lane = words[(t * ins + i) / 2];
            const I32 weight = (t * ins + i) % 2 == 0 ? N::low_half(lane) : N::high_half(lane);
            lanes[(w * ins + i) * shape.out_tile + r] = N::narrow(weight);
          }
        }
      }
      weights.write_word(completes(), tile + Index(t), lanes);
    }
  }
};

/// Loads biases: 16-bit halves become Q10.22. Buffer: words of out_tile lanes.
template <class N>
struct BiasLoad : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index first_word = Index(0);
    Index words = Index(0);        // rows / 2F
    Bool attention = N::no();      // Q7.9, else Q5.11
    Index first_block = Index(0);  // in the bias buffer
    template <class F>
    void state(F& visit) {
      visit("first_word", first_word);
      visit("words", words);
      visit("attention", attention);
      visit("first_block", first_block);
    }
  };

  LinearShape shape;
  int block_words;      // words per block of out_tile biases, at least 1
  int blocks_per_word;  // at least 1
  typename N::Memory biases;
  Params params;
  Counter<N> block_word;
  Counter<N> word;
  Index block = Index(0);
  Regs<N, I32, kMaxLanes> gathered;

  BiasLoad(const LinearShape& s, typename N::Memory bias_buffer)
      : shape(s),
        block_words(s.out_tile > s.halves() ? s.out_tile / s.halves() : 1),
        blocks_per_word(s.out_tile < s.halves() ? s.halves() / s.out_tile : 1),
        biases(bias_buffer) {
    gathered.count = block_words > 1 ? s.out_tile : 0;
  }
  void start(const Params& p) {
    params = p;
    block_word.start(Index(block_words));
    word.start(p.words);
    block = p.first_block;
  }
  Bool done() const { return word.done(); }
  Bool requests(int) const { return word.first(); }
  Request<N> request(int) const { return {params.first_word, params.words}; }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    const int step = block_words > 1 ? shape.halves() : shape.out_tile;
    for (int part = 0; part < block_words * blocks_per_word; ++part) {
      I32 lanes[kMaxLanes];
      for (int i = 0; i < step; ++i) {
        const int half = (block_words > 1 ? 0 : part * step) + i;
        lanes[i] = bias(taken[0], half);
      }
      if (block_words > 1) {
        const Bool here = block_word.at == Index(part);
        N::select_lanes(here, lanes, &gathered[part * step], &gathered[part * step], step);
      } else {
        biases.write_word(N::yes(), block + Index(part), lanes);
      }
    }
    if (block_words > 1) biases.write_word(completes(), block, gathered.values);
  }
  void next() {
    block = N::select(completes(), block + Index(blocks_per_word), block);
    block_word.wrap(N::yes());
    word.step(N::yes());
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    block_word.state(visit, "block_word");
    word.state(visit, "word");
    visit("block", block);
    gathered.state(visit, "gathered");
  }

 private:
  Bool completes() const { return N::either(block_word.last(), word.last()); }
  I32 bias(const I32* lanes, int half) const {
    const I32 raw = half % 2 == 0 ? N::low_half(lanes[half / 2]) : N::high_half(lanes[half / 2]);
    return N::select(params.attention, N::template shift_left<13>(raw),
                     N::template shift_left<11>(raw));
  }
};

}  // namespace kernels
}  // namespace m3sim
