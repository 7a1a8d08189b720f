// Stands in for the tool's <hls_stream.h> where a host compiler simulates the tops: every operation
// goes to the test bench (bench/player.hpp). Never on the include path of a tool.
#pragma once

extern "C" {
void m3sim_bench_stream_read(int port, void* item, unsigned bytes);
void m3sim_bench_stream_write(int port, const void* item, unsigned bytes);
}

namespace hls {

template <class T>
class stream {
 public:
  explicit stream(int port) : port_(port) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  T read() {
    T item;
    m3sim_bench_stream_read(port_, &item, sizeof item);
    return item;
  }
  void write(const T& item) { m3sim_bench_stream_write(port_, &item, sizeof item); }

 private:
  int port_;
};

}  // namespace hls
