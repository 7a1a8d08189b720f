// Test bench of every top, or with -DM3SIM_HLS_TOP=name of one (in a tool).
//
//   hls_bench [FOLDER [TOP]...]   runs the recordings FOLDER/TOP.bin; exit code 1 on a difference
//   hls_bench FOLDER -TOP...      all but these
//
// M3SIM_HLS_RECORDING is the folder where no argument names one (tools pass none);
// M3SIM_HLS_CALLS limits the calls of each top, for co-simulations that are slow.
#include <cstdio>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "model/hls/tops.hpp"
#if defined(M3SIM_HLS_VITIS) || defined(M3SIM_HLS_ARRAYS)
#include "model/hls/bench/images.hpp"
#else
#include "model/hls/bench/player.hpp"
#endif

#ifndef M3SIM_HLS_RECORDING
#define M3SIM_HLS_RECORDING "."
#endif
#ifndef M3SIM_HLS_CALLS
#define M3SIM_HLS_CALLS 1000000
#endif

namespace m3sim {
namespace hls {
namespace bench {
namespace {

template <class... A, std::size_t... I>
void call(void (*top)(A...), std::tuple<Argument<A>...>& arguments, Verdict& verdict,
          std::index_sequence<I...>) {
  top(std::get<I>(arguments).get()...);
  const int checked[] = {0, (std::get<I>(arguments).check(verdict), 0)...};
  static_cast<void>(checked);
}

#if defined(__BAMBU_SIM__)
/// Bambu's simulation must be told how long an array is.
template <class T>
auto announce(int number, const T& argument) -> decltype(argument.bytes(), void()) {
  m_param_alloc(static_cast<unsigned char>(number), argument.bytes());
}
inline void announce(int, ...) {}
template <class... A, std::size_t... I>
void announce_all(const std::tuple<A...>& arguments, std::index_sequence<I...>) {
  const int announced[] = {0, (announce(int(I), std::get<I>(arguments)), 0)...};
  static_cast<void>(announced);
}
#endif

/// Runs the recorded calls of a top; false: a difference.
template <class... A>
bool run_calls(const char* name, void (*top)(A...), const std::string& folder) {
  Recorded recorded;
  if (!recorded.load(folder + "/" + name + ".bin")) {
    std::printf("%s: no recording\n", name);
    return false;
  }
  Verdict verdict;
  int calls = 0;
  for (const Call& c : recorded.calls) {
    if (calls == M3SIM_HLS_CALLS) break;
    ++calls;
    Binding binding(recorded, c);
    std::tuple<Argument<A>...> arguments{Argument<A>(binding)...};
    if (!binding.complete()) verdict.fault("the recording has other memories or registers");
#if defined(__BAMBU_SIM__)
    announce_all(arguments, std::index_sequence_for<A...>());
#endif
#if !defined(M3SIM_HLS_VITIS) && !defined(M3SIM_HLS_ARRAYS)
    player().start(recorded, c, verdict);
#endif
    call(top, arguments, verdict, std::index_sequence_for<A...>());
#if !defined(M3SIM_HLS_VITIS) && !defined(M3SIM_HLS_ARRAYS)
    player().finish();
#endif
  }
  std::printf("%s: %s, %d calls, %ld operations, %ld lanes compared%s%s\n", name,
              verdict.faults == 0 ? "PASS" : "FAIL", calls, verdict.operations, verdict.values,
              verdict.faults == 0 ? "" : ": ", verdict.first.c_str());
  return verdict.faults == 0 && calls > 0 && verdict.values > 0;
}

}  // namespace
}  // namespace bench
}  // namespace hls
}  // namespace m3sim

#if !defined(M3SIM_HLS_VITIS) && !defined(M3SIM_HLS_ARRAYS)
using namespace m3sim::hls::bench;

void m3sim_bench_stream_read(int port, void* item, unsigned bytes) {
  player().give(kRead, port, item, bytes);
}
void m3sim_bench_stream_write(int port, const void* item, unsigned bytes) {
  player().compare(kWrite, port, item, bytes);
}
void m3sim_bench_read_request(int port, unsigned word, unsigned words) {
  const unsigned run[] = {word, words};
  player().compare(kReadRequest, port, run, sizeof run);
}
void m3sim_bench_read(int port, void* word, unsigned bytes) {
  player().give(kTake, port, word, bytes);
}
void m3sim_bench_write_request(int port, unsigned word, unsigned words) {
  const unsigned run[] = {word, words};
  player().compare(kWriteRequest, port, run, sizeof run);
}
void m3sim_bench_write(int port, const void* word, unsigned bytes) {
  player().compare(kPut, port, word, bytes);
}
// Responses carry no value and are not recorded.
void m3sim_bench_write_response(int) {}
#endif

#define M3SIM_HLS_RUN(top) \
  if (wanted(#top)) good &= m3sim::hls::bench::run_calls(#top, &m3sim::hls::top, folder);
#define M3SIM_HLS_RUN_ONE(top) M3SIM_HLS_RUN(top)

int main(int count, char** words) {
  const std::string folder = count > 1 ? words[1] : M3SIM_HLS_RECORDING;
  const auto wanted = [&](const std::string& top) {
    bool all = true;
    for (int i = 2; i < count; ++i) {
      if (words[i] == "-" + top) return false;
      if (words[i] == top) return true;
      all &= words[i][0] == '-';
    }
    return all;
  };
  bool good = true;
#ifdef M3SIM_HLS_TOP
  M3SIM_HLS_RUN_ONE(M3SIM_HLS_TOP)
#else
  M3SIM_HLS_TOPS(M3SIM_HLS_RUN)
#endif
  std::printf(good ? "hls_bench: PASS\n" : "hls_bench: FAIL\n");
  return good ? 0 : 1;
}
