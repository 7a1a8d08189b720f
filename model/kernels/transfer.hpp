// Processes that only move data between memory and streams.
//
//   actor        inputs   outputs  read ports  write ports
//   ReadItems    -        item     words       -            memory words -> stream items
//   WriteItems   item     -        -           words        stream items -> memory words
//   WriteZeros   -        -        -           words        clears a tensor
//   CopyWords    -        -        words       words        one tensor to another
//
// A tensor is `rows` rows of `row_words` words, `row_stride` words apart. Burst: one request for
// the longest contiguous run (the whole tensor where rows touch, else a row). Single: one request
// per word.
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/repack.hpp"

namespace m3sim {
namespace kernels {

/// Rows of words in memory, and the chunks that make up a row's items.
template <class N>
struct Rows {
  using Index = typename N::Index;
  Index first_word = Index(0);
  Index rows = Index(0);
  Index row_chunks = Index(0);  // firings per row: chunks of min(word, item) lanes
  Index row_words = Index(0);
  Index row_stride = Index(0);

  template <class F>
  void state(F& visit) {
    visit("first_word", first_word);
    visit("rows", rows);
    visit("row_chunks", row_chunks);
    visit("row_words", row_words);
    visit("row_stride", row_stride);
  }
};

/// Lanes of a memory word and of a stream item (one divides the other), and how the port asks.
struct TransferShape {
  int features = 8;    // lanes of a word
  int item_lanes = 8;  // lanes of an item
  bool single = false;

  int chunk() const { return features < item_lanes ? features : item_lanes; }
  /// Tokens of `words` words each, `stride` words apart, as items; a token's last item is padded
  /// with zeros.
  template <class N>
  Rows<N> tokens(int first_word, int tokens, int words, int stride) const {
    using Index = typename N::Index;
    return {Index(first_word), Index(tokens), Index(words * (features / chunk())), Index(words),
            Index(stride)};
  }
  /// `items` items packed without gaps; the last word is padded with zeros.
  template <class N>
  Rows<N> packed(int first_word, int items) const {
    using Index = typename N::Index;
    const int chunks = items * (item_lanes / chunk());
    const int words = (items * item_lanes + features - 1) / features;
    return {Index(first_word), Index(items > 0 ? 1 : 0), Index(chunks), Index(words), Index(words)};
  }
};

/// The loop over rows and chunks, and the requests that go with it.
template <class N>
struct RowLoop {
  using Bool = typename N::Bool;
  using Index = typename N::Index;

  bool single;
  Rows<N> params;
  Counter<N> chunk;
  Counter<N> row;
  Index word = Index(0);      // of the row
  Index row_base = Index(0);  // of the row, in words

  void start(const Rows<N>& rows) {
    params = rows;
    chunk.start(rows.row_chunks);
    row.start(rows.rows);
    word = Index(0);
    row_base = rows.first_word;
  }
  Bool done() const { return row.done(); }
  Bool row_end() const { return chunk.last(); }
  Bool contiguous() const { return params.row_words == params.row_stride; }
  /// `word_start`: this firing is the first of a word.
  Bool requests(Bool word_start) const {
    if (single) return word_start;
    return N::both(chunk.first(), N::either(row.first(), N::negate(contiguous())));
  }
  Request<N> request() const {
    if (single) return {row_base + word, Index(1)};
    return {row_base, N::select(contiguous(), params.rows * params.row_words, params.row_words)};
  }
  /// `word_end`: this firing is the last of a word.
  void next(Bool word_end) {
    const Bool wraps = chunk.wrap(N::yes());
    word = N::select(wraps, Index(0), N::select(word_end, word + Index(1), word));
    row_base = N::select(wraps, row_base + params.row_stride, row_base);
    row.step(wraps);
  }
  template <class F>
  void state(F& visit) {
    params.state(visit);
    chunk.state(visit, "chunk");
    row.state(visit, "row");
    visit("word", word);
    visit("row_base", row_base);
  }
};

/// Reads rows of words and gives them as items.
template <class N>
struct ReadItems : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  static constexpr int kOutputs = 1;
  static constexpr int kReadPorts = 1;
  using Params = Rows<N>;

  TransferShape shape;
  RowLoop<N> loop;
  Repack<N> repack;

