// The symbolic number family: a kernel that runs with it leaves the graph of what it computes.
//
// Truth values have no conversion to bool and values no operators, so a kernel that branches on one
// does not compile. Literals are typed. Index values are unsigned and have the bits they need.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "model/kernels/arithmetic.hpp"
#include "model/kernels/gelu.hpp"
#include "model/kernels/number.hpp"
#include "model/rtl/graph.hpp"

namespace m3sim::rtl {

struct Symbolic : kernels::Generic<Symbolic> {
  /// A value of one type: a node of the current graph, 0 until it is given one.
  template <int Width, bool Signed>
  class Value {
   public:
    static constexpr int kWidth = Width;
    static constexpr bool kSigned = Signed;
    Value() = default;
    explicit Value(std::int32_t literal)
        : node_(Graph::current().constant(Width, Signed,
                                          static_cast<std::uint64_t>(std::int64_t{literal}))) {}
    explicit Value(Node* node) : node_(node) {}
    Node* node() const { return node_ ? node_ : Graph::current().constant(Width, Signed, 0); }

   private:
    Node* node_ = nullptr;
  };
  using I16 = Value<16, true>;
  using I32 = Value<32, true>;
  using I64 = Value<64, false>;

  class Bool {
   public:
    Bool() = default;
    explicit Bool(Node* node) : node_(node) {}
    Node* node() const { return node_ ? node_ : Graph::current().constant(1, false, 0); }

   private:
    Node* node_ = nullptr;
  };

  class Index {
   public:
    Index() = default;
    explicit Index(std::int32_t literal) : node_(constant(literal)) {}
    explicit Index(Node* node) : node_(node) {}
    Node* node() const { return node_ ? node_ : constant(0); }

    friend Index operator+(Index a, Index b) { return Index(arithmetic(Op::kAdd, a, b)); }
    friend Index operator-(Index a, Index b) { return Index(arithmetic(Op::kSubtract, a, b)); }
    friend Index operator*(Index a, Index b) { return Index(arithmetic(Op::kMultiply, a, b)); }
    friend Bool operator==(Index a, Index b) { return compare(Op::kEqual, a.node(), b.node()); }
    friend Bool operator<(Index a, Index b) { return compare(Op::kLess, a.node(), b.node()); }

   private:
    static Bool compare(Op op, Node* a, Node* b) {
      return Bool(Graph::current().make(op, 1, false, {a, b}));
    }
    static Node* constant(std::int32_t literal) {
      if (literal < 0) throw BuildError("an index is negative: " + std::to_string(literal));
      const auto value = static_cast<std::uint64_t>(literal);
      return Graph::current().constant(bits_of(value), false, value);
    }
    static Node* arithmetic(Op op, Index a, Index b) {
      const Node *x = a.node(), *y = b.node();
      const int most = std::max({Graph::current().index_bits(), x->width, y->width});
      const int wider = std::max(x->width, y->width);
      const int width = op == Op::kAdd        ? wider + 1
                        : op == Op::kMultiply ? x->width + y->width
                                              : wider;
      return Graph::current().make(op, std::min(width, most), false, {a.node(), b.node()});
    }
    Node* node_ = nullptr;
  };

  static Bool yes() { return Bool(Graph::current().constant(1, false, 1)); }
  static Bool no() { return Bool(Graph::current().constant(1, false, 0)); }
  static Bool both(Bool a, Bool b) { return truth(Op::kAnd, {a.node(), b.node()}); }
  static Bool either(Bool a, Bool b) { return truth(Op::kOr, {a.node(), b.node()}); }
  static Bool negate(Bool a) { return truth(Op::kNot, {a.node()}); }

  template <class T>
  static T select(Bool c, T a, T b) {
    Node *x = a.node(), *y = b.node();
    const int width = std::max(x->width, y->width);
    return T(Graph::current().make(Op::kSelect, width, x->is_signed,
                                   {c.node(), extended(x, width), extended(y, width)}));
  }

