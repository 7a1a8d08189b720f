#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// The requests that wait in one channel: read queue and write queue, threaded by bank in order of
/// arrival, and beside them at most one *active* request per bank, whose row has been opened for it
/// and which has left its queue.
class DdrQueues {
 public:
  static constexpr std::int16_t kNone = -1;
  static constexpr int kMaxBanks = 64;  // the width of the masks

  struct Entry {
    std::int64_t sequence = 0;  ///< order of arrival
    std::uint64_t id = 0, line = 0;
    Cycle accepted = 0;
    std::int32_t row = 0;
    std::int16_t bank = 0, previous = kNone, next = kNone;
    Direction direction = Direction::kRead;
    std::uint8_t sectors = 0;
  };
  /// The requests of one bank and direction. With an open row, `hit` is the oldest that wants it
  /// and `conflict` the oldest that wants another.
  struct BankQueue {
    std::int16_t head = kNone, tail = kNone, hit = kNone, conflict = kNone;
  };

  DdrQueues(int banks, int read_depth, int write_depth);

  bool full(Direction d) const { return size_[index(d)] >= depth_[index(d)]; }
  int size(Direction d) const { return size_[index(d)]; }
  bool empty() const { return size_[0] == 0 && size_[1] == 0 && active_mask_ == 0; }

  const Entry& entry(int e) const { return entries_[static_cast<std::size_t>(e)]; }
  const BankQueue& queue(int bank, Direction d) const {
    return queues_[index(d)][static_cast<std::size_t>(bank)];
  }
  /// Banks with requests waiting, and banks with an active request, as bit masks.
  std::uint64_t waiting(Direction d) const { return waiting_[index(d)]; }
  /// Banks in which a waiting request wants the row that is, or was last, open; banks in which one
  /// wants another row; those of them where it is older than any that wants the open one.
  std::uint64_t hits(Direction d) const { return hits_[index(d)]; }
  std::uint64_t conflicts(Direction d) const { return conflicts_[index(d)]; }
  std::uint64_t older_conflicts(Direction d) const { return older_conflicts_[index(d)]; }
  std::uint64_t active_mask() const { return active_mask_; }
  int active(int bank) const { return active_[static_cast<std::size_t>(bank)]; }
  bool has_active(int bank) const { return (active_mask_ >> bank & 1) != 0; }
  /// Whether a waiting request of either direction wants the bank's open row.
  bool has_hit(int bank) const {
    return queue(bank, Direction::kRead).hit != kNone ||
           queue(bank, Direction::kWrite).hit != kNone;
  }
  /// The waiting or active request of that direction to a line; kNone if there is none.
  int find(Direction d, std::uint64_t line, int bank) const {
    return may_hold(d, line) ? find_in_bank(d, line, bank) : kNone;
  }

  /// False proves that no request of that direction to the line waits or is active.
  bool may_hold(Direction d, std::uint64_t line) const { return lines_[index(d)][hash(line)] != 0; }

  /// `open_row` is the row open in the request's bank. Returns whether the request is the oldest of
  /// its bank and direction, or the oldest hit or conflict.
  bool push(const Entry& request, std::int32_t open_row);
  void merge(int e, std::uint8_t sectors) { mutable_entry(e).sectors |= sectors; }
  /// The row of entry `e` has been opened: it leaves its queue and is active.
  void make_active(int e);
  /// The entry's column command has been issued.
  void remove(int e);

 private:
  static constexpr std::size_t kHashSize = 1024;
  static std::size_t hash(std::uint64_t line) { return (line ^ line >> 10) % kHashSize; }
  Entry& mutable_entry(int e) { return entries_[static_cast<std::size_t>(e)]; }
  BankQueue& mutable_queue(const Entry& e) {
    return queues_[index(e.direction)][static_cast<std::size_t>(e.bank)];
  }
  int find_in_bank(Direction d, std::uint64_t line, int bank) const;
  void unlink(int e);
  void find_hits(BankQueue& queue, std::int32_t row) const;
  void update_masks(Direction d, int bank);

  std::array<int, 2> depth_, size_{};
  std::int64_t next_sequence_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::int16_t> free_;
  std::array<std::array<BankQueue, kMaxBanks>, 2> queues_{};
  std::array<std::int16_t, kMaxBanks> active_;
  std::array<std::uint64_t, 2> waiting_{}, hits_{}, conflicts_{}, older_conflicts_{};
  std::uint64_t active_mask_ = 0;
  // How many waiting or active requests have a line with this hash: 0 proves that none has.
  std::array<std::array<std::uint16_t, kHashSize>, 2> lines_{};
};

}  // namespace m3sim::tlm_mem
