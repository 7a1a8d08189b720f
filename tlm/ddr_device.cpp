#include "tlm/ddr_device.hpp"

namespace m3sim::tlm_mem {

const char* mnemonic(DdrOp op) {
  constexpr const char* kNames[] = {"ACT", "PRE", "PREA", "RD", "RDA", "WR", "WRA", "REF"};
  return kNames[static_cast<std::size_t>(op)];
}

DdrTiming::DdrTiming(const DdrConfig& c)
    : act_to_column(c.trcd),
      act_to_precharge(c.tras),
      act_to_act_bank(c.trc),
      act_to_act_group(c.bank_groups > 1 ? c.trrd_l : c.trrd_s),
      act_to_act_rank(c.trrd_s),
      four_activates(c.tfaw),
      precharge_to_act(c.trp),
      refresh_to_act(c.trfc),
      refresh_interval(c.trefi),
      column_to_precharge{c.trtp, c.cwl + c.burst_cycles() + c.twr},
      column_to_data_end{c.cl + c.burst_cycles(), c.cwl + c.burst_cycles()},
      burst(c.burst_cycles()) {
  constexpr std::size_t kR = index(Direction::kRead), kW = index(Direction::kWrite);
  // One group: the long timings are those of a device without bank groups.
  const int ccd_l = c.bank_groups > 1 ? c.tccd_l : c.tccd_s;
  const int wtr_l = c.bank_groups > 1 ? c.twtr_l : c.twtr_s;
  const Cycle read_to_write = c.cl + burst - c.cwl + c.trtrs;
  gaps.same_group[kR][kR] = gaps.same_group[kW][kW] = ccd_l;
  gaps.same_rank[kR][kR] = gaps.same_rank[kW][kW] = c.tccd_s;
  gaps.other_rank[kR][kR] = gaps.other_rank[kW][kW] = burst + c.trtrs;
  gaps.same_group[kR][kW] = gaps.same_rank[kR][kW] = gaps.other_rank[kR][kW] = read_to_write;
  gaps.same_group[kW][kR] = c.cwl + burst + wtr_l;
  gaps.same_rank[kW][kR] = c.cwl + burst + c.twtr_s;
  gaps.other_rank[kW][kR] = std::max<Cycle>(1, c.cwl + burst + c.trtrs - c.cl);
}

DdrDevice::DdrDevice(const DdrConfig& c)
    : timing_(c), groups_per_rank_(c.bank_groups), banks_per_group_(c.banks) {
  ranks_.resize(static_cast<std::size_t>(c.ranks));
  groups_.resize(ranks_.size() * static_cast<std::size_t>(c.bank_groups));
  banks_.resize(groups_.size() * static_cast<std::size_t>(c.banks));
  for (int b = 0; b < banks(); ++b) {
    mutable_bank(b).group = static_cast<std::int16_t>(b / c.banks);
    mutable_bank(b).rank = static_cast<std::int16_t>(b / (c.banks * c.bank_groups));
  }
  for (Rank& rank : ranks_) rank.activates.fill(-kNever);
}

DdrLocation DdrDevice::location(int b) const {
  const int group = b / banks_per_group_;
  return {0, group / groups_per_rank_, group % groups_per_rank_, b % banks_per_group_, 0, 0};
}

Cycle DdrDevice::earliest_precharge_all(int rank) const {
  Cycle t = 0;
  for (const Bank& b : banks_) {
    if (b.rank == rank && b.row != kClosed) t = std::max(t, b.precharge_ok);
  }
  return t;
}

Cycle DdrDevice::earliest_refresh(int rank) const {
  Cycle t = 0;
  for (const Bank& b : banks_) {
    if (b.rank == rank) t = std::max(t, b.act_ok);
  }
  return t;
}

void DdrDevice::activate(int b, std::int32_t row, Cycle t) {
  Bank& k = mutable_bank(b);
  k.row = row;
  open_mask_ |= std::uint64_t{1} << b;
  k.column_ok = t + timing_.act_to_column;
  k.precharge_ok = t + timing_.act_to_precharge;
  k.act_ok = t + timing_.act_to_act_bank;
  groups_[static_cast<std::size_t>(k.group)].act_ok = t + timing_.act_to_act_group;
  Rank& rank = ranks_[static_cast<std::size_t>(k.rank)];
  rank.activates[rank.next_activate] = t;
  rank.next_activate = (rank.next_activate + 1) % 4;
  rank.act_ok = std::max(t + timing_.act_to_act_rank,
                         rank.activates[rank.next_activate] + timing_.four_activates);
  if (rank.open++ == 0 && t > rank.open_until) {
    rank.open_total += rank.open_until - rank.open_from;
    rank.open_from = t;
  }
}

void DdrDevice::close(int b, Cycle t) {
  Bank& k = mutable_bank(b);
  k.row = kClosed;
  k.act_ok = std::max(k.act_ok, t + timing_.precharge_to_act);
  open_mask_ &= ~(std::uint64_t{1} << b);
  Rank& rank = ranks_[static_cast<std::size_t>(k.rank)];
  --rank.open;
  rank.open_until = std::max(rank.open_until, t);
}

void DdrDevice::precharge(int b, Cycle t) { close(b, t); }

void DdrDevice::auto_precharge(int b) { close(b, bank(b).precharge_ok); }

void DdrDevice::precharge_all(int rank, Cycle t) {
  for (int b = rank * banks_per_rank(); b < (rank + 1) * banks_per_rank(); ++b) {
    if (bank(b).row != kClosed) close(b, t);
  }
}

void DdrDevice::refresh(int rank, Cycle t) {
  for (Bank& b : banks_) {
    if (b.rank == rank) b.act_ok = t + timing_.refresh_to_act;
  }
}

void DdrDevice::column(int b, Direction d, Cycle t) {
  Bank& k = mutable_bank(b);
  const std::size_t from = index(d);
  k.precharge_ok = std::max(k.precharge_ok, t + timing_.column_to_precharge[from]);
  Group& group = groups_[static_cast<std::size_t>(k.group)];
  for (std::size_t to = 0; to < 2; ++to) {
    group.column_ok[to] = std::max(group.column_ok[to], t + timing_.gaps.same_group[from][to]);
  }
  for (std::size_t r = 0; r < ranks_.size(); ++r) {
    const auto& gap = static_cast<int>(r) == k.rank ? timing_.gaps.same_rank[from]
                                                    : timing_.gaps.other_rank[from];
    for (std::size_t to = 0; to < 2; ++to) {
      ranks_[r].column_ok[to] = std::max(ranks_[r].column_ok[to], t + gap[to]);
    }
  }
}

Cycle DdrDevice::open_cycles(Cycle end) const {
  Cycle total = 0;
  for (const Rank& rank : ranks_) {
    const Cycle until = rank.open > 0 ? end : std::min(rank.open_until, end);
    total += rank.open_total + std::max<Cycle>(0, until - rank.open_from);
  }
  return total;
}

}  // namespace m3sim::tlm_mem
