#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// Clocks that have to lie between two column commands, by what they share. Direction of the
/// earlier, direction of the later.
struct ColumnGaps {
  Cycle same_group[2][2], same_rank[2][2], other_rank[2][2];
};

/// The timings of a configuration in clocks, with those that follow from others.
struct DdrTiming {
  explicit DdrTiming(const DdrConfig& config);

  Cycle act_to_column, act_to_precharge, act_to_act_bank, act_to_act_group, act_to_act_rank;
  Cycle four_activates, precharge_to_act, refresh_to_act, refresh_interval;
  Cycle column_to_precharge[2];  ///< tRTP; CWL + burst + tWR
  Cycle column_to_data_end[2];   ///< CL + burst; CWL + burst
  Cycle burst;
  ColumnGaps gaps;
};

/// State of one channel's banks: open rows, and the first clock in which each kind of command is
/// allowed. Banks are numbered (rank · groups + group) · banks + bank; groups rank · groups +
/// group.
class DdrDevice {
 public:
  struct Bank {
    Cycle act_ok = 0, column_ok = 0, precharge_ok = 0;
    std::int32_t row = kClosed;
    std::int16_t group = 0, rank = 0;
  };
  static constexpr std::int32_t kClosed = -1;

  explicit DdrDevice(const DdrConfig& config);

  const DdrTiming& timing() const { return timing_; }
  int banks() const { return static_cast<int>(banks_.size()); }
  int ranks() const { return static_cast<int>(ranks_.size()); }
  int banks_per_rank() const { return banks() / ranks(); }
  const Bank& bank(int b) const { return banks_[static_cast<std::size_t>(b)]; }
  /// Banks with an open row, as a bit mask.
  std::uint64_t open_mask() const { return open_mask_; }
  DdrLocation location(int flat_bank) const;

  // First clock in which the command is allowed, whatever the state of the row. -------------------
  Cycle earliest_activate(int b) const {
    const Bank& k = bank(b);
    return std::max({k.act_ok, group(k).act_ok, rank(k).act_ok});
  }
  Cycle earliest_column(int b, Direction d) const {
    const Bank& k = bank(b);
    return std::max({k.column_ok, group(k).column_ok[index(d)], rank(k).column_ok[index(d)]});
  }
  Cycle earliest_precharge(int b) const { return bank(b).precharge_ok; }
  /// Column timings of the shared bus alone (turn-around, rank switch, tCCD_S), and with the group.
  Cycle bus_ok(int b, Direction d) const { return rank(bank(b)).column_ok[index(d)]; }
  Cycle group_ok(int b, Direction d) const { return group(bank(b)).column_ok[index(d)]; }

  /// No activate, and no column command, is allowed in any bank before.
  Cycle any_activate_ok() const {
    Cycle t = ranks_.front().act_ok;
    for (const Rank& rank : ranks_) t = std::min(t, rank.act_ok);
    return t;
  }
  Cycle any_column_ok(Direction d) const {
    Cycle t = ranks_.front().column_ok[index(d)];
    for (const Rank& rank : ranks_) t = std::min(t, rank.column_ok[index(d)]);
    return t;
  }

  bool any_open(int rank) const { return ranks_[static_cast<std::size_t>(rank)].open > 0; }
  Cycle earliest_precharge_all(int rank) const;
  Cycle earliest_refresh(int rank) const;

  // What a command does to the state. `t` is not before the earliest clock.
  // ---------------------------
  void activate(int b, std::int32_t row, Cycle t);
  void precharge(int b, Cycle t);
  void column(int b, Direction d, Cycle t);
  /// Closes the row by itself after the column command just given.
  void auto_precharge(int b);
  void precharge_all(int rank, Cycle t);
  void refresh(int rank, Cycle t);

  /// Clocks before `end`, summed over ranks, in which a rank had any bank open.
  Cycle open_cycles(Cycle end) const;

 private:
  struct Group {
    Cycle act_ok = 0;
    std::array<Cycle, 2> column_ok{};
  };
  struct Rank {
    Cycle act_ok = 0;
    std::array<Cycle, 2> column_ok{};
    std::array<Cycle, 4> activates;  ///< ring of the last four, for tFAW
    unsigned next_activate = 0;
    int open = 0;  ///< banks open
    // The time with any bank open is a union of intervals: the current one, and what is before.
    Cycle open_from = 0, open_until = 0, open_total = 0;
  };
  const Group& group(const Bank& b) const { return groups_[static_cast<std::size_t>(b.group)]; }
  const Rank& rank(const Bank& b) const { return ranks_[static_cast<std::size_t>(b.rank)]; }
  Bank& mutable_bank(int b) { return banks_[static_cast<std::size_t>(b)]; }
  void close(int b, Cycle t);

  DdrTiming timing_;
  int groups_per_rank_, banks_per_group_;
  std::uint64_t open_mask_ = 0;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
};

}  // namespace m3sim::tlm_mem