  explicit ReadItems(const TransferShape& s)
      : shape(s), loop{s.single, {}, {}, {}}, repack(s.features, s.item_lanes) {}
  void start(const Params& p) {
    loop.start(p);
    repack.start();
  }
  int output_lanes(int) const { return shape.item_lanes; }
  Bool done() const { return loop.done(); }
  Bool requests(int) const { return loop.requests(repack.takes()); }
  Request<N> request(int) const { return loop.request(); }
  Bool takes(int) const { return repack.takes(); }
  Bool writes(int) const { return repack.gives(loop.row_end()); }
  void fire(const I32* const*, const I32* const* taken, I32* const* out, I32* const*) {
    repack.fire(taken[0], out[0]);
  }
  void next() {
    const Bool row_end = loop.row_end();
    const Bool word_end = repack.in_part.last();
    repack.next(row_end);
    loop.next(word_end);
  }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    repack.state(visit);
  }
};

/// Writes items as rows of words.
template <class N>
struct WriteItems : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  static constexpr int kInputs = 1;
  static constexpr int kWritePorts = 1;
  using Params = Rows<N>;

  TransferShape shape;
  RowLoop<N> loop;
  Repack<N> repack;

  explicit WriteItems(const TransferShape& s)
      : shape(s), loop{s.single, {}, {}, {}}, repack(s.item_lanes, s.features) {}
  void start(const Params& p) {
    loop.start(p);
    repack.start();
  }
  int input_lanes(int) const { return shape.item_lanes; }
  Bool done() const { return loop.done(); }
  Bool reads(int) const { return repack.takes(); }
  Bool requests(int) const { return loop.requests(puts(0)); }
  Request<N> request(int) const { return loop.request(); }
  Bool puts(int) const { return repack.gives(loop.row_end()); }
  void fire(const I32* const* in, const I32* const*, I32* const*, I32* const* put) {
    repack.fire(in[0], put[0]);
  }
  void next() {
    const Bool row_end = loop.row_end();
    const Bool word_end = puts(0);
    repack.next(row_end);
    loop.next(word_end);
  }
  template <class F>
  void state(F visit) {
    loop.state(visit);
    repack.state(visit);
  }
};

/// Writes zeros to a contiguous tensor. params.row_chunks counts words.
template <class N>
struct WriteZeros : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  static constexpr int kWritePorts = 1;
  using Params = Rows<N>;

  TransferShape shape;
  RowLoop<N> loop;

  explicit WriteZeros(const TransferShape& s) : shape(s), loop{s.single, {}, {}, {}} {}
  void start(const Params& p) { loop.start(p); }
  Bool done() const { return loop.done(); }
  Bool requests(int) const { return loop.requests(N::yes()); }
  Request<N> request(int) const { return loop.request(); }
  Bool puts(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const*, I32* const*, I32* const* put) {
    for (int i = 0; i < shape.features; ++i) put[0][i] = I32(0);
  }
  void next() { loop.next(N::yes()); }
  template <class F>
  void state(F visit) {
    loop.state(visit);
  }
};

/// Copies a tensor word by word: the class token of the patch embedding.
template <class N>
struct CopyWords : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  static constexpr int kReadPorts = 1;
  static constexpr int kWritePorts = 1;
  struct Params {
    Rows<N> from;
    Rows<N> to;
  };

  TransferShape shape;
  RowLoop<N> from;
  RowLoop<N> to;

  explicit CopyWords(const TransferShape& s)
      : shape(s), from{s.single, {}, {}, {}}, to{s.single, {}, {}, {}} {}
  void start(const Params& p) {
    from.start(p.from);
    to.start(p.to);
  }
  Bool done() const { return from.done(); }
  Bool requests(int m) const { return m == 0 ? from.requests(N::yes()) : to.requests(N::yes()); }
  Request<N> request(int m) const { return m == 0 ? from.request() : to.request(); }
  Bool takes(int) const { return N::yes(); }
  Bool puts(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const* put) {
    for (int i = 0; i < shape.features; ++i) put[0][i] = taken[0][i];
  }
  void next() {
    from.next(N::yes());
    to.next(N::yes());
  }
  template <class F>
  void state(F visit) {
    from.state(visit);
    to.state(visit);
  }
};

}  // namespace kernels
}  // namespace m3sim
