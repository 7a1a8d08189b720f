// The task embedding of the task-conditioned gate (M3ViT, section 3.2): one-hot task -> linear ->
// GELU -> linear, run once per task switch.
//
//   actor          inputs  outputs  read ports  write ports
//   TaskEmbedding  -       -        parameters  -            leaves the embedding in the gate's
//   task memory
//
// A one-hot input selects a column of the first matrix, so that matrix lies in memory by columns:
// [task][hidden].
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/counter.hpp"
#include "model/kernels/gelu.hpp"
#include "model/kernels/repack.hpp"

namespace m3sim {
namespace kernels {

/// Both widths are multiples of 2F.
struct TaskEmbeddingShape {
  int features = 8;
  int hidden = 64;
  int outputs = 64;

  int halves() const { return 2 * features; }
  int hidden_words() const { return hidden / halves(); }
  int output_words() const { return outputs / halves(); }
};

/// A word of 2F parameters per firing, in four runs: biases of layer 1, the task's column, biases
/// of layer 2, layer 2. Hidden memory: hidden / 2F words of 2F lanes. Embedding: outputs / F words
/// of F lanes.
template <class N>
struct TaskEmbedding : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 1;

  struct Params {
    Index bias1_word = Index(0);   // Q5.11
    Index column_word = Index(0);  // of the task, Q2.14
    Index bias2_word = Index(0);
    Index weight2_word = Index(0);
    template <class F>
    void state(F& visit) {
      visit("bias1_word", bias1_word);
      visit("column_word", column_word);
      visit("bias2_word", bias2_word);
      visit("weight2_word", weight2_word);
    }
  };

  TaskEmbeddingShape shape;
  typename N::Memory hidden;
  typename N::Memory embedding;
  Params params;
  Counter<N> word;   // of the bias, column or row
  Counter<N> lane;   // output of the second matrix within its word
  Counter<N> group;  // word of the embedding
  Counter<N> run;
  I32 sum = I32(0);

  TaskEmbedding(const TaskEmbeddingShape& s, typename N::Memory hidden_memory,
                typename N::Memory task_memory)
      : shape(s), hidden(hidden_memory), embedding(task_memory) {}
  void start(const Params& p) {
    params = p;
    word.start(Index(shape.hidden_words()));
    lane.start(Index(1));
    group.start(Index(1));
    run.start(Index(kRuns));
    sum = I32(0);
  }
  Bool done() const { return run.done(); }
  Bool requests(int) const { return N::both(word.first(), N::both(lane.first(), group.first())); }
  Request<N> request(int) const {
    const Index low = N::select(in(0), params.bias1_word, params.column_word);
    const Index high = N::select(in(2), params.bias2_word, params.weight2_word);
    return {N::select(run.at < Index(2), low, high), group.limit * lane.limit * word.limit};
  }
  Bool takes(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const*) {
    I32 halves[2 * kMaxLanes];
    for (int i = 0; i < shape.features; ++i) {
      halves[2 * i] = N::low_half(taken[0][i]);
      halves[2 * i + 1] = N::high_half(taken[0][i]);
    }
    N::when(run.at < Index(2), [&] { first_layer(halves); });
    N::when(in(2), [&] { second_bias(halves); });
    N::when(in(3), [&] { second_layer(halves); });
  }
  void next() {
    const Bool row_end = word.wrap(N::yes());
    const Bool run_end = group.wrap(lane.wrap(row_end));
    run.step(run_end);
    word.limit = N::select(in(2), Index(shape.output_words()), Index(shape.hidden_words()));
    lane.limit = N::select(in(3), Index(shape.features), Index(1));
    group.limit = N::select(in(3), Index(shape.outputs / shape.features), Index(1));
  }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
    lane.state(visit, "lane");
    group.state(visit, "group");
    run.state(visit, "run");
    visit("sum", sum);
  }

 private:
  static constexpr int kRuns = 4;

  Bool in(int number) const { return run.at == Index(number); }
  /// Word of the hidden memory; 0 in the run of the second layer's biases, which has another
  /// length.
  Index hidden_word() const { return N::select(in(2), Index(0), word.at); }

  void first_layer(const I32* halves) {
    const I32* before = hidden.read(hidden_word());
    I32 after[2 * kMaxLanes];
    for (int i = 0; i < shape.halves(); ++i) {
      const I32 bias = N::template shift_left<11>(halves[i]);
      const I32 column = gelu<N>(N::add_wrap(before[i], N::template shift_left<8>(halves[i])));
      after[i] = N::select(in(0), bias, column);
    }
    hidden.write_word(run.at < Index(2), hidden_word(), after);
  }
  void second_bias(const I32* halves) {
    const Index at = N::select(in(2), word.at, Index(0)) * Index(2);
    for (int part = 0; part < 2; ++part) {
      I32 lanes[kMaxLanes];
      for (int i = 0; i < shape.features; ++i)
        lanes[i] = N::template shift_left<11>(halves[part * shape.features + i]);
      embedding.write_word(in(2), at + Index(part), lanes);
    }
  }
  void second_layer(const I32* halves) {
    const I32* x = hidden.read(hidden_word());
    // The output's bias lies where its sum will.
    I32 bias[1];
    embedding.read_part(group.at, lane.at, 1, bias);
    sum = N::select(in(3), N::select(word.first(), bias[0], sum), sum);
    for (int i = 0; i < shape.halves(); ++i)
      sum = N::select(in(3), N::add_wrap(sum, N::template mul_floor<14>(x[i], halves[i])), sum);
    embedding.write_part(N::both(in(3), word.last()), group.at, lane.at, 1, &sum);
  }
};

}  // namespace kernels
}  // namespace m3sim
