// C simulation with the stand-ins: the top's stream reads, writes and memory requests must be the
// recorded ones, in the same order and lane by lane.
#pragma once
#include <cstring>

#include "model/hls/bench/arguments.hpp"
#include "model/hls/ports.hpp"

namespace m3sim {
namespace hls {
namespace bench {

class Player {
 public:
  void start(const Recorded& recorded, const Call& call, Verdict& verdict) {
    recorded_ = &recorded;
    transcript_ = &call.transcript;
    verdict_ = &verdict;
    at_ = 0;
    broken_ = false;
  }
  void finish() {
    if (!broken_ && at_ != transcript_->size())
      verdict_->fault("ends before operation " + std::to_string(at_));
  }

  /// The top does `operation` at `port`; the lanes it is given, or null where it is not what was
  /// recorded.
  const std::int32_t* expect(Operation operation, int port, unsigned bytes) {
    static const char* const kNames[] = {"",     "stream read",  "read request", "write request",
                                         "take", "stream write", "put"};
    if (broken_) return nullptr;
    ++verdict_->operations;
    const std::int32_t code = operation * 256 + port;
    const bool more = at_ < transcript_->size();
    if (!more || (*transcript_)[at_] != code ||
        bytes != 4 * static_cast<unsigned>(recorded_->length(code))) {
      broken_ = true;
      const int other = more ? (*transcript_)[at_] : 0;
      verdict_->fault(std::string(kNames[operation]) + " at port " + std::to_string(port) +
                      " instead of " + (more ? kNames[other / 256] : "the end") + " at port " +
                      std::to_string(other % 256));
      return nullptr;
    }
    const std::int32_t* lanes = transcript_->data() + at_ + 1;
    at_ += 1 + bytes / 4;
    return lanes;
  }
  void give(Operation operation, int port, void* to, unsigned bytes) {
    const std::int32_t* lanes = expect(operation, port, bytes);
    if (lanes)
      std::memcpy(to, lanes, bytes);
    else
      std::memset(to, 0, bytes);
  }
  void compare(Operation operation, int port, const void* lanes, unsigned bytes) {
    const std::int32_t* expected = expect(operation, port, bytes);
    if (!expected) return;
    verdict_->values += bytes / 4;
    if (std::memcmp(lanes, expected, bytes) != 0)
      verdict_->fault("other lanes than simulated at port " + std::to_string(port) +
                      ", before transcript lane " + std::to_string(at_));
  }

 private:
  const Recorded* recorded_ = nullptr;
  const std::vector<std::int32_t>* transcript_ = nullptr;
  Verdict* verdict_ = nullptr;
  std::size_t at_ = 0;
  bool broken_ = false;
};

inline Player& player() {
  static Player the_player;
  return the_player;
}

/// What is shared by the arguments of a call: which port comes next.
class Binding : public CallBinding {
 public:
  Binding(const Recorded& recorded, const Call& call)
      : CallBinding(call), inputs_(recorded.inputs), reads_(recorded.reads) {}
  int stream() { return stream_ < inputs_ ? stream_++ : stream_++ - inputs_; }
  int memory() { return memory_ < reads_ ? memory_++ : memory_++ - reads_; }

 private:
  int inputs_, reads_, stream_ = 0, memory_ = 0;
};

template <class T>
class PortArgument {
 public:
  explicit PortArgument(int port) : port_(new T(port)) {}
  PortArgument(PortArgument&& other) : port_(other.port_) { other.port_ = nullptr; }
  ~PortArgument() { delete port_; }
  T& get() { return *port_; }
  void check(Verdict&) {}

 private:
  T* port_;
};

template <int Lanes>
struct Argument< ::hls::stream<Item<Lanes> >&> : PortArgument< ::hls::stream<Item<Lanes> > > {
  explicit Argument(Binding& binding)
      : PortArgument< ::hls::stream<Item<Lanes> > >(binding.stream()) {}
};
template <>
struct Argument<Memory> : PortArgument<Memory> {
  explicit Argument(Binding& binding) : PortArgument<Memory>(binding.memory()) {}
};

}  // namespace bench
}  // namespace hls
}  // namespace m3sim
