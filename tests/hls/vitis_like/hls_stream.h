// C simulation of a stream as Vitis HLS documents it (UG1399), so that the Vitis flavour of tops and
// bench can be compiled and run without the tool.
#pragma once
#include <cstdlib>
#include <deque>

namespace hls {

template <class T>
class stream {
 public:
  stream() = default;
  bool empty() const { return items_.empty(); }
  /// The tool warns and returns rubbish; here it ends the run.
  T read() {
    if (items_.empty()) std::abort();
    const T item = items_.front();
    items_.pop_front();
    return item;
  }
  void write(const T& item) { items_.push_back(item); }

 private:
  std::deque<T> items_;
};

}  // namespace hls
