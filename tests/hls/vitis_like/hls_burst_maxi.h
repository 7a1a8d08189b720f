// As hls_stream.h: a manual burst port over an array. What the manual forbids ends the run.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <deque>

namespace hls {

template <class T>
class burst_maxi {
 public:
  burst_maxi(T* base) : base_(base) {}
  void read_request(std::size_t word, unsigned words) {
    for (unsigned i = 0; i < words; ++i) reads_.push_back(word + i);
  }
  T read() {
    if (reads_.empty()) std::abort();
    const T value = base_[reads_.front()];
    reads_.pop_front();
    return value;
  }
  void write_request(std::size_t word, unsigned words) {
    for (unsigned i = 0; i < words; ++i) writes_.push_back(word + i);
    ++responses_;
  }
  void write(const T& value) {
    if (writes_.empty()) std::abort();
    base_[writes_.front()] = value;
    writes_.pop_front();
  }
  void write_response() {
    if (responses_ == 0) std::abort();
    --responses_;
  }

 private:
  T* base_;
  std::deque<std::size_t> reads_, writes_;
  unsigned responses_ = 0;
};

}  // namespace hls
