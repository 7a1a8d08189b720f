// Arguments of a top that are alike in every tool: memories outside the kernel and registers.
#pragma once
#include <algorithm>

#include "model/hls/bench/recorded.hpp"

namespace m3sim {
namespace hls {
namespace bench {

/// Which memory and register of the call the next argument is.
class CallBinding {
 public:
  explicit CallBinding(const Call& call) : call_(call) {}
  const MemoryCase& outside() { return call_.memories.at(outside_++); }
  std::int32_t scalar() { return call_.registers.at(scalar_++); }
  bool complete() const {
    return outside_ == call_.memories.size() && scalar_ == call_.registers.size();
  }

 protected:
  const Call& call_;

 private:
  std::size_t outside_ = 0, scalar_ = 0;
};

template <class T>
struct Argument;

/// A memory outside the kernel.
template <class Lane>
class MemoryArgument {
 public:
  explicit MemoryArgument(const MemoryCase& memory) : memory_(memory), lanes_(memory.capacity) {
    for (std::size_t i = 0; i < memory.before.size(); ++i)
      lanes_[i] = static_cast<Lane>(memory.before[i]);
  }
  Lane* get() { return lanes_.data(); }
  std::size_t bytes() const { return lanes_.size() * sizeof(Lane); }
  void check(Verdict& verdict) {
    if (!memory_.compared) return;
    verdict.values += static_cast<long>(memory_.after.size());
    for (std::size_t i = 0; i < memory_.after.size(); ++i)
      if (lanes_[i] != memory_.after[i]) {
        verdict.fault("memory lane " + std::to_string(i) + " is " + std::to_string(lanes_[i]) +
                      " instead of " + std::to_string(memory_.after[i]));
        return;
      }
  }

 private:
  const MemoryCase& memory_;
  std::vector<Lane> lanes_;
};
template <>
struct Argument<std::int16_t*> : MemoryArgument<std::int16_t> {
  template <class Binding>
  explicit Argument(Binding& binding) : MemoryArgument<std::int16_t>(binding.outside()) {}
};
template <>
struct Argument<std::int32_t*> : MemoryArgument<std::int32_t> {
  template <class Binding>
  explicit Argument(Binding& binding) : MemoryArgument<std::int32_t>(binding.outside()) {}
};

template <>
struct Argument<std::int32_t> {
  std::int32_t value;
  template <class Binding>
  explicit Argument(Binding& binding) : value(binding.scalar()) {}
  std::int32_t get() { return value; }
  void check(Verdict&) {}
};

}  // namespace bench
}  // namespace hls
}  // namespace m3sim