  static Index index(I32 a) {
    const Node* n = a.node();
    // An unsigned number behind an extension is taken as it is.
    if (n->op == Op::kExtend && !n->arguments[0]->is_signed) return Index(n->arguments[0]);
    const int width = std::min(n->significant, Graph::current().index_bits());
    return Index(Graph::current().make(Op::kSlice, width, false, {a.node()}, 0));
  }
  static I32 value(Index a) { return I32(to_width(a.node(), 32, true)); }
  static I32 widen(I16 a) { return I32(to_width(a.node(), 32, true)); }
  static I16 narrow(I32 a) { return I16(slice(a.node(), 0, 16, true)); }

  static I32 add_wrap(I32 a, I32 b) { return word(Op::kAdd, {a.node(), b.node()}); }
  static I32 sub_wrap(I32 a, I32 b) { return word(Op::kSubtract, {a.node(), b.node()}); }
  template <int Shift>
  static I32 mul_floor(I32 a, I32 b) {
    return word(Op::kMultiplyFloor, {a.node(), b.node()}, Shift);
  }
  template <int Shift>
  static I32 shift_left(I32 a) {
    return word(Op::kShiftLeft, {a.node()}, Shift);
  }
  template <int Shift>
  static I32 shift_right(I32 a) {
    return word(Op::kShiftRight, {a.node()}, Shift);
  }
  template <int Low, int Width>
  static I32 bits(I32 a) {
    return I32(to_width(slice(a.node(), Low, Width, false), 32, true));
  }
  static Bool less(I32 a, I32 b) { return truth(Op::kLess, {a.node(), b.node()}); }
  static Bool less_equal(I32 a, I32 b) { return truth(Op::kLessEqual, {a.node(), b.node()}); }
  static Bool equal(I32 a, I32 b) { return truth(Op::kEqual, {a.node(), b.node()}); }

  static I64 wide(I32 a) { return I64(to_width(a.node(), 64, false)); }
  static I64 wide_constant(std::uint64_t a) { return I64(Graph::current().constant(64, false, a)); }
  static I32 low_word(I64 a) { return I32(slice(a.node(), 0, 32, true)); }
  static I64 wide_add(I64 a, I64 b) { return pattern(Op::kAdd, {a.node(), b.node()}); }
  static I64 wide_sub(I64 a, I64 b) { return pattern(Op::kSubtract, {a.node(), b.node()}); }
  template <int Shift>
  static I64 wide_shift_left(I64 a) {
    return pattern(Op::kShiftLeft, {a.node()}, Shift);
  }
  template <int Shift>
  static I64 wide_shift_right(I64 a) {
    return pattern(Op::kShiftRight, {a.node()}, Shift);
  }
  static Bool wide_less(I64 a, I64 b) { return truth(Op::kLess, {a.node(), b.node()}); }
  static I64 wide_mul_high(I64 a, I64 b) {
    return pattern(Op::kMultiplyHigh, {a.node(), b.node()});
  }
  static I32 low_half(I32 lane) { return widen(I16(slice(lane.node(), 0, 16, true))); }
  static I32 high_half(I32 lane) { return widen(I16(slice(lane.node(), 16, 16, true))); }

  static I32 rom(const std::int32_t* values, int count, Index i) {
    std::vector<std::uint64_t> entries(values, values + count);
    return I32(looked_up(table_name(values), 32, true, std::move(entries), i));
  }
  static I64 wide_rom(const std::uint64_t* values, int count, Index i) {
    std::vector<std::uint64_t> entries(values, values + count);
    return I64(looked_up(table_name(values), 64, false, std::move(entries), i));
  }
  template <class T>
  static T at(const T* values, int count, Index i) {
    std::vector<Node*> arguments{i.node()};
    int width = 1;
    for (int k = 0; k < count; ++k) width = std::max(width, values[k].node()->width);
    for (int k = 0; k < count; ++k) arguments.push_back(extended(values[k].node(), width));
    const bool is_signed = arguments[1]->is_signed;
    return T(Graph::current().make(Op::kPick, width, is_signed, std::move(arguments)));
  }

