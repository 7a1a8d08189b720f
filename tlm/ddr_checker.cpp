#include "tlm/ddr_checker.hpp"

#include <algorithm>

namespace m3sim::tlm_mem {

DdrChecker::DdrChecker(const DdrConfig& config)
    : config_(config), ranks_(static_cast<std::size_t>(config.ranks)) {
  for (Rank& rank : ranks_) {
    const auto groups = static_cast<std::size_t>(config.bank_groups);
    rank.banks.resize(groups * static_cast<std::size_t>(config.banks));
    rank.groups.resize(groups);
    rank.group_activated.assign(groups, -kNever);
  }
}

void DdrChecker::fail(const DdrCommand& c, const std::string& rule, const std::string& text) {
  violations_.push_back({c.cycle, rule,
                         "clock " + std::to_string(c.cycle) + ": " + mnemonic(c.op) + " rank " +
                             std::to_string(c.at.rank) + " group " +
                             std::to_string(c.at.bank_group) + " bank " +
                             std::to_string(c.at.bank) + ": " + rule + ": " + text});
}

void DdrChecker::apart(const DdrCommand& c, Cycle then, int cycles, const char* rule,
                       const char* since) {
  if (c.cycle - then < cycles) {
    fail(c, rule,
         std::to_string(c.cycle - then) + " clocks after " + since + ", needs " +
             std::to_string(cycles));
  }
}

DdrChecker::Bank& DdrChecker::bank_of(const DdrCommand& c) {
  return ranks_[static_cast<std::size_t>(c.at.rank)]
      .banks[static_cast<std::size_t>(c.at.bank_group) * static_cast<std::size_t>(config_.banks) +
             static_cast<std::size_t>(c.at.bank)];
}

bool DdrChecker::check_address(const DdrCommand& c) {
  const auto inside = [](int value, int size) { return value >= 0 && value < size; };
  if (inside(c.at.rank, config_.ranks) && inside(c.at.bank_group, config_.bank_groups) &&
      inside(c.at.bank, config_.banks) && inside(c.at.row, config_.rows) &&
      inside(c.at.column, config_.columns / config_.burst_length)) {
    return true;
  }
  fail(c, "address", "no such rank, bank, row or column");
  return false;
}

void DdrChecker::check_command_bus(const DdrCommand& c) {
  if (c.cycle <= last_command_) {
    fail(c, "command bus", "the last command was in clock " + std::to_string(last_command_));
  }
  if (config_.half_rate_commands && c.cycle % 2 != 0) {
    fail(c, "command bus", "half rate allows even clocks only");
  }
  last_command_ = std::max(last_command_, c.cycle);
}

void DdrChecker::check(const DdrCommand& c) {
  if (!check_address(c)) return;
  check_command_bus(c);
  Rank& rank = ranks_[static_cast<std::size_t>(c.at.rank)];
  apart(c, rank.refreshed, config_.trfc, "tRFC", "refresh");
  switch (c.op) {
    case DdrOp::kActivate: activate(c, rank); break;
    case DdrOp::kPrecharge:
      if (!bank_of(c).open) fail(c, "row state", "the bank is closed");
      precharge(c, bank_of(c));
      break;
    case DdrOp::kPrechargeAll:
      for (Bank& bank : rank.banks) {
        if (bank.open) precharge(c, bank);
      }
      break;
    case DdrOp::kRefresh: refresh(c, rank); break;
    default: column(c, rank); break;
  }
}

void DdrChecker::activate(const DdrCommand& c, Rank& rank) {
  Bank& bank = bank_of(c);
  if (bank.open) fail(c, "row state", "row " + std::to_string(bank.row) + " is open");
  apart(c, bank.precharged, config_.trp, "tRP", "precharge");
  apart(c, bank.activated, config_.trc, "tRC", "activate of this bank");
  const bool grouped = config_.bank_groups > 1;
  auto& in_group = rank.group_activated[static_cast<std::size_t>(c.at.bank_group)];
  if (grouped) apart(c, in_group, config_.trrd_l, "tRRD_L", "activate in this group");
  auto& history = rank.activates;
  if (!history.empty()) apart(c, history.back(), config_.trrd_s, "tRRD_S", "activate");
  if (history.size() >= 4) {
    apart(c, history[history.size() - 4], config_.tfaw, "tFAW", "the fourth activate before");
  }
  history.push_back(c.cycle);
  in_group = c.cycle;
  bank.open = true;
  bank.row = c.at.row;
  bank.activated = c.cycle;
}

void DdrChecker::precharge(const DdrCommand& c, Bank& bank) {
  apart(c, bank.activated, config_.tras, "tRAS", "activate");
  apart(c, bank.read, config_.trtp, "tRTP", "read");
  apart(c, bank.write_data_end, config_.twr, "tWR", "the end of write data");
  bank.open = false;
  bank.precharged = c.cycle;
}

void DdrChecker::column(const DdrCommand& c, Rank& rank) {
  Bank& bank = bank_of(c);
  const bool read = is_read(c.op);
  if (!bank.open) {
    fail(c, "row state", "the bank is closed");
  } else if (bank.row != c.at.row) {
    fail(c, "row state", "row " + std::to_string(bank.row) + " is open");
  }
  apart(c, bank.activated, config_.trcd, "tRCD", "activate");

  const bool grouped = config_.bank_groups > 1;
  Column& group = rank.groups[static_cast<std::size_t>(c.at.bank_group)];
  const int data_end = config_.cwl + config_.burst_cycles();
  if (grouped) {
    apart(c, read ? group.read : group.write, config_.tccd_l, "tCCD_L", "column command in group");
    if (read) {
      apart(c, group.write + data_end, config_.twtr_l, "tWTR_L", "write data in this group");
    }
  }
  apart(c, read ? rank.column.read : rank.column.write, config_.tccd_s, "tCCD_S", "column command");
  if (read) apart(c, rank.column.write + data_end, config_.twtr_s, "tWTR_S", "write data");
  check_data_bus(c);

  (read ? group.read : group.write) = c.cycle;
  (read ? rank.column.read : rank.column.write) = c.cycle;
  (read ? bank.read : bank.write_data_end) = read ? c.cycle : c.cycle + data_end;
  if (is_auto(c.op)) {
    bank.open = false;
    bank.precharged = std::max({bank.activated + config_.tras, bank.read + config_.trtp,
                                bank.write_data_end + config_.twr});
  }
}

void DdrChecker::check_data_bus(const DdrCommand& c) {
  const bool read = is_read(c.op);
  const Cycle start = c.cycle + (read ? config_.cl : config_.cwl);
  const bool turns = c.at.rank != data_rank_ || (data_was_read_ && !read);
  if (start < data_end_) {
    fail(c, "data bus", "burst begins before the last one ends");
  } else if (turns && start < data_end_ + config_.trtrs) {
    fail(c, "tRTRS", "bus turns around in " + std::to_string(start - data_end_) + " clocks");
  }
  data_end_ = start + config_.burst_cycles();
  data_rank_ = c.at.rank;
  data_was_read_ = read;
}

void DdrChecker::refresh(const DdrCommand& c, Rank& rank) {
  for (const Bank& bank : rank.banks) {
    if (bank.open) fail(c, "row state", "a bank is open");
    apart(c, bank.precharged, config_.trp, "tRP", "precharge");
  }
  if (c.cycle - rank.refresh_checked > 9 * Cycle{config_.trefi}) {
    fail(c, "tREFI", "more than nine intervals since the last refresh");
  }
  rank.refreshed = rank.refresh_checked = c.cycle;
}

void DdrChecker::finish(Cycle end) {
  if (config_.refresh == "none") return;
  for (std::size_t r = 0; r < ranks_.size(); ++r) {
    if (end - ranks_[r].refresh_checked > 9 * Cycle{config_.trefi}) {
      DdrCommand missing{end, DdrOp::kRefresh, {}};
      missing.at.rank = static_cast<int>(r);
      fail(missing, "tREFI", "no refresh for more than nine intervals");
    }
  }
}

}  // namespace m3sim::tlm_mem
