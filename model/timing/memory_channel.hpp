// The two-sided queues between one process and the memory system (timing contract, section 6).
//
// A process talks to one tensor through one channel: a ReadChannel (requests out, words in) or a
// WriteChannel (requests and words out, responses in). The process side works on local cycle counts
// that may lie ahead of SystemC time; the memory side (an AXI master in tlm/) works at SystemC
// time. Both sides exchange cycles only:
//   * what the process posts carries its cycle, which is never earlier than SystemC's now (I3);
//   * what the memory publishes (a freed queue slot, a word's arrival, a response) carries the
//   cycle in which the
//     process can use it, and is published strictly before that cycle (I2), so that arbiters of a
//     cycle decide after every process has seen that cycle (I4).
// All cycles are of the accelerator's clock. Words are the bus words of the port (32 bytes as
// published).
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "model/timing/cycle.hpp"
#include "model/timing/ring.hpp"

namespace m3sim::timing {

/// Whoever sleeps until something is published: the process that waits, woken at most once per
/// sleep.
class Sleeper {
 public:
  virtual void wake() = 0;

 protected:
  ~Sleeper() = default;
};

/// The one request record: trace format, arbitration key and hazard tag (timing contract, sections
/// 6 and 10).
struct MemoryRequest {
  Cycle cycle = 0;             ///< when the process posted it
  std::uint64_t address = 0;   ///< byte address, aligned to the word
  std::uint32_t words = 0;     ///< consecutive bus words
  std::uint32_t sequence = 0;  ///< number within the channel
  std::uint32_t step = 0;      ///< schedule step that makes the request
  std::uint32_t depends_on =
      0;  ///< reads: the step whose result is read (0: written before the run)
};

/// What the memory side is told. Called from the process side, possibly ahead of SystemC time.
class ChannelListener {
 public:
  /// A request with its cycle was posted.
  virtual void on_request(Cycle cycle) = 0;
  /// A word was taken from the read buffer / put into the write buffer in `cycle`.
  virtual void on_word(Cycle cycle) = 0;

 protected:
  ~ChannelListener() = default;
};

/// The cycles in which a queue's slots can be used again, by the number of the item that left.
class FreedSlots {
 public:
  void resize(int slots) {
    std::size_t size = 1;
    while (size < static_cast<std::size_t>(slots)) size *= 2;
    cycles_.assign(size, 0);
    mask_ = size - 1;
  }
  Cycle& operator[](std::int64_t item) { return cycles_[static_cast<std::size_t>(item) & mask_]; }
  Cycle operator[](std::int64_t item) const {
    return cycles_[static_cast<std::size_t>(item) & mask_];
  }

 private:
  std::vector<Cycle> cycles_;
  std::size_t mask_ = 0;
};

/// What both kinds of channel share: identity and the request queue.
class MemoryChannel {
 public:
  MemoryChannel(std::string name, int process, int request_queue)
      : name_(std::move(name)), process_(process), queue_depth_(request_queue) {
    freed_.resize(request_queue);
  }
  MemoryChannel(const MemoryChannel&) = delete;
  MemoryChannel& operator=(const MemoryChannel&) = delete;

  const std::string& name() const { return name_; }
  /// Number of the process within the accelerator: the arbitration key after the port.
  int process() const { return process_; }
  /// The listener is told of every word, or of those that it watches for.
  void connect(ChannelListener& listener, bool every_word = true) {
    listener_ = &listener;
    every_word_ = every_word;
  }
  ChannelListener* listener() const { return listener_; }
  void set_sleeper(Sleeper* sleeper) { sleeper_ = sleeper; }

  // Process side
  // -------------------------------------------------------------------------------------------------
  /// First cycle in which the next request finds room in the queue; kNever while not known.
  Cycle request_slot() const {
    if (posted_ < queue_depth_) return 0;
    if (accepted_ <= posted_ - queue_depth_) return kNever;
    return freed_[posted_ - queue_depth_];
  }
  std::int64_t requests_posted() const { return posted_; }
  /// Words that the process has taken or put so far.
  std::int64_t words_moved() const { return words_moved_; }
  void post(MemoryRequest request) {
    request.sequence = static_cast<std::uint32_t>(posted_++);
    requests_.push(request);
    if (listener_) listener_->on_request(request.cycle);
  }

  // Memory side
  // --------------------------------------------------------------------------------------------------
  /// Calls the listener's on_word() once, as soon as words_moved() >= `words`, which it is not yet.
  void watch(std::int64_t words) { watched_ = words; }
  bool has_request() const { return !requests_.empty(); }
  /// The oldest request not yet accepted. Its cycle may lie in the future.
  const MemoryRequest& front_request() const { return requests_.front(); }
  /// The request posted last, while it has not been accepted.
  const MemoryRequest& newest_request() const { return requests_[requests_.size() - 1]; }
  /// Takes the oldest request out of the queue in cycle `now`: its slot can be used from now + 1
  /// on.
  MemoryRequest accept(Cycle now) {
    const MemoryRequest request = requests_.front();
    requests_.pop();
    freed_[accepted_++] = now + 1;
    wake();
    return request;
  }

