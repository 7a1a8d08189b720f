// Stands in for the tool's <hls_burst_maxi.h>: see hls_stream.h.
#pragma once

extern "C" {
void m3sim_bench_read_request(int port, unsigned word, unsigned words);
void m3sim_bench_read(int port, void* word, unsigned bytes);
void m3sim_bench_write_request(int port, unsigned word, unsigned words);
void m3sim_bench_write(int port, const void* word, unsigned bytes);
void m3sim_bench_write_response(int port);
}

namespace hls {

template <class T>
class burst_maxi {
 public:
  explicit burst_maxi(int port) : port_(port) {}
  void read_request(unsigned word, unsigned words) { m3sim_bench_read_request(port_, word, words); }
  T read() {
    T word;
    m3sim_bench_read(port_, &word, sizeof word);
    return word;
  }
  void write_request(unsigned word, unsigned words) {
    m3sim_bench_write_request(port_, word, words);
  }
  void write(const T& word) { m3sim_bench_write(port_, &word, sizeof word); }
  void write_response() { m3sim_bench_write_response(port_); }

 private:
  int port_;
};

}  // namespace hls
