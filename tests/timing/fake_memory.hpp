// A memory side without SystemC: it answers at once, with cycles that are a function of the
// requests' numbers and cycles alone, so that both executions and the oracle see the same memory.
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

/// When the memory answers reads: a request leaves the queue some cycles after it was posted, its
/// words follow in order, one a cycle at most.
struct ReadAnswers {
  std::uint64_t seed = 0;
  int slowest = 1;  ///< most cycles between accept and a word
  timing::Cycle onchip_latency = -1;  ///< of an on-chip memory, if it is one
  std::vector<timing::Cycle> posted, accepted, arrivals;

  void request(timing::Cycle cycle, std::uint32_t words) {
    if (onchip_latency >= 0) {
      posted.push_back(cycle);
      accepted.push_back(cycle);
      for (std::uint32_t w = 0; w < words; ++w)
        arrivals.push_back(
            std::max(arrivals.empty() ? 0 : arrivals.back() + 1, cycle + onchip_latency));
      return;
    }
    const timing::Cycle free = accepted.empty() ? 0 : accepted.back() + 1;
    posted.push_back(cycle);
    accepted.push_back(std::max(free, cycle + mixed(seed, arrivals.size()) % 3));
    for (std::uint32_t w = 0; w < words; ++w) {
      const auto wait = static_cast<timing::Cycle>(mixed(seed + 1, arrivals.size()) %
                                                   static_cast<std::uint32_t>(slowest));
      const timing::Cycle next = arrivals.empty() ? 0 : arrivals.back() + 1;
      arrivals.push_back(std::max(next, accepted.back() + 1 + wait));
    }
  }
};

/// When the memory drains written words and responds: a request leaves the queue with its first
/// word.
struct WriteAnswers {
  std::uint64_t seed = 0;
  int slowest = 1;  ///< most cycles between a request's last word and its response
  timing::Cycle onchip_latency = -1;  ///< of an on-chip memory, if it is one
  std::vector<timing::Cycle> posted, put, accepted, drained, responses;

  void request(timing::Cycle cycle, std::uint32_t words) {
    posted.push_back(cycle);
    words_.push_back(words);
    if (onchip_latency >= 0)
      accepted.push_back(cycle);
    else
      serve();
  }
  void word(timing::Cycle cycle) {
    put.push_back(cycle);
    if (onchip_latency < 0) return serve();
    drained.push_back(cycle);
    if (left_ == 0) left_ = words_[responses.size()];
    if (--left_ == 0) responses.push_back(cycle + onchip_latency);
  }

 private:
  void serve() {
    while (drained.size() < put.size()) {
      const timing::Cycle cycle = put[drained.size()];
      if (left_ == 0) {
        if (accepted.size() == posted.size()) return;
        left_ = words_[accepted.size()];
        const timing::Cycle free = accepted.empty() ? 0 : accepted.back() + 1;
        accepted.push_back(std::max({free, posted[accepted.size()], cycle}));
      }
      const timing::Cycle free = drained.empty() ? 0 : drained.back() + 1;
      drained.push_back(std::max({free, accepted.back(), cycle + mixed(seed, drained.size()) % 4}));
      if (--left_ == 0) {
        const timing::Cycle next = responses.empty() ? 0 : responses.back() + 1;
        const auto wait = mixed(seed + 1, drained.size()) % static_cast<std::uint32_t>(slowest);
        responses.push_back(std::max(next, drained.back() + 1 + wait));
      }
    }
  }
  std::vector<std::uint32_t> words_;
  std::uint32_t left_ = 0;
};

/// Serves a read channel with these answers.
class FakeRead final : public timing::ChannelListener {
 public:
  FakeRead(timing::ReadChannel& channel, std::uint64_t seed, int slowest) : channel_(channel) {
    answers.seed = seed;
    answers.slowest = slowest;
    channel.connect(*this);
  }
  void on_request(timing::Cycle) override {
    const std::size_t before = answers.arrivals.size();
    answers.request(channel_.front_request().cycle, channel_.front_request().words);
    channel_.accept(answers.accepted.back());
    for (std::size_t w = before; w < answers.arrivals.size(); ++w)
      channel_.publish_arrival(answers.arrivals[w],
                               static_cast<timing::Cycle>(mixed(answers.seed + 2, w) % 3));
  }
  void on_word(timing::Cycle cycle) override { taken.push_back(cycle); }

  ReadAnswers answers;
  std::vector<timing::Cycle> taken;  ///< cycles in which the process took words

 private:
  timing::ReadChannel& channel_;
};

/// Serves a write channel with these answers.
class FakeWrite final : public timing::ChannelListener {
 public:
  FakeWrite(timing::WriteChannel& channel, std::uint64_t seed, int slowest) : channel_(channel) {
    answers.seed = seed;
    answers.slowest = slowest;
    channel.connect(*this);
  }
  void on_request(timing::Cycle cycle) override {
    posted.push_back(cycle);
    publish();
  }
  void on_word(timing::Cycle cycle) override {
    answers.word(cycle);
    publish();
  }
  WriteAnswers answers;
  std::vector<timing::Cycle>
      posted;  ///< cycles of all requests, also of those that wait for their words
  /// Bytes in the order in which they were put.
  std::vector<std::uint8_t> bytes;

 private:
  void publish() {
    while (channel_.has_request() && answers.posted.size() == accepted_) {
      answers.request(channel_.front_request().cycle, channel_.front_request().words);
      take_accepted();
    }
    take_accepted();
    while (drained_ < answers.drained.size()) {
      bytes.resize(bytes.size() + static_cast<std::size_t>(channel_.word_bytes()));
      channel_.drain(answers.drained[drained_++],
                     bytes.data() + bytes.size() - channel_.word_bytes());
    }
    while (responded_ < answers.responses.size())
      channel_.publish_response(answers.responses[responded_++]);
  }
  void take_accepted() {
    while (accepted_ < answers.accepted.size()) channel_.accept(answers.accepted[accepted_++]);
  }
  timing::WriteChannel& channel_;
  std::size_t accepted_ = 0, drained_ = 0, responded_ = 0;
};

}  // namespace m3sim::test
