// What travels between the hops: a generic payload and, as its extension, the request record.
#pragma once
#include <tlm>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/timing/memory_channel.hpp"

namespace m3sim::tlm_mem {

using timing::Cycle;
using timing::kNever;
using Payload = tlm::tlm_generic_payload;

/// A 64-byte DRAM burst, the unit in which data arrives.
inline constexpr std::uint64_t kLineBytes = 64;
inline constexpr std::size_t kMaxWordsPerLine = 8;

/// What one LINE_READY or BEGIN_RESP of a read announces: the words of lines that became known together. It is
/// the memory's that sends it, and valid during the call; each hop puts its own arrivals in place.
struct Announcement {
  static constexpr std::size_t kMaxWords = 32;
  std::array<Cycle, kMaxWords> arrival;  ///< but for `later`
  std::array<Cycle, kMaxWords> lost;     ///< of the cycles before it, those lost to other requesters
  std::size_t words = 0;
  Cycle later = 0;  ///< to be added to all arrivals: a hop that only delays does so here

  void clear() {
    words = 0;
    later = 0;
  }
  /// One more line: its words arrive in cycle `at`, the first after `lost_before` cycles.
  void add_line(std::size_t line_words, Cycle at, Cycle lost_before) {
    for (std::size_t i = words; i < words + line_words; ++i) {
      arrival[i] = at;
      lost[i] = 0;
    }
    lost[words] = lost_before;
    words += line_words;
  }
  bool has_room() const { return words + kMaxWordsPerLine <= kMaxWords; }
};

/// Ignorable phase of the base protocol, between END_REQ and BEGIN_RESP of a read: the arrival cycles of
/// more lines' words are known. The last line comes with BEGIN_RESP, so that a read of one line needs
/// the four standard phases only.
TLM_DECLARE_EXTENDED_PHASE(LINE_READY);

/// Whose bursts these are and the way that they take: the same for all of a channel.
struct Route {
  std::int32_t process = 0;  ///< of the accelerator
  std::int16_t channel = 0;  ///< within the kernel port and direction
  std::int16_t ps_port = 0, controller_port = 0;
  std::int16_t word_bytes = 0;  ///< width of the kernel port
  bool annotated = true;        ///< messages carry their delay
};

/// The process's request record and the state of one burst on its way. `at` is the cycle of the message
/// that is being delivered, in PL cycles; where links are observed the annotated delay of the call says
/// the same as a time, else it is left at zero.
struct Transfer final : tlm::tlm_extension<Transfer> {
  timing::MemoryRequest request;  ///< as the process posted it
  Route route;
  Cycle at = 0;
  Cycle data_at = 0;      ///< writes: cycle in which the first data beat leaves the master
  Cycle lost = 0;         ///< cycles lost to other requesters, not yet reported with a word
  Payload* parent = nullptr;
  Announcement* announced = nullptr;  ///< reads: with LINE_READY and BEGIN_RESP
  bool last = false;  ///< last burst of its request, or last AXI3 burst of its AXI4 burst

  tlm::tlm_extension_base* clone() const override { return new Transfer(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const Transfer&>(other);
  }
};

/// A payload with its record inside, so that a hop finds it without a look-up. All that travels by the
/// non-blocking calls comes from a PayloadPool and is one of these. In whole cache lines: many are under way.
struct alignas(64) Burst final : Payload {
  explicit Burst(tlm::tlm_mm_interface* pool) : Payload(pool) { set_extension(&transfer); }
  ~Burst() override { clear_extension(&transfer); }
  Transfer transfer;
  std::unique_ptr<std::uint8_t[]> buffer;  ///< data of an AXI4 burst; AXI3 bursts point into it
  std::uint32_t buffer_bytes = 0;
};

inline Transfer& transfer_of(Payload& payload) { return static_cast<Burst&>(payload).transfer; }
inline const Transfer& transfer_of(const Payload& payload) {
  return static_cast<const Burst&>(payload).transfer;
}

/// Recycles payloads with their extension; a burst allocates nothing once the pool is warm.
class PayloadPool final : public tlm::tlm_mm_interface {
 public:
  PayloadPool() = default;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;
  /// A payload with one reference: `command` on [address, address + bytes) at `data`.
  Payload& get(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
               std::uint32_t bytes);
  /// The same with a buffer of its own.
  Payload& get(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes);
  void free(Payload* payload) override { idle_.push_back(payload); }

 private:
  Payload& take();
  std::vector<std::unique_ptr<Burst>> all_;
  std::vector<Payload*> idle_;
};

/// Whoever wants every DRAM request of a run, line by line, in the order in which the memory takes them.
class MemoryTraceSink {
 public:
  /// Cycle of the memory clock; address of the 64-byte line.
  virtual void on_line(Cycle memory_cycle, bool is_read, std::uint64_t address) = 0;

 protected:
  ~MemoryTraceSink() = default;
};

/// What one direction of one hop counted.
struct HopStats {
  std::uint64_t bursts = 0;             ///< transactions accepted
  std::uint64_t bytes = 0;              ///< data moved
  std::uint64_t busy_cycles = 0;        ///< cycles in which the data channel moved a beat
  std::uint64_t queue_full_cycles = 0;  ///< cycles a transaction waited because this hop was full
  std::uint64_t arbitration_cycles = 0; ///< cycles a transaction waited because another went first
  int peak_occupancy = 0;               ///< most transactions in the hop at once
};

}  // namespace m3sim::tlm_mem
