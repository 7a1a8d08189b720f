// A number family that proves the dialect of the kernels: its truth type has no conversion to bool,
// its values no operators, its indexes do not mix with values; an index that leaves its range, a
// memory word that does not exist and an overflow of an index throw. Memories have a registered
// read: a firing does not see its own write.
#pragma once

#include <stdexcept>
#include <vector>

#include "model/kernels/number.hpp"
#include "tests/kernels/untimed.hpp"

namespace m3sim::kernels::test {

struct Checked : Generic<Checked> {
  class Bool {
   public:
    Bool() = default;

   private:
    friend struct Checked;
    explicit Bool(bool v) : v_(v) {}
    bool v_ = false;
  };

  template <class Raw>
  class Value {
   public:
    Value() = default;
    explicit Value(Raw v) : v_(v) {}

   private:
    friend struct Checked;
    Raw v_ = 0;
  };
  using I16 = Value<std::int16_t>;
  using I32 = Value<std::int32_t>;
  using I64 = Value<std::int64_t>;

  class Index {
   public:
    Index() = default;
    explicit Index(std::int64_t v) : v_(v) {
      if (v < 0 || v > 2147483647) throw std::out_of_range("index out of range");
    }
    friend Index operator+(Index a, Index b) { return Index(a.v_ + b.v_); }
    friend Index operator-(Index a, Index b) { return Index(a.v_ - b.v_); }
    friend Index operator*(Index a, Index b) { return Index(a.v_ * b.v_); }
    friend Bool operator==(Index a, Index b) { return truth_of(a.v_ == b.v_); }
    friend Bool operator<(Index a, Index b) { return truth_of(a.v_ < b.v_); }

   private:
    friend struct Checked;
    static Bool truth_of(bool v);
    std::int64_t v_ = 0;
  };

  static Bool yes() { return Bool(true); }
  static Bool no() { return Bool(false); }
  static Bool both(Bool a, Bool b) { return Bool(a.v_ && b.v_); }
  static Bool either(Bool a, Bool b) { return Bool(a.v_ || b.v_); }
  static Bool negate(Bool a) { return Bool(!a.v_); }
  template <class T>
  static T select(Bool c, T a, T b) {
    return c.v_ ? a : b;
  }

  static Index index(I32 a) { return Index(a.v_); }
  static I32 value(Index a) { return I32(static_cast<std::int32_t>(a.v_)); }
  static I32 widen(I16 a) { return I32(a.v_); }
  static I16 narrow(I32 a) { return I16(Ints::narrow(a.v_)); }
  static I32 add_wrap(I32 a, I32 b) { return I32(Ints::add_wrap(a.v_, b.v_)); }
  static I32 sub_wrap(I32 a, I32 b) { return I32(Ints::sub_wrap(a.v_, b.v_)); }
  template <int Shift>
  static I32 mul_floor(I32 a, I32 b) {
    return I32(Ints::mul_floor<Shift>(a.v_, b.v_));
  }
  template <int Shift>
  static I32 shift_left(I32 a) {
    return I32(Ints::shift_left<Shift>(a.v_));
  }
  template <int Shift>
  static I32 shift_right(I32 a) {
    return I32(Ints::shift_right<Shift>(a.v_));
  }
  template <int Low, int Width>
  static I32 bits(I32 a) {
    return I32(Ints::bits<Low, Width>(a.v_));
  }
  static Bool less(I32 a, I32 b) { return Bool(a.v_ < b.v_); }
  static Bool less_equal(I32 a, I32 b) { return Bool(a.v_ <= b.v_); }
  static Bool equal(I32 a, I32 b) { return Bool(a.v_ == b.v_); }