 protected:
  void wake() {
    if (Sleeper* sleeper = sleeper_) {
      sleeper_ = nullptr;
      sleeper->wake();
    }
  }
  void moved(Cycle cycle) {
    ++words_moved_;
    if (every_word_ || words_moved_ >= watched_) [[unlikely]] {
      watched_ = kNever;
      if (listener_) listener_->on_word(cycle);
    }
  }
  ChannelListener* listener_ = nullptr;
  bool every_word_ = true;
  std::int64_t words_moved_ = 0, watched_ = kNever;

 private:
  std::string name_;
  int process_;
  std::int64_t queue_depth_, posted_ = 0, accepted_ = 0;
  Ring<MemoryRequest> requests_;
  FreedSlots freed_;
  Sleeper* sleeper_ = nullptr;
};

/// Of a word that was read.
struct Arrival {
  Cycle cycle = 0;  ///< first cycle in which it can be taken
  Cycle lost = 0;   ///< of the cycles before it, those lost to other requesters
};

/// Requests out, words in, in order.
class ReadChannel final : public MemoryChannel {
 public:
  using MemoryChannel::MemoryChannel;

  // Process side: the next word; in cycle kNever while that is not known.
  Arrival next_word() const { return arrivals_.empty() ? Arrival{kNever, 0} : arrivals_.front(); }
  Cycle arrival() const { return next_word().cycle; }
  Cycle lost() const { return next_word().lost; }
  /// Takes the next word in `cycle` (>= arrival()); its room in the adapter's buffer is free from
  /// cycle + 1 on.
  [[gnu::always_inline]] void take(Cycle cycle) {
    arrivals_.pop();
    taken_.push(cycle);
    moved(cycle);
  }

  // Memory side: one word, first usable in `cycle`, which is later than now. Words arrive in
  // request order.
  void publish_arrival(Cycle cycle, Cycle lost_to_others) {
    publish_arrivals(&cycle, &lost_to_others, 1, 0);
  }
  /// Words that arrive `later` than in `cycles`.
  void publish_arrivals(const Cycle* cycles, const Cycle* lost, std::size_t count, Cycle later) {
    arrivals_.push_all(count, [=](std::size_t i) { return Arrival{cycles[i] + later, lost[i]}; });
    wake();
  }
  /// Cycles in which words were taken, from the oldest that the memory side has not forgotten.
  const Ring<Cycle>& taken() const { return taken_; }
  void forget_taken() { taken_.pop(); }

 private:
  Ring<Arrival> arrivals_;
  Ring<Cycle> taken_;
};

/// Requests and words out, one response per request in.
class WriteChannel final : public MemoryChannel {
 public:
  WriteChannel(std::string name, int process, int request_queue, int data_queue_words,
               int word_bytes, bool data)
      : MemoryChannel(std::move(name), process, request_queue),
        data_depth_(data_queue_words),
        word_bytes_(word_bytes),
        data_(data) {
    freed_.resize(data_queue_words);
  }

  // Process side. Values are pushed when the kernel fires (in order), cycles when the write
  // settles.
  std::uint8_t* push_value() {
    if (!data_) return nullptr;
    values_.resize(values_.size() + static_cast<std::size_t>(word_bytes_));
    return values_.data() + values_.size() - word_bytes_;
  }
  /// First cycle in which the next word finds room in the write-data queue; kNever while not known.
  Cycle data_slot() const {
    if (words_moved_ < data_depth_) return 0;
    if (drained_ <= words_moved_ - data_depth_) return kNever;
    return freed_[words_moved_ - data_depth_];
  }
  void put(Cycle cycle) {
    words_.push(cycle);
    moved(cycle);
  }
  /// The next response's arrival; kNever while not known.
  Cycle response() const { return responses_.empty() ? kNever : responses_.front(); }
  void take_response() {
    responses_.pop();
    ++responses_taken_;
  }
  /// Whether a posted request's response has not been taken yet.
  bool responses_due() const { return responses_taken_ < requests_posted(); }

  // Memory side.
  /// Words put and not yet drained; cycles may lie in the future.
  std::size_t words_waiting() const { return words_.size(); }
  /// Cycle in which waiting word i was put.
  Cycle word_cycle(std::size_t i) const { return words_[i]; }
  /// Drains the oldest word in cycle `now` (its room is free from now + 1 on); copies its bytes out
  /// if data is on.
  void drain(Cycle now, std::uint8_t* bytes) {
    words_.pop();
    freed_[drained_++] = now + 1;
    if (data_) {
      std::memcpy(bytes, values_.data() + value_head_, static_cast<std::size_t>(word_bytes_));
      value_head_ += static_cast<std::size_t>(word_bytes_);
      compact();
    }
    wake();
  }
  /// The response to the oldest unanswered request can be used from `cycle` (later than now) on.
  void publish_response(Cycle cycle) {
    responses_.push(cycle);
    wake();
  }
  bool carries_data() const { return data_; }
  int word_bytes() const { return word_bytes_; }

 private:
  void compact() {
    if (value_head_ < 65536 || 2 * value_head_ < values_.size()) return;
    values_.erase(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(value_head_));
    value_head_ = 0;
  }
  std::int64_t data_depth_, drained_ = 0, responses_taken_ = 0;
  int word_bytes_;
  bool data_;
  Ring<Cycle> words_, responses_;
  FreedSlots freed_;
  std::vector<std::uint8_t> values_;
  std::size_t value_head_ = 0;
};

}  // namespace m3sim::timing
