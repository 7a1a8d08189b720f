// Runs networks of actors without time: unbounded FIFOs, flat memory, any order (Kahn).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/kernels/actor.hpp"

namespace m3sim::kernels::test {

inline bool truth(bool b) { return b; }
inline std::int32_t number(std::int32_t v) { return v; }
inline std::int16_t number(std::int16_t v) { return v; }
template <class N, class T>
T make(std::int64_t v) {
  return T(static_cast<std::int32_t>(v));
}

/// An on-chip memory of `words` words of `lanes` lanes, and the handle that actors get.
template <class N, class Lane>
class Store;

template <class Lane>
class Store<Ints, Lane> {
 public:
  Store(int words, int lanes) : data_(static_cast<std::size_t>(words) * lanes), lanes_(lanes) {}
  Ints::MemoryOf<Lane> handle() { return {data_.data(), lanes_}; }
  std::int32_t value(std::size_t i) const { return data_[i]; }
  void set(std::size_t i, std::int32_t v) { data_[i] = static_cast<Lane>(v); }
  void commit() {}

 private:
  std::vector<Lane> data_;
  int lanes_;
};

/// A tensor in external memory: words of `features` lanes.
template <class N>
struct Dram {
  using I32 = typename N::I32;
  int features;
  std::vector<I32> lanes;

  Dram(int f, std::size_t words)
      : features(f), lanes(words * static_cast<std::size_t>(f), I32(0)) {}
  Dram(int f, const std::vector<std::int32_t>& values) : features(f) {
    for (std::int32_t v : values) lanes.push_back(I32(v));
    while (lanes.size() % static_cast<std::size_t>(f) != 0) lanes.push_back(I32(0));
  }
  std::vector<std::int32_t> values() const {
    std::vector<std::int32_t> v;
    v.reserve(lanes.size());
    for (const I32& l : lanes) v.push_back(number(l));
    return v;
  }
  I32* word(std::int64_t w) {
    if (w < 0 ||
        static_cast<std::size_t>(w + 1) * static_cast<std::size_t>(features) > lanes.size())
      throw std::out_of_range("word " + std::to_string(w) + " is outside the tensor");
    return lanes.data() + w * features;
  }
};

template <class N>
using Fifo = std::deque<std::vector<typename N::I32>>;

/// One process: fires when all it reads is there.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual bool done() = 0;
  /// Fires as often as it can; whether it did at all.
  virtual bool run() = 0;
  std::int64_t firings = 0;
};

template <class N, class Actor>
class ActorRunner : public Runner {
 public:
  using I32 = typename N::I32;
  ActorRunner(Actor& actor, std::vector<Fifo<N>*> in, std::vector<Fifo<N>*> out,
              std::vector<Dram<N>*> read, std::vector<Dram<N>*> write, std::function<void()> commit)
      : actor_(actor),
        in_(std::move(in)),
        out_(std::move(out)),
        read_(std::move(read)),
        write_(std::move(write)),
        commit_(std::move(commit)) {
    if (in_.size() != Actor::kInputs || out_.size() != Actor::kOutputs ||
        read_.size() != Actor::kReadPorts || write_.size() != Actor::kWritePorts)
      throw std::logic_error("wrong number of ports");
    asked_.resize(read_.size() + write_.size());
  }
  ~ActorRunner() override = default;

  bool done() override { return truth(actor_.done()); }
  bool run() override {
    bool any = false;
    while (!done() && ready()) {
      fire();
      any = true;
    }
    if (done())
      for (const auto& asked : asked_)
        if (!asked.empty()) throw std::logic_error("words were requested and not used");
    return any;
  }