  static I64 wide(I32 a) { return I64(a.v_); }
  static I64 wide_constant(std::uint64_t a) { return I64(static_cast<std::int64_t>(a)); }
  static I32 low_word(I64 a) { return I32(Ints::low_word(a.v_)); }
  static I64 wide_add(I64 a, I64 b) { return I64(Ints::wide_add(a.v_, b.v_)); }
  static I64 wide_sub(I64 a, I64 b) { return I64(Ints::wide_sub(a.v_, b.v_)); }
  template <int Shift>
  static I64 wide_shift_left(I64 a) {
    return I64(Ints::wide_shift_left<Shift>(a.v_));
  }
  template <int Shift>
  static I64 wide_shift_right(I64 a) {
    return I64(Ints::wide_shift_right<Shift>(a.v_));
  }
  static Bool wide_less(I64 a, I64 b) { return Bool(Ints::wide_less(a.v_, b.v_)); }
  static I64 wide_mul_high(I64 a, I64 b) { return I64(Ints::wide_mul_high(a.v_, b.v_)); }
  static I32 low_half(I32 lane) { return I32(Ints::low_half(lane.v_)); }
  static I32 high_half(I32 lane) { return I32(Ints::high_half(lane.v_)); }

  template <class T>
  static T at(const T* values, int count, Index i) {
    if (i.v_ >= count) throw std::out_of_range("no such register");
    return Generic<Checked>::at(values, count, i);
  }

  /// Contents of a memory, with the writes of the firing in progress.
  template <class Lane>
  struct Contents {
    struct Write {
      std::size_t at;
      Lane value;
    };
    std::vector<Lane> lanes;
    std::vector<Write> writes;
  };

  template <class Lane>
  struct MemoryOf {
    Contents<Lane>* contents = nullptr;
    int lanes = 1;

    const Lane* read(Index word) const { return contents->lanes.data() + first(word); }
    void write(Bool enable, Index word, int lane, Lane value) const {
      if (!enable.v_) return;
      if (lane < 0 || lane >= lanes) throw std::out_of_range("no such lane");
      contents->writes.push_back({first(word) + static_cast<std::size_t>(lane), value});
    }
    void read_part(Index word, Index part, int size, Lane* out) const {
      if ((part.v_ + 1) * size > lanes) throw std::out_of_range("no such part");
      for (int i = 0; i < size; ++i) out[i] = read(word)[part.v_ * size + i];
    }
    void write_part(Bool enable, Index word, Index part, int size, const Lane* values) const {
      for (int i = 0; i < size; ++i)
        write(enable, word, static_cast<int>(part.v_) * size + i, values[i]);
    }
    void write_word(Bool enable, Index word, const Lane* values) const {
      write_part(enable, word, Index(0), lanes, values);
    }

   private:
    std::size_t first(Index word) const {
      if ((word.v_ + 1) * lanes > static_cast<std::int64_t>(contents->lanes.size()))
        throw std::out_of_range("no such word");
      return static_cast<std::size_t>(word.v_ * lanes);
    }
  };
  using Memory = MemoryOf<I32>;
  using Memory16 = MemoryOf<I16>;

  // What the test bench may see.
  static bool see(Bool b) { return b.v_; }
  static std::int32_t see(Index i) { return static_cast<std::int32_t>(i.v_); }
  template <class Raw>
  static Raw see(Value<Raw> v) {
    return v.v_;
  }
};

inline Checked::Bool Checked::Index::truth_of(bool v) { return v ? yes() : no(); }

inline bool truth(Checked::Bool b) { return Checked::see(b); }
inline std::int32_t number(Checked::I32 v) { return Checked::see(v); }
inline std::int32_t number(Checked::Index i) { return Checked::see(i); }

template <class Lane>
class Store<Checked, Lane> {
 public:
  Store(int words, int lanes) : lanes_(lanes) {
    contents_.lanes.resize(static_cast<std::size_t>(words * lanes));
  }
  Checked::MemoryOf<Lane> handle() { return {&contents_, lanes_}; }
  std::int32_t value(std::size_t i) const { return Checked::see(contents_.lanes[i]); }
  void set(std::size_t i, std::int32_t v) {
    contents_.lanes[i] = Lane(static_cast<decltype(Checked::see(Lane()))>(v));
  }
  void commit() {
    for (const auto& w : contents_.writes) contents_.lanes[w.at] = w.value;
    contents_.writes.clear();
  }

 private:
  Checked::Contents<Lane> contents_;
  int lanes_;
};

}  // namespace m3sim::kernels::test
