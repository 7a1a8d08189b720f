#include "tlm/ddr_queues.hpp"

namespace m3sim::tlm_mem {

DdrQueues::DdrQueues(int banks, int read_depth, int write_depth) : depth_{read_depth, write_depth} {
  active_.fill(kNone);
  const int entries = read_depth + write_depth + banks;
  entries_.resize(static_cast<std::size_t>(entries));
  for (int e = entries - 1; e >= 0; --e) free_.push_back(static_cast<std::int16_t>(e));
}

bool DdrQueues::push(const Entry& request, std::int32_t open_row) {
  const std::int16_t e = free_.back();
  free_.pop_back();
  Entry& entry = mutable_entry(e);
  entry = request;
  entry.sequence = next_sequence_++;
  entry.next = kNone;
  BankQueue& queue = mutable_queue(entry);
  entry.previous = queue.tail;
  (queue.tail == kNone ? queue.head : mutable_entry(queue.tail).next) = e;
  queue.tail = e;
  std::int16_t& oldest = entry.row == open_row ? queue.hit : queue.conflict;
  const bool first = oldest == kNone || queue.head == e;
  if (oldest == kNone) oldest = e;
  waiting_[index(entry.direction)] |= std::uint64_t{1} << entry.bank;
  ++size_[index(entry.direction)];
  ++lines_[index(entry.direction)][hash(entry.line)];
  if (first) update_masks(entry.direction, entry.bank);
  return first;
}

void DdrQueues::update_masks(Direction d, int bank) {
  const BankQueue& q = queue(bank, d);
  const auto set = [&](std::uint64_t& mask, bool value) {
    mask = (mask & ~(std::uint64_t{1} << bank)) | std::uint64_t{value} << bank;
  };
  const bool hit = q.hit != kNone, conflict = q.conflict != kNone;
  set(hits_[index(d)], hit);
  set(conflicts_[index(d)], conflict);
  set(older_conflicts_[index(d)],
      conflict && (!hit || entry(q.conflict).sequence < entry(q.hit).sequence));
}

void DdrQueues::unlink(int e) {
  const Entry& entry = mutable_entry(e);
  BankQueue& queue = mutable_queue(entry);
  (entry.previous == kNone ? queue.head : mutable_entry(entry.previous).next) = entry.next;
  (entry.next == kNone ? queue.tail : mutable_entry(entry.next).previous) = entry.previous;
  if (queue.head == kNone) waiting_[index(entry.direction)] &= ~(std::uint64_t{1} << entry.bank);
  --size_[index(entry.direction)];
}

void DdrQueues::find_hits(BankQueue& queue, std::int32_t row) const {
  queue.hit = queue.conflict = kNone;
  for (std::int16_t e = queue.head; e != kNone; e = entry(e).next) {
    std::int16_t& oldest = entry(e).row == row ? queue.hit : queue.conflict;
    if (oldest == kNone) oldest = e;
    if (queue.hit != kNone && queue.conflict != kNone) return;
  }
}

void DdrQueues::make_active(int e) {
  unlink(e);
  const Entry& entry = mutable_entry(e);
  active_[static_cast<std::size_t>(entry.bank)] = static_cast<std::int16_t>(e);
  active_mask_ |= std::uint64_t{1} << entry.bank;
  for (const Direction d : {Direction::kRead, Direction::kWrite}) {
    find_hits(queues_[index(d)][static_cast<std::size_t>(entry.bank)], entry.row);
    update_masks(d, entry.bank);
  }
}

void DdrQueues::remove(int e) {
  const Entry& entry = mutable_entry(e);
  --lines_[index(entry.direction)][hash(entry.line)];
  free_.push_back(static_cast<std::int16_t>(e));
  if (has_active(entry.bank) && active(entry.bank) == e) {
    active_mask_ &= ~(std::uint64_t{1} << entry.bank);
    return;
  }
  BankQueue& queue = mutable_queue(entry);
  std::int16_t next = entry.next;
  while (next != kNone && mutable_entry(next).row != entry.row) next = mutable_entry(next).next;
  queue.hit = next;
  unlink(e);
  update_masks(entry.direction, entry.bank);
}

int DdrQueues::find_in_bank(Direction d, std::uint64_t line, int bank) const {
  if (has_active(bank)) {
    const Entry& a = entry(active(bank));
    if (a.direction == d && a.line == line) return active(bank);
  }
  for (std::int16_t e = queue(bank, d).head; e != kNone; e = entry(e).next) {
    if (entry(e).line == line) return e;
  }
  return kNone;
}

}  // namespace m3sim::tlm_mem