 private:
  bool ready() {
    for (std::size_t k = 0; k < in_.size(); ++k)
      if (truth(actor_.reads(int(k))) && in_[k]->empty()) return false;
    return true;
  }
  void ask(std::size_t m) {
    if (!truth(actor_.requests(int(m)))) return;
    const auto request = actor_.request(int(m));
    for (std::int32_t w = 0; w < number(request.words); ++w)
      asked_[m].push_back(number(request.word) + w);
  }
  std::int64_t next_word(std::size_t m) {
    if (asked_[m].empty()) throw std::logic_error("a word was used that was not requested");
    const std::int64_t w = asked_[m].front();
    asked_[m].pop_front();
    return w;
  }
  void fire() {
    const I32* idle = idle_.data();
    const I32* in[4] = {idle, idle, idle, idle};
    const I32* taken[2] = {idle, idle};
    std::vector<I32> out[2];
    I32* outs[2] = {};
    I32* puts[1] = {put_.data()};
    for (std::size_t k = 0; k < in_.size(); ++k)
      if (truth(actor_.reads(int(k)))) in[k] = in_[k]->front().data();
    if (Actor::kSteers) actor_.steer(in);
    for (std::size_t m = 0; m < asked_.size(); ++m) ask(m);
    for (std::size_t m = 0; m < read_.size(); ++m)
      if (truth(actor_.takes(int(m)))) taken[m] = read_[m]->word(next_word(m));
    for (std::size_t k = 0; k < out_.size(); ++k) {
      out[k].assign(static_cast<std::size_t>(actor_.output_lanes(int(k))), I32(0));
      outs[k] = out[k].data();
    }
    actor_.fire(in, taken, outs, puts);
    commit_();
    for (std::size_t k = 0; k < in_.size(); ++k)
      if (truth(actor_.reads(int(k)))) in_[k]->pop_front();
    for (std::size_t k = 0; k < out_.size(); ++k)
      if (truth(actor_.writes(int(k)))) out_[k]->push_back(std::move(out[k]));
    for (std::size_t m = 0; m < write_.size(); ++m)
      if (truth(actor_.puts(int(m)))) {
        I32* to = write_[m]->word(next_word(read_.size() + m));
        for (int i = 0; i < write_[m]->features; ++i) to[i] = put_[static_cast<std::size_t>(i)];
      }
    actor_.next();
    ++firings;
  }

  Actor& actor_;
  std::vector<Fifo<N>*> in_, out_;
  std::vector<Dram<N>*> read_, write_;
  std::function<void()> commit_;
  std::vector<I32> idle_ = std::vector<I32>(4096, I32(0));
  std::vector<I32> put_ = std::vector<I32>(64, I32(0));
  std::vector<std::deque<std::int64_t>> asked_;
};

/// A region: its processes, run until nothing moves. Every process must be done then and every FIFO
/// empty.
template <class N>
class Network {
 public:
  using Fifos = std::vector<Fifo<N>*>;
  using Drams = std::vector<Dram<N>*>;

  Fifo<N>* fifo() {
    fifos_.push_back(std::make_unique<Fifo<N>>());
    return fifos_.back().get();
  }
  template <class Lane>
  void own(Store<N, Lane>& store) {
    commits_.push_back([&store] { store.commit(); });
  }
  template <class Actor>
  Runner& add(Actor& actor, Fifos in, Fifos out, Drams read, Drams write) {
    runners_.push_back(
        std::make_unique<ActorRunner<N, Actor>>(actor, in, out, read, write, [this] { commit(); }));
    return *runners_.back();
  }
  void run() {
    for (bool any = true; any;) {
      any = false;
      for (auto& r : runners_) any |= r->run();
    }
    for (auto& r : runners_)
      if (!r->done()) throw std::logic_error("a process never finished");
    for (auto& f : fifos_)
      if (!f->empty()) throw std::logic_error("values were left in a stream");
  }

 private:
  void commit() {
    for (auto& c : commits_) c();
  }
  std::vector<std::unique_ptr<Fifo<N>>> fifos_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<std::function<void()>> commits_;
};

}  // namespace m3sim::kernels::test
