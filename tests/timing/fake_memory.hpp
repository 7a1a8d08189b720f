// A memory side without SystemC: it answers at once, with arrival cycles that are a function of the request's number
// and cycle alone, so that both executions see the same memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/timing/memory_channel.hpp"

namespace m3sim::test {

inline std::uint32_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a * 0x9E3779B97F4A7C15ull + b * 0xBF58476D1CE4E5B9ull + 0x94D049BB133111EBull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return static_cast<std::uint32_t>(z >> 32);
}

class FakeRead final : public timing::ChannelListener {
 public:
  FakeRead(timing::ReadChannel& channel, std::uint64_t seed, int slowest)
      : channel_(channel), seed_(seed), slowest_(slowest) {
    channel.connect(*this);
  }
  void on_request(timing::Cycle) override {
    // A request leaves the queue some cycles later; its words follow one a cycle.
    const timing::Cycle posted = channel_.front_request().cycle;
    const std::uint32_t words = channel_.front_request().words;
    accepted_ = std::max(accepted_ + 1, posted + static_cast<timing::Cycle>(mixed(seed_, n_) % 3));
    channel_.accept(accepted_);
    for (std::uint32_t w = 0; w < words; ++w) {
      const auto wait = static_cast<timing::Cycle>(mixed(seed_ + 1, ++n_) % static_cast<std::uint32_t>(slowest_));
      last_ = std::max(last_ + 1, accepted_ + 1 + wait);
      channel_.publish_arrival(last_, static_cast<timing::Cycle>(mixed(seed_ + 2, n_) % 3));
    }
  }
  void on_word(timing::Cycle) override {}

 private:
  timing::ReadChannel& channel_;
  std::uint64_t seed_, n_ = 0;
  int slowest_;
  timing::Cycle accepted_ = -1, last_ = -1;
};

class FakeWrite final : public timing::ChannelListener {
 public:
  FakeWrite(timing::WriteChannel& channel, std::uint64_t seed, int slowest)
      : channel_(channel), seed_(seed), slowest_(slowest) {
    channel.connect(*this);
  }
  void on_request(timing::Cycle) override { serve(); }
  void on_word(timing::Cycle) override { serve(); }
  /// Bytes in the order in which they were put.
  std::vector<std::uint8_t> bytes;

 private:
  void serve() {
    while (channel_.words_waiting() > 0) {
      if (left_ == 0) {
        if (!channel_.has_request()) return;
        accepted_ = std::max(accepted_ + 1, channel_.front_request().cycle);
        left_ = channel_.accept(accepted_).words;
      }
      drained_ = std::max({drained_ + 1, accepted_, channel_.word_cycle(0) + mixed(seed_, ++n_) % 4});
      bytes.resize(bytes.size() + static_cast<std::size_t>(channel_.word_bytes()));
      channel_.drain(drained_, bytes.data() + bytes.size() - channel_.word_bytes());
      if (--left_ == 0) {
        last_ = std::max(last_ + 1, drained_ + 1 + mixed(seed_ + 1, n_) % static_cast<std::uint32_t>(slowest_));
        channel_.publish_response(last_);
      }
    }
  }
  timing::WriteChannel& channel_;
  std::uint64_t seed_, n_ = 0;
  int slowest_;
  std::uint32_t left_ = 0;
  timing::Cycle accepted_ = -1, drained_ = -1, last_ = -1;
};

}  // namespace m3sim::test
