// A recording of a simulated process (tests/hls/recording.hpp says what the file holds).
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace m3sim {
namespace hls {
namespace bench {

enum Operation { kRead = 1, kReadRequest, kWriteRequest, kTake, kWrite, kPut };

/// A memory outside the kernel: its lanes, and what a prefix of them must be after the call.
struct MemoryCase {
  std::size_t capacity = 0;
  std::vector<std::int32_t> before;
  bool compared = false;
  std::vector<std::int32_t> after;
};

struct Call {
  std::vector<std::int32_t> registers;
  std::vector<MemoryCase> memories;
  std::vector<std::int32_t> transcript;
};

class Recorded {
 public:
  int inputs = 0, outputs = 0, reads = 0, writes = 0, word_lanes = 0;
  std::vector<int> item_lanes;  // of inputs, then of outputs
  std::vector<Call> calls;

  /// False: the file is missing or not a recording.
  bool load(const std::string& file) {
    if (!read_words(file) || next() != 0x3148334d) return false;
    inputs = next();
    outputs = next();
    reads = next();
    writes = next();
    const int memories = next(), registers = next();
    for (int i = 0; i < inputs + outputs; ++i) item_lanes.push_back(next());
    word_lanes = next();
    while (next() == 1) {
      Call call;
      call.registers = take(registers);
      for (int m = 0; m < memories; ++m) {
        MemoryCase memory;
        memory.capacity = static_cast<std::size_t>(next());
        memory.before = take(next());
        call.memories.push_back(memory);
      }
      call.transcript = take(next());
      for (MemoryCase& memory : call.memories) {
        memory.compared = next() != 0;
        if (memory.compared) memory.after = take(static_cast<int>(memory.before.size()));
      }
      calls.push_back(call);
    }
    return good_ && at_ == words_.size();
  }

  /// Lanes that follow an operation's code in a transcript.
  int length(std::int32_t code) const {
    const int port = code % 256;
    switch (code / 256) {
      case kRead: return item_lanes[static_cast<std::size_t>(port)];
      case kWrite: return item_lanes[static_cast<std::size_t>(inputs + port)];
      case kTake:
      case kPut: return word_lanes;
      default: return 2;
    }
  }

 private:
  bool read_words(const std::string& file) {
    std::FILE* from = std::fopen(file.c_str(), "rb");
    if (!from) return false;
    std::int32_t buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 4, 4096, from)) > 0;)
      words_.insert(words_.end(), buffer, buffer + n);
    std::fclose(from);
    return true;
  }
  int next() {
    if (at_ < words_.size()) return words_[at_++];
    good_ = false;
    return 0;
  }
  std::vector<std::int32_t> take(int count) {
    if (count < 0 || static_cast<std::size_t>(count) > words_.size() - at_) {
      good_ = false;
      return {};
    }
    const auto from = words_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += static_cast<std::size_t>(count);
    return {from, from + count};
  }

  std::vector<std::int32_t> words_;
  std::size_t at_ = 0;
  bool good_ = true;
};

/// Faults of a run, the first one in words.
struct Verdict {
  long faults = 0;
  long values = 0;      // lanes compared
  long operations = 0;  // stream reads and writes, requests, words, in order
  std::string first;

  void fault(const std::string& what) {
    if (faults++ == 0) first = what;
  }
};

}  // namespace bench
}  // namespace hls
}  // namespace m3sim
