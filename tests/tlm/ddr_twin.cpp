#include "tests/tlm/ddr_twin.hpp"

#include <algorithm>

#include "tlm/ddr_address.hpp"

namespace m3sim::tlm_mem {

DdrTwin::DdrTwin(const DdrConfig& config, int channel)
    : c_(config),
      channel_(channel),
      banks_(static_cast<std::size_t>(config.ranks) * static_cast<std::size_t>(config.bank_groups) *
             static_cast<std::size_t>(config.banks)),
      refreshed_(static_cast<std::size_t>(config.ranks), -kNever) {}

DdrTwin::Bank& DdrTwin::bank(const DdrLocation& at) {
  return banks_[static_cast<std::size_t>((at.rank * c_.bank_groups + at.bank_group) * c_.banks +
                                         at.bank)];
}

namespace {

bool same_bank(const DdrLocation& a, const DdrLocation& b) {
  return a.rank == b.rank && a.bank_group == b.bank_group && a.bank == b.bank;
}

}  // namespace

DdrOp DdrTwin::needed(const Request& r) {
  const Bank& b = bank(r.at);
  if (!b.open) return DdrOp::kActivate;
  if (b.row != r.at.row) return DdrOp::kPrecharge;
  return r.request.direction == Direction::kRead ? DdrOp::kRead : DdrOp::kWrite;
}

Cycle DdrTwin::closing_time(const Bank& b) const {
  return std::max(
      {b.activated + c_.tras, b.read + c_.trtp, b.write + c_.cwl + c_.burst_cycles() + c_.twr});
}

bool DdrTwin::precharge_allowed(const Bank& b) const { return now_ >= closing_time(b); }

bool DdrTwin::activate_allowed(const DdrLocation& at) {
  const Bank& b = bank(at);
  if (now_ < b.activated + c_.trc || now_ < b.closed + c_.trp) return false;
  if (now_ < refreshed_[static_cast<std::size_t>(at.rank)] + c_.trfc) return false;
  int in_window = 0;
  for (auto a = activates_.rbegin(); a != activates_.rend(); ++a) {
    if (a->at.rank != at.rank) continue;
    const Cycle ago = now_ - a->cycle;
    if (ago >= std::max(c_.tfaw, c_.trrd_l)) break;
    const bool same_group = a->at.bank_group == at.bank_group && c_.bank_groups > 1;
    if (ago < (same_group ? c_.trrd_l : c_.trrd_s)) return false;
    if (ago < c_.tfaw && ++in_window == 4) return false;
  }
  return true;
}

bool DdrTwin::column_allowed(const DdrLocation& at, bool write) {
  if (now_ < bank(at).activated + c_.trcd) return false;
  const int burst = c_.burst_cycles();
  for (auto k = columns_.rbegin(); k != columns_.rend() && now_ - k->cycle < 200; ++k) {
    const bool same_rank = k->at.rank == at.rank;
    const bool same_group = same_rank && k->at.bank_group == at.bank_group && c_.bank_groups > 1;
    int gap = 0;
    if (k->write == write) {
      gap = same_group ? c_.tccd_l : same_rank ? c_.tccd_s : burst + c_.trtrs;
    } else if (write) {
      gap = c_.cl + burst + c_.trtrs - c_.cwl;
    } else if (same_rank) {
      gap = c_.cwl + burst + (same_group ? c_.twtr_l : c_.twtr_s);
    } else {
      gap = c_.cwl + burst + c_.trtrs - c_.cl;
    }
    if (now_ - k->cycle < gap) return false;
  }
  return true;
}

bool DdrTwin::allowed(const Request& r, DdrOp op) {
  if (op == DdrOp::kActivate) return activate_allowed(r.at);
  if (op == DdrOp::kPrecharge) return precharge_allowed(bank(r.at));
  return column_allowed(r.at, r.request.direction == Direction::kWrite);
}

bool DdrTwin::wanted(const DdrLocation& at) const {
  const auto wants = [&](const Request& r) { return same_bank(r.at, at) && r.at.row == at.row; };
  return std::any_of(reads_.begin(), reads_.end(), wants) ||
         std::any_of(writes_.begin(), writes_.end(), wants);
}

void DdrTwin::issue(List& list, std::size_t i, DdrOp op) {
  const Request r = list[i];
  Bank& b = bank(r.at);
  DdrLocation at = r.at;
  at.channel = channel_;
  if (op == DdrOp::kPrecharge) {
    b.open = false;
    b.closed = now_;
    at.row = at.column = 0;
    commands.push_back({now_, op, at});
    return;
  }
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
  if (op == DdrOp::kActivate) {
    b.open = true;
    b.row = r.at.row;
    b.activated = now_;
    active_.push_back(r);
    at.column = 0;
    commands.push_back({now_, op, at});
    activates_.push_back(commands.back());
    return;
  }
  const bool write = op == DdrOp::kWrite;
  (write ? b.write : b.read) = now_;
  columns_.push_back({now_, r.at, write});
  const Cycle end = now_ + (write ? c_.cwl : c_.cl) + c_.burst_cycles();
  data_end = std::max(data_end, end);
  if (!write) completions.push_back({r.request.id, end});
  const bool active_left = std::any_of(active_.begin(), active_.end(),
                                       [&](const Request& a) { return same_bank(a.at, r.at); });
  if (c_.page_policy == PagePolicy::kClosed && !active_left && !wanted(r.at)) {
    b.open = false;
    b.closed = closing_time(b);
    op = write ? DdrOp::kWriteAuto : DdrOp::kReadAuto;
  }
  commands.push_back({now_, op, at});
}

bool DdrTwin::issue_active() {
  std::size_t best = active_.size();
  for (std::size_t i = 0; i < active_.size(); ++i) {
    if (allowed(active_[i], needed(active_[i])) &&
        (best == active_.size() || active_[i].order < active_[best].order)) {
      best = i;
    }
  }
  if (best == active_.size()) return false;
  issue(active_, best, needed(active_[best]));
  return true;
}

bool DdrTwin::issue_refresh() {
  const int rank = c_.ranks - ranks_due_;
  DdrCommand command{now_, DdrOp::kRefresh, {}};
  command.at.channel = channel_;
  command.at.rank = rank;
  for (const Request& r : active_) {
    if (r.at.rank == rank) return false;
  }
  const std::size_t per_rank = banks_.size() / refreshed_.size();
  const auto begin = banks_.begin() + static_cast<std::ptrdiff_t>(per_rank) * rank;
  const auto end = begin + static_cast<std::ptrdiff_t>(per_rank);
  if (std::any_of(begin, end, [](const Bank& b) { return b.open; })) {
    if (!std::all_of(begin, end, [&](const Bank& b) { return !b.open || precharge_allowed(b); })) {
      return false;
    }
    for (auto b = begin; b != end; ++b) {
      if (b->open) b->closed = now_;
      b->open = false;
    }
    command.op = DdrOp::kPrechargeAll;
  } else {
    // A refresh waits like an activate of every bank, without the rules between activates.
    for (auto b = begin; b != end; ++b) {
      if (now_ < b->activated + c_.trc || now_ < b->closed + c_.trp) return false;
    }
    if (now_ < refreshed_[static_cast<std::size_t>(rank)] + c_.trfc) return false;
    refreshed_[static_cast<std::size_t>(rank)] = now_;
    --ranks_due_;
  }
  commands.push_back(command);
  return true;
}

bool DdrTwin::blocked(const List& list, const Request& r) {
  for (const Request& a : active_) {
    if (same_bank(a.at, r.at)) return true;
  }
  if (c_.scheduler != "frfcfs") return false;
  return std::any_of(list.begin(), list.end(), [&](const Request& other) {
    return other.order < r.order && same_bank(other.at, r.at) && other.at.row == bank(r.at).row;
  });
}

bool DdrTwin::issue_waiting() {
  const int reads = static_cast<int>(reads_.size()), writes = static_cast<int>(writes_.size());
  if (!write_mode_ && (writes >= c_.write_high_watermark || reads == 0)) {
    write_mode_ = true;
  } else if (write_mode_ && writes <= c_.write_low_watermark && reads > 0) {
    write_mode_ = false;
  }
  List& list = write_mode_ ? writes_ : reads_;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const DdrOp op = needed(list[i]);
    const bool may = op != DdrOp::kPrecharge || !blocked(list, list[i]);
    if (may && allowed(list[i], op)) {
      issue(list, i, op);
      return true;
    }
    if (c_.scheduler == "fcfs") return false;
  }
  return false;
}

