// What a simulated process reads, asks memory for, computes and writes, call by call: stimuli and
// expected values of the HLS test benches (model/hls/bench/).
//
// A file is 32-bit numbers: kMagic; numbers of input streams, output streams, memory ports read,
// memory ports written, memories, registers; lanes of each input and output item; lanes of a memory
// word. Then, for each call: 1; registers; per memory its capacity, the lanes used and their values
// before; the length of the transcript and the transcript; per memory whether it is compared, and
// then its values after. 0 ends the file. The transcript has an entry for each operation in the order
// of kernels/actor.hpp: kind * 256 + port, then lanes, or word and words of a request.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/timing/pipeline.hpp"

namespace m3sim::hls_test {

inline constexpr std::int32_t kMagic = 0x3148334d;  // "M3H1"

enum class Operation { kRead = 1, kReadRequest, kWriteRequest, kTake, kWrite, kPut };

/// A memory outside the actor at one moment. `compared` false: what it holds after a call that no
/// later firing uses depends on registers that keep values from earlier calls.
struct MemoryImage {
  std::size_t capacity = 0;
  std::vector<std::int32_t> values;
  bool compared = true;
};

/// The file of one top.
class Recording {
 public:
  Recording(std::string top, const std::filesystem::path& file, int calls_wanted)
      : top_(std::move(top)), file_(file), calls_wanted_(calls_wanted) {}
  const std::string& top() const { return top_; }
  int calls() const { return calls_; }
  bool wants() const { return calls_ < calls_wanted_; }
  bool has_header() const { return !words_.empty(); }
  void add(std::int64_t value) { words_.push_back(static_cast<std::int32_t>(value)); }
  void add(const std::int32_t* lanes, int count) {
    words_.insert(words_.end(), lanes, lanes + count);
  }
  void end_call() { ++calls_; }
  void finish() {
    if (!has_header()) return;
    add(0);
    std::FILE* to = std::fopen(file_.c_str(), "wb");
    const bool good = to && std::fwrite(words_.data(), 4, words_.size(), to) == words_.size();
    if (!to || std::fclose(to) != 0 || !good)
      throw std::runtime_error(file_.string() + ": cannot be written");
  }

 private:
  std::string top_;
  std::filesystem::path file_;
  int calls_wanted_, calls_ = 0;
  std::vector<std::int32_t> words_;
};

/// Registers loaded at start, in the order of the actor's Params.
template <class Actor>
std::vector<std::int32_t> registers(const Actor& actor) {
  std::vector<std::int32_t> values;
  const auto visit = [&](auto params) {
    auto append = [&](const char*, auto value) {
      values.push_back(static_cast<std::int32_t>(value));
    };
    params.state(append);
  };
  if constexpr (requires { actor.params; })
    visit(actor.params);
  else if constexpr (requires { actor.loop.params; })
    visit(actor.loop.params);
  else if constexpr (requires { actor.from.params; }) {
    visit(actor.from.params);
    visit(actor.to.params);
  }
  return values;
}

/// Records the calls of one pipeline.
template <class Actor>
class Recorder final : public timing::FiringTap<Actor> {
 public:
  using Memories = std::vector<MemoryImage> (*)(const Actor&);
  Recorder(Recording& recording, int features, Memories memories)
      : to_(recording), features_(features), memories_(memories) {}

  void on_start(const Actor& actor) override {
    active_ = to_.wants();
    if (!active_) return;
    if (!to_.has_header()) write_header(actor);
    to_.add(1);
    const auto values = registers(actor);
    to_.add(values.data(), static_cast<int>(values.size()));
    for (const MemoryImage& m : memories_(actor)) {
      to_.add(static_cast<std::int64_t>(m.capacity));
      to_.add(static_cast<std::int64_t>(m.values.size()));
      to_.add(m.values.data(), static_cast<int>(m.values.size()));
    }
    transcript_.clear();
  }

  void on_fire(const Actor& actor, const std::int32_t* const* in, const std::int32_t* const* taken,
               const std::int32_t* const* out, const std::int32_t* const* put) override {
    if (!active_) return;
    constexpr int kRead = Actor::kReadPorts;
    timing::detail::for_ports<Actor::kInputs>([&](auto k) {
      if (actor.reads(k)) note(Operation::kRead, k, in[k], actor.input_lanes(k));
    });
    timing::detail::for_ports<kRead>([&](auto m) {
      if (actor.requests(m)) note_request(Operation::kReadRequest, m, actor.request(m));
    });
    timing::detail::for_ports<Actor::kWritePorts>([&](auto m) {
      if (actor.requests(kRead + m))
        note_request(Operation::kWriteRequest, m, actor.request(kRead + m));
    });
    timing::detail::for_ports<kRead>([&](auto m) {
      if (actor.takes(m)) note(Operation::kTake, m, taken[m], features_);
    });
    timing::detail::for_ports<Actor::kOutputs>([&](auto k) {
      if (actor.writes(k)) note(Operation::kWrite, k, out[k], actor.output_lanes(k));
    });
    timing::detail::for_ports<Actor::kWritePorts>([&](auto m) {
      if (actor.puts(m)) note(Operation::kPut, m, put[m], features_);
    });
  }

  void on_done(const Actor& actor) override {
    if (!active_) return;
    active_ = false;
    to_.add(static_cast<std::int64_t>(transcript_.size()));
    to_.add(transcript_.data(), static_cast<int>(transcript_.size()));
    for (const MemoryImage& m : memories_(actor)) {
      to_.add(m.compared);
      if (m.compared) to_.add(m.values.data(), static_cast<int>(m.values.size()));
    }
    to_.end_call();
  }

 private:
  void write_header(const Actor& actor) {
    to_.add(kMagic);
    to_.add(Actor::kInputs);
    to_.add(Actor::kOutputs);
    to_.add(Actor::kReadPorts);
    to_.add(Actor::kWritePorts);
    to_.add(static_cast<std::int64_t>(memories_(actor).size()));
    to_.add(static_cast<std::int64_t>(registers(actor).size()));
    for (int k = 0; k < Actor::kInputs; ++k) to_.add(actor.input_lanes(k));
    for (int k = 0; k < Actor::kOutputs; ++k) to_.add(actor.output_lanes(k));
    to_.add(features_);
  }
  void note(Operation operation, int port, const std::int32_t* lanes, int count) {
    transcript_.push_back(static_cast<std::int32_t>(operation) * 256 + port);
    transcript_.insert(transcript_.end(), lanes, lanes + count);
  }
  template <class Request>
  void note_request(Operation operation, int port, const Request& request) {
    const std::int32_t run[] = {request.word, request.words};
    note(operation, port, run, 2);
  }

  Recording& to_;
  int features_;
  Memories memories_;
  bool active_ = false;
  std::vector<std::int32_t> transcript_;
};

}  // namespace m3sim::hls_test
