// Residual add (Edge-MoE, src/add.cpp).
//
//   actor   inputs  outputs  read ports  write ports
//   Add     -       -        x, y        out          out = x + y, wrapping; out may be x
#pragma once
#include "model/kernels/actor.hpp"
#include "model/kernels/counter.hpp"

namespace m3sim {
namespace kernels {

/// Words of x and y are read, and of out written, one request each (single) or all at once.
struct AddShape {
  int features = 8;
  bool single_x = true;
  bool single_y = false;
  bool single_out = true;
};

template <class N>
struct Add : ActorBase<N> {
  using typename ActorBase<N>::Bool;
  using typename ActorBase<N>::I32;
  using typename ActorBase<N>::Index;
  static constexpr int kReadPorts = 2;
  static constexpr int kWritePorts = 1;

  struct Params {
    Index words = Index(0);
    Index x_word = Index(0);
    Index y_word = Index(0);
    Index out_word = Index(0);
    template <class F>
    void state(F& visit) {
      visit("words", words);
      visit("x_word", x_word);
      visit("y_word", y_word);
      visit("out_word", out_word);
    }
  };

  AddShape shape;
  Params params;
  Counter<N> word;

  explicit Add(const AddShape& s) : shape(s) {}
  void start(const Params& p) {
    params = p;
    word.start(p.words);
  }
  Bool done() const { return word.done(); }
  Bool requests(int m) const { return single(m) ? N::yes() : word.first(); }
  Request<N> request(int m) const {
    const Index base = m == 0 ? params.x_word : m == 1 ? params.y_word : params.out_word;
    if (single(m)) return {base + word.at, Index(1)};
    return {base, params.words};
  }
  Bool takes(int) const { return N::yes(); }
  Bool puts(int) const { return N::yes(); }
  void fire(const I32* const*, const I32* const* taken, I32* const*, I32* const* put) {
    for (int i = 0; i < shape.features; ++i) put[0][i] = N::add_wrap(taken[0][i], taken[1][i]);
  }
  void next() { word.step(N::yes()); }
  template <class F>
  void state(F visit) {
    params.state(visit);
    word.state(visit, "word");
  }

 private:
  bool single(int m) const {
    return m == 0 ? shape.single_x : m == 1 ? shape.single_y : shape.single_out;
  }
};

}  // namespace kernels
}  // namespace m3sim