  /// A memory of the graph.
  template <class Lane>
  struct MemoryOf {
    int number = -1;
    int lanes = 1;

    const Lane* read(Index word) const { return lanes_of(word).data(); }
    void write(Bool enable, Index word, int lane, Lane value) const {
      Graph::current().write_lane(number, enable.node(), word.node(), lane, value.node());
    }
    void read_part(Index word, Index part, int size, Lane* out) const {
      const std::vector<Lane>& all = lanes_of(word);
      for (int i = 0; i < size; ++i) {
        std::vector<Lane> choices;
        for (int lane = i; lane < lanes; lane += size)
          choices.push_back(all[static_cast<std::size_t>(lane)]);
        out[i] = at(choices.data(), static_cast<int>(choices.size()), part);
      }
    }
    void write_part(Bool enable, Index word, Index part, int size, const Lane* values) const {
      for (int p = 0; p < lanes / size; ++p)
        for (int i = 0; i < size; ++i)
          write(both(enable, part == Index(p)), word, p * size + i, values[i]);
    }
    void write_word(Bool enable, Index word, const Lane* values) const {
      for (int i = 0; i < lanes; ++i) write(enable, word, i, values[i]);
    }

   private:
    const std::vector<Lane>& lanes_of(Index word) const {
      Graph& graph = Graph::current();
      const int read = graph.read_at(number, word.node());
      std::vector<Lane>& lanes_read = words_[{&graph, read}];
      if (lanes_read.empty())
        for (int i = 0; i < lanes; ++i) lanes_read.push_back(Lane(graph.read_lane(read, i)));
      return lanes_read;
    }
    // Kernels keep pointers to a word's lanes.
    static inline thread_local std::map<std::pair<Graph*, int>, std::vector<Lane>> words_;

    friend struct Symbolic;
  };
  using Memory = MemoryOf<I32>;
  using Memory16 = MemoryOf<I16>;

  /// Forgets what kernels have read from memories: before a graph is made.
  static void forget_words() {
    Memory::words_.clear();
    Memory16::words_.clear();
  }

 private:
  static Node* slice(Node* n, int low, int width, bool is_signed) {
    return Graph::current().make(Op::kSlice, width, is_signed, {n},
                                 static_cast<std::uint64_t>(low));
  }
  static Node* to_width(Node* n, int width, bool is_signed) {
    if (n->width > width) return slice(n, 0, width, is_signed);
    return Graph::current().make(Op::kExtend, width, is_signed, {n});
  }
  static Node* extended(Node* n, int width) {
    return n->width == width ? n : to_width(n, width, n->is_signed);
  }
  static I32 word(Op op, std::vector<Node*> arguments, int value = 0) {
    return I32(Graph::current().make(op, 32, true, std::move(arguments),
                                     static_cast<std::uint64_t>(value)));
  }
  static I64 pattern(Op op, std::vector<Node*> arguments, int value = 0) {
    return I64(Graph::current().make(op, 64, false, std::move(arguments),
                                     static_cast<std::uint64_t>(value)));
  }
  static Bool truth(Op op, std::vector<Node*> arguments) {
    return Bool(Graph::current().make(op, 1, false, std::move(arguments)));
  }
  static Node* looked_up(const std::string& name, int width, bool is_signed,
                         std::vector<std::uint64_t> entries, Index i) {
    Graph& graph = Graph::current();
    const int table = graph.table(name, width, std::move(entries));
    return graph.make(Op::kTable, width, is_signed, {i.node()}, static_cast<std::uint64_t>(table));
  }
  static std::string table_name(const void* values) {
    using Exp = kernels::ExpTable<>;
    if (values == kernels::GeluTable<>::kDelta) return "gelu_delta";
    if (values == Exp::kCoarse) return "exp_coarse";
    if (values == Exp::kFine) return "exp_fine";
    if (values == Exp::kFiner) return "exp_finer";
    if (values == Exp::kFinest) return "exp_finest";
    return "constants";
  }
};

}  // namespace m3sim::rtl
