#include "model/engines/onchip_memory.hpp"

#include <algorithm>

namespace m3sim {

using timing::Cycle;
using timing::MemoryRequest;

/// Answers a request when it is posted: all its cycles are known then.
class OnchipMemory::Reader final : timing::ChannelListener {
 public:
  Reader(OnchipMemory& owner, std::string name, int process)
      : channel(std::move(name), process, owner.config_.port.request_queue), owner_(owner) {
    channel.connect(*this);
  }
  timing::ReadChannel channel;

 private:
  void on_request(Cycle cycle) override {
    const MemoryRequest request = channel.accept(cycle);
    const auto word = static_cast<std::uint64_t>(owner_.config_.word.bytes());
    const std::uint64_t hazard = owner_.store_.find_hazard(request.address, request.words * word,
                                                           request.depends_on, request.step);
    if (hazard != tlm_mem::ByteStore::kNoWord)
      throw tlm_mem::HazardError(
          "on-chip word " + std::to_string(hazard) + ": step " + std::to_string(request.step) +
          " reads what step " + std::to_string(owner_.store_.tag(hazard)) +
          " wrote, and depends on step " + std::to_string(request.depends_on));
    for (std::uint32_t i = 0; i < request.words; ++i) {
      last_ = std::max(last_ + 1, cycle + owner_.config_.resident.latency_cycles);
      channel.publish_arrival(last_, 0);
    }
  }
  void on_word(Cycle) override { channel.forget_taken(); }  // no buffer waits for its room

  OnchipMemory& owner_;
  Cycle last_ = 0;
};

/// Takes words as they are put. A process that writes in the cycle in which it issues announces its
/// word before it has computed it, so the youngest word's value is taken with the next one, or when
/// the step has ended.
class OnchipMemory::Writer final : timing::ChannelListener {
 public:
  Writer(OnchipMemory& owner, std::string name, int process)
      : channel(std::move(name), process, owner.config_.port.request_queue,
                std::max(2, owner.config_.port.write_buffer_beats), owner.config_.word.bytes(),
                owner.data_),
        owner_(owner) {
    channel.connect(*this);
  }
  timing::WriteChannel channel;

  void settle() {
    while (channel.words_waiting() > 0) land();
  }

 private:
  void on_request(Cycle cycle) override {
    open_.push(channel.accept(cycle));
    unanswered_.push(open_.back().words);
  }
  void on_word(Cycle cycle) override {
    while (channel.words_waiting() > 1) land();
    if (--unanswered_.front() > 0) return;
    unanswered_.pop();
    channel.publish_response(cycle + owner_.config_.resident.latency_cycles);
  }
  void land() {
    MemoryRequest& request = open_.front();
    const auto word = static_cast<std::uint64_t>(owner_.config_.word.bytes());
    channel.drain(channel.word_cycle(0), owner_.store_.data() + request.address);
    owner_.store_.mark(request.address, word, request.step);
    request.address += word;
    if (--request.words == 0) open_.pop();
  }

  OnchipMemory& owner_;
  timing::Ring<MemoryRequest> open_;        ///< with words that have not landed
  timing::Ring<std::uint32_t> unanswered_;  ///< words that a request still waits for
};

OnchipMemory::OnchipMemory(const AcceleratorConfig& config, tlm_mem::ByteStore& store, bool data)
    : config_(config), store_(store), data_(data) {}

OnchipMemory::~OnchipMemory() = default;

timing::ReadChannel& OnchipMemory::open_read(std::string name, int process) {
  readers_.push_back(std::make_unique<Reader>(*this, std::move(name), process));
  return readers_.back()->channel;
}

timing::WriteChannel& OnchipMemory::open_write(std::string name, int process) {
  writers_.push_back(std::make_unique<Writer>(*this, std::move(name), process));
  return writers_.back()->channel;
}

bool OnchipMemory::serves(const timing::MemoryChannel& channel) const {
  const auto is = [&channel](const auto& owner) { return &owner->channel == &channel; };
  return std::any_of(readers_.begin(), readers_.end(), is) ||
         std::any_of(writers_.begin(), writers_.end(), is);
}

void OnchipMemory::settle() {
  for (const auto& writer : writers_) writer->settle();
}

}  // namespace m3sim
