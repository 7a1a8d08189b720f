// Loop counters and indexed registers.
#pragma once
#include "model/kernels/number.hpp"

namespace m3sim {
namespace kernels {

/// One loop of a flattened nest: counts 0 ... limit - 1. Inner loops wrap, the outermost stops.
template <class N>
struct Counter {
  using Bool = typename N::Bool;
  using Index = typename N::Index;

  Index at = Index(0);
  Index limit = Index(1);

  void start(Index new_limit) {
    at = Index(0);
    limit = new_limit;
  }
  Bool first() const { return at == Index(0); }
  Bool last() const { return at + Index(1) == limit; }
  /// The outermost loop has no iteration left.
  Bool done() const { return at == limit; }
  /// Steps an inner loop where `enable` holds; returns where it wrapped, for the next outer one.
  Bool wrap(Bool enable) {
    const Bool wraps = N::both(enable, last());
    at = N::select(wraps, Index(0), N::select(enable, at + Index(1), at));
    return wraps;
  }
  /// Steps the outermost loop.
  void step(Bool enable) { at = N::select(enable, at + Index(1), at); }

  template <class F>
  void state(F& visit, const char* name) {
    visit(name, at);
    visit(name, limit);
  }
};

/// A small array kept in registers (fully partitioned).
template <class N, class T, int Size>
struct Regs {
  T values[Size];
  int count = Size;  // used

  Regs() {
    for (int i = 0; i < Size; ++i) values[i] = T(0);
  }
  T read(typename N::Index i) const { return N::at(values, count, i); }
  void write(typename N::Bool enable, typename N::Index i, T value) {
    N::put_at(values, count, enable, i, value);
  }
  T& operator[](int i) { return values[i]; }
  const T& operator[](int i) const { return values[i]; }

  template <class F>
  void state(F& visit, const char* name) {
    for (int i = 0; i < count; ++i) visit(name, values[i]);
  }
};

}  // namespace kernels
}  // namespace m3sim
