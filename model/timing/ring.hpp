// A FIFO of plain values in a flat ring that doubles when it is full.
#pragma once
#include <cstddef>
#include <vector>

namespace m3sim::timing {

template <class T>
class Ring {
 public:
  Ring() : Ring(16) {}
  explicit Ring(std::size_t capacity) { grow_to(capacity); }
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }
  const T& front() const { return items_[head_ & mask_]; }
  T& front() { return items_[head_ & mask_]; }
  T& back() { return items_[(tail_ - 1) & mask_]; }
  const T& operator[](std::size_t i) const { return items_[(head_ + i) & mask_]; }
  T& operator[](std::size_t i) { return items_[(head_ + i) & mask_]; }
  [[gnu::always_inline]] void push(const T& value) {
    if (tail_ - head_ > mask_) [[unlikely]]
      grow_to(2 * (mask_ + 1));
    items_[tail_++ & mask_] = value;
  }
  /// Pushes value(0) to value(count - 1). An empty ring starts anew, where the host's caches have it.
  template <class Value>
  void push_all(std::size_t count, Value&& value) {
    if (empty()) head_ = tail_ = 0;
    while (size() + count > mask_ + 1) [[unlikely]]
      grow_to(2 * (mask_ + 1));
    T* const items = items_.data();
    const std::size_t mask = mask_, tail = tail_;
    for (std::size_t i = 0; i < count; ++i) items[(tail + i) & mask] = value(i);
    tail_ = tail + count;
  }
  void pop() { ++head_; }
  void clear() { head_ = tail_ = 0; }

 private:
  [[gnu::noinline]] void grow_to(std::size_t capacity) {
    std::size_t size = 1;
    while (size < capacity) size *= 2;
    std::vector<T> bigger(size);
    for (std::size_t i = head_; i != tail_; ++i) bigger[i - head_] = items_[i & mask_];
    tail_ -= head_;
    head_ = 0;
    items_.swap(bigger);
    mask_ = size - 1;
  }
  std::vector<T> items_;
  std::size_t head_ = 0, tail_ = 0, mask_ = 0;
};

}  // namespace m3sim::timing