void DdrTwin::step() {
  ++now_;
  if (c_.refresh == "all-bank" && now_ > 0 && now_ % c_.trefi == 0) ranks_due_ = c_.ranks;
  if (c_.half_rate_commands && now_ % 2 != 0) return;
  if (issue_active()) return;
  if (ranks_due_ > 0) {
    issue_refresh();
    return;
  }
  issue_waiting();
}

DdrTwin::Request* DdrTwin::find(List& list, std::uint64_t line) {
  for (Request& r : list) {
    if (r.line == line) return &r;
  }
  return nullptr;
}

Offer DdrTwin::offer(const DdrRequest& request, const DdrLocation& at, std::uint64_t line) {
  const auto pending = [&](Direction d) -> Request* {
    if (Request* r = find(d == Direction::kRead ? reads_ : writes_, line)) return r;
    for (Request& r : active_) {
      if (r.line == line && r.request.direction == d) return &r;
    }
    return nullptr;
  };
  const bool write = request.direction == Direction::kWrite;
  if (Request* older = pending(Direction::kWrite)) {
    if (write) {
      older->request.sectors |= request.sectors;
      return Offer::kMerged;
    }
    if ((request.sectors & ~older->request.sectors) != 0) return Offer::kRefused;
    completions.push_back({request.id, now_ + 1});
    return Offer::kForwarded;
  }
  if (write && pending(Direction::kRead) != nullptr) return Offer::kRefused;
  List& list = write ? writes_ : reads_;
  if (static_cast<int>(list.size()) >= (write ? c_.write_queue : c_.read_queue)) {
    return Offer::kRefused;
  }
  list.push_back({request, at, line, order_++});
  return Offer::kQueued;
}

