#include "tlm/ddr_channel.hpp"

#include <algorithm>

namespace m3sim::tlm_mem {

DdrStats& DdrStats::operator+=(const DdrStats& o) {
  reads += o.reads;
  writes += o.writes;
  activates += o.activates;
  precharges += o.precharges;
  precharge_alls += o.precharge_alls;
  refreshes += o.refreshes;
  forwarded += o.forwarded;
  merged += o.merged;
  for (std::size_t i = 0; i < kBusUses; ++i) bus[i] += o.bus[i];
  data_end = std::max(data_end, o.data_end);
  open_cycles += o.open_cycles;
  rank_cycles += o.rank_cycles;
  return *this;
}

double DdrStats::row_hit_rate() const {
  const std::uint64_t columns = reads + writes;
  return columns == 0 ? 0.0 : 1.0 - static_cast<double>(activates) / static_cast<double>(columns);
}

DdrChannel::DdrChannel(const DdrConfig& config, int number, const DdrAddressDecoder& addresses,
                       std::vector<DdrCompletion>& completions, std::vector<DdrCommand>*& commands)
    : device_(config),
      queues_(device_.banks(), config.read_queue, config.write_queue),
      slots_(config.half_rate_commands),
      scheduler_(Strategies<DdrScheduler>::make(config.scheduler)),
      page_policy_(Strategies<DdrPagePolicy>::make(std::string(to_word(config.page_policy)))),
      refresh_policy_(Strategies<DdrRefreshPolicy>::make(config.refresh)),
      addresses_(addresses),
      choice_by_oldest_(scheduler_->considers_oldest_only()),
      number_(number),
      write_high_(config.write_high_watermark),
      write_low_(config.write_low_watermark),
      completions_(completions),
      commands_(commands),
      refresh_due_(refresh_policy_->next_due(device_.timing(), 0)) {}

[[gnu::hot, gnu::flatten]] Offer DdrChannel::offer(const DdrRequest& request, std::uint64_t line, Cycle now) {
  advance_to(now);
  const Direction d = request.direction;
  const int bank = addresses_.flat_bank(line);
  const int write = queues_.find(Direction::kWrite, line, bank);
  if (write != DdrQueues::kNone) {
    if (d == Direction::kWrite) {
      queues_.merge(write, request.sectors);
      ++stats_.merged;
      return Offer::kMerged;
    }
    if ((request.sectors & ~queues_.entry(write).sectors) != 0) return Offer::kRefused;
    completions_.push_back({request.id, now + 1});
    ++stats_.forwarded;
    return Offer::kForwarded;
  }
  if (queues_.full(d)) return Offer::kRefused;
  if (d == Direction::kWrite && queues_.find(Direction::kRead, line, bank) != DdrQueues::kNone) {
    return Offer::kRefused;
  }
  DdrQueues::Entry entry;
  entry.id = request.id;
  entry.line = line;
  entry.accepted = now;
  entry.row = addresses_.row(line);
  entry.bank = static_cast<std::int16_t>(bank);
  entry.direction = d;
  entry.sectors = request.sectors;
  const bool first = queues_.push(entry, device_.bank(bank).row);
  last_ = now;
  planned_ = planned_ && choice_by_oldest_ && !first && plan_outlives_arrival();
  return Offer::kQueued;
}

bool DdrChannel::plan_outlives_arrival() {
  plan_.from = slots_.at_or_after(last_ + 1);
  return plan_.choice.cycle >= plan_.from && plan_.write_mode == write_mode_ &&
         next_write_mode() == write_mode_;
}

[[gnu::hot, gnu::flatten]] void DdrChannel::issue_until(Cycle now) {
  while (planned_ || now > last_) {
    if (!planned_) make_plan();
    if (plan_.from <= now) write_mode_ = plan_.write_mode;
    if (plan_.choice.cycle > now) return;
    if (plan_.waits_for_refresh) {
      make_plan(true);
      continue;
    }
    last_ = plan_.choice.cycle;
    planned_ = false;
    plan_.refresh ? issue_refresh(plan_.choice) : issue(plan_.choice);
  }
}

Cycle DdrChannel::next_event() {
  if (idle()) return kNever;
  if (!planned_) make_plan();
  return plan_.choice.cycle;
}

bool DdrChannel::next_write_mode() const {
  const int reads = queues_.size(Direction::kRead), writes = queues_.size(Direction::kWrite);
  return write_mode_ ? !(writes <= write_low_ && reads > 0) : (writes >= write_high_ || reads == 0);
}

DdrChoice DdrChannel::pick_active(Cycle from) const {
  EarliestChoice earliest(queues_, slots_, from);
  for (std::uint64_t left = queues_.active_mask(); left != 0; left &= left - 1) {
    const int b = std::countr_zero(left);
    const Direction d = queues_.entry(queues_.active(b)).direction;
    earliest.consider(device_.earliest_column(b, d), queues_.active(b),
                      d == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite);
  }
  return earliest.choice();
}

DdrChoice DdrChannel::plan_refresh(Cycle from) const {
  if (refresh_due_ == kNever) return {};
  const int banks = device_.banks_per_rank();
  const std::uint64_t of_rank = banks >= 64
                                    ? ~std::uint64_t{0}
                                    : ((std::uint64_t{1} << banks) - 1) << (refresh_rank_ * banks);
  if ((queues_.active_mask() & of_rank) != 0) return {};
  const bool open = device_.any_open(refresh_rank_);
  const Cycle earliest = open ? device_.earliest_precharge_all(refresh_rank_)
                              : device_.earliest_refresh(refresh_rank_);
  return {slots_.at_or_after(std::max(earliest, from)), DdrQueues::kNone,
          open ? DdrOp::kPrechargeAll : DdrOp::kRefresh};
}

void DdrChannel::make_plan(bool refresh_due) {
  planned_ = true;
  const Cycle from = slots_.at_or_after(last_ + 1);
  plan_.from = from;
  plan_.write_mode = write_mode_;
  plan_.refresh = false;
  plan_.waits_for_refresh = idle() && from < refresh_due_ && !refresh_due;
  if (plan_.waits_for_refresh) {
    plan_.write_mode = next_write_mode();
    plan_.choice = {refresh_due_, DdrQueues::kNone, DdrOp::kRefresh};
    return;
  }
  const DdrChoice active = pick_active(from);
  if (from < refresh_due_) {
    if (active.cycle == from) {
      plan_.choice = active;
      return;
    }
    plan_.write_mode = next_write_mode();
    const DdrChoice waiting = scheduler_->pick(
        device_, queues_, slots_, plan_.write_mode ? Direction::kWrite : Direction::kRead, from,
        active.cycle);
    plan_.choice = active.cycle <= waiting.cycle ? active : waiting;
    if (plan_.choice.cycle < refresh_due_) return;
  }
  const DdrChoice refresh = plan_refresh(std::max(from, refresh_due_));
  plan_.refresh = refresh.cycle < active.cycle;
  plan_.choice = plan_.refresh ? refresh : active;
}

void DdrChannel::issue(const DdrChoice& choice) {
  const DdrQueues::Entry& request = queues_.entry(choice.entry());  // stands until the next is pushed
  switch (choice.op()) {
    case DdrOp::kActivate:
      device_.activate(request.bank, request.row, choice.cycle);
      queues_.make_active(choice.entry());
      ++stats_.activates;
      break;
    case DdrOp::kPrecharge:
      device_.precharge(request.bank, choice.cycle);
      ++stats_.precharges;
      break;
    default: issue_column(request, choice); return;
  }
  if (commands_ != nullptr) {
    DdrLocation at = device_.location(request.bank);
    if (choice.op() == DdrOp::kActivate) at.row = request.row;
    record(choice.op(), at, choice.cycle);
  }
}

void DdrChannel::issue_refresh(const DdrChoice& choice) {
  if (choice.op() == DdrOp::kPrechargeAll) {
    device_.precharge_all(refresh_rank_, choice.cycle);
    ++stats_.precharge_alls;
  } else {
    device_.refresh(refresh_rank_, choice.cycle);
    ++stats_.refreshes;
    refreshed_ = choice.cycle;
  }
  if (commands_ != nullptr) record(choice.op(), {0, refresh_rank_, 0, 0, 0, 0}, choice.cycle);
  if (choice.op() == DdrOp::kRefresh && ++refresh_rank_ == device_.ranks()) {
    refresh_rank_ = 0;
    refresh_due_ = refresh_policy_->next_due(device_.timing(), refresh_due_);
  }
}

void DdrChannel::issue_column(const DdrQueues::Entry& request, const DdrChoice& choice) {
  const Direction d = request.direction;
  const int b = request.bank;
  const Cycle t = choice.cycle;
  account_bus(request, d, t);
  queues_.remove(choice.entry());
  device_.column(b, d, t);
  DdrOp op = choice.op();
  if (!queues_.has_active(b) && page_policy_->closes_row(queues_.has_hit(b))) {
    device_.auto_precharge(b);
    ++stats_.precharges;
    op = d == Direction::kRead ? DdrOp::kReadAuto : DdrOp::kWriteAuto;
  }
  if (d == Direction::kRead) {
    ++stats_.reads;
    completions_.push_back({request.id, stats_.data_end});
  } else {
    ++stats_.writes;
  }
  if (commands_ != nullptr) {
    record(op, addresses_.decode_line(request.line), t);
  }
}

void DdrChannel::account_bus(const DdrQueues::Entry& request, Direction d, Cycle t) {
  const DdrTiming& timing = device_.timing();
  const Cycle end = t + timing.column_to_data_end[index(d)];
  const Cycle gap = end - timing.burst - stats_.data_end;
  const auto spend = [&](BusUse use, Cycle cycles) {
    stats_.bus[static_cast<std::size_t>(use)] += static_cast<std::uint64_t>(cycles);
  };
  spend(BusUse::kData, timing.burst);
  stats_.data_end = end;
  if (gap == 0) return;
  // Walk from the clock in which the bus alone would have allowed the command to the one in which
  // it issued; each constraint takes what it adds.
  Cycle at = t - gap;
  const auto until = [&](BusUse use, Cycle constraint) {
    const Cycle reached = std::clamp(constraint, at, t);
    spend(use, reached - at);
    at = reached;
  };
  const int b = request.bank;
  until(BusUse::kNoRequest, request.accepted + 1);
  if (refreshed_ + timing.refresh_to_act > at) {
    until(BusUse::kRefresh, refreshed_ + timing.refresh_to_act);
  }
  until(BusUse::kTurnAround, device_.bus_ok(b, d));
  until(BusUse::kBankGroup, device_.group_ok(b, d));
  until(BusUse::kRowChange, device_.bank(b).column_ok);
  until(BusUse::kCommandBus, t);
}

void DdrChannel::record(DdrOp op, const DdrLocation& at, Cycle t) {
  commands_->push_back({t, op, at});
  commands_->back().at.channel = number_;
}

DdrStats DdrChannel::stats(Cycle end) const {
  DdrStats s = stats_;
  s.open_cycles = device_.open_cycles(end);
  s.rank_cycles = end * device_.ranks();
  return s;
}

}  // namespace m3sim::tlm_mem