namespace {

/// Twins behind an address map and the front end that offers them a trace.
class TwinReplayer {
 public:
  TwinReplayer(const DdrConfig& config, const std::vector<TraceRequest>& trace, int window)
      : addresses_(config), trace_(trace), window_(window), accepted_(trace.size()) {
    for (int c = 0; c < config.channels; ++c) twins_.emplace_back(config, c);
  }

  TwinReplay run() {
    while (next_ < trace_.size() || !idle()) {
      step();
      if (next_ < trace_.size()) offer();
    }
    for (const DdrTwin& twin : twins_) out_.total = std::max(out_.total, twin.data_end);
    while (now() < out_.total) step();
    for (std::size_t c = 0; c < twins_.size(); ++c) {
      auto& commands = out_.commands[static_cast<int>(c)];
      commands = twins_[c].commands;
      std::erase_if(commands, [&](const DdrCommand& k) { return k.cycle > out_.total; });
    }
    return out_;
  }

 private:
  Cycle now() const { return twins_.front().now(); }
  bool idle() const {
    return std::all_of(twins_.begin(), twins_.end(), [](const DdrTwin& t) { return t.idle(); });
  }
  void step() {
    for (DdrTwin& twin : twins_) {
      twin.step();
      collect(twin);
    }
    outstanding_ -=
        static_cast<int>(std::erase_if(arrivals_, [&](Cycle arrival) { return arrival <= now(); }));
  }
  void offer() {
    const TraceRequest& r = trace_[next_];
    const bool read = r.direction == Direction::kRead;
    if (r.time > now() || (read && window_ > 0 && outstanding_ >= window_)) return;
    const DdrLocation at = addresses_.decode(r.address);
    DdrTwin& twin = twins_[static_cast<std::size_t>(at.channel)];
    accepted_[next_] = now();
    const unsigned first = static_cast<unsigned>(r.address % 64 / 32);
    const auto sectors = static_cast<std::uint8_t>((r.bytes > 32 ? 3u : 1u) << first);
    if (twin.offer({next_, r.address, r.direction, sectors}, at, addresses_.line(r.address)) ==
        Offer::kRefused) {
      return;
    }
    collect(twin);
    outstanding_ += read ? 1 : 0;
    ++next_;
  }
  void collect(DdrTwin& twin) {
    for (const DdrCompletion& done : twin.completions) {
      arrivals_.push_back(done.cycle);
      out_.latencies += done.cycle - accepted_[done.id];
      ++out_.reads;
      out_.total = std::max(out_.total, done.cycle);
    }
    twin.completions.clear();
  }

  const DdrAddressDecoder addresses_;
  const std::vector<TraceRequest>& trace_;
  const int window_;
  std::vector<DdrTwin> twins_;
  std::vector<Cycle> accepted_, arrivals_;
  int outstanding_ = 0;
  std::size_t next_ = 0;
  TwinReplay out_;
};

}  // namespace

TwinReplay replay_with_twins(const DdrConfig& config, const std::vector<TraceRequest>& trace,
                             int window) {
  return TwinReplayer(config, trace, window).run();
}

}  // namespace m3sim::tlm_mem
