#include "tlm/calendar.hpp"

#include <stdexcept>
#include <string>

namespace m3sim::tlm_mem {

Calendar::Calendar(sc_core::sc_module_name name) : sc_module(name) {
  SC_METHOD(keep);
  sensitive << wake_;
  dont_initialize();
}

std::size_t Calendar::enter(Member& member) {
  members_.push_back(&member);
  if (due_.size() < members_.size()) {  // all leaves anew: members enter before the simulation starts
    const std::size_t leaves = std::max<std::size_t>(1, 2 * due_.size());
    due_.resize(leaves, kNoTime);
    winners_.assign(2 * leaves, 0);
    for (std::size_t i = 0; i < leaves; ++i) winners_[leaves + i] = static_cast<std::uint32_t>(i);
    for (std::size_t i = 0; i < leaves; ++i) set(i, due_[i]);
  }
  return members_.size() - 1;
}

void Calendar::set(std::size_t number, std::int64_t ps) {
  due_[number] = ps;
  if (number == unranked_) unranked_ = kNobody;
  for (std::size_t node = (due_.size() + number) / 2; node >= 1; node /= 2) {
    const std::uint32_t left = winners_[2 * node], right = winners_[2 * node + 1];
    winners_[node] = due_[right] < due_[left] ? right : left;
  }
}

[[gnu::flatten]] void Calendar::meet(std::size_t number, std::int64_t ps) {
  if (ps < now()) {
    throw std::logic_error("calendar: " + std::to_string(ps) + " ps is over (now " +
                           std::to_string(now()) + " ps): something was posted too late");
  }
  set(number, ps);
  if (!keeping_) wake_for(ps);
}

// An event keeps the earlier of two times, so that an appointment which was put off wakes in vain.
void Calendar::wake_for(std::int64_t ps) {
  wake_.notify(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(ps - systemc_now())));
}

void Calendar::keep() {
  now_ = systemc_now();
  horizon_ = kNoTime;
  if (leads_) {
    if (sc_core::sc_pending_activity_at_current_time()) return wake_for(now_);  // after the others
    if (sc_core::sc_pending_activity_at_future_time())
      horizon_ = now_ + static_cast<std::int64_t>(sc_core::sc_time_to_pending_activity().value());
  }
  const std::int64_t last = leads_ ? horizon_ : now_;
  keeping_ = true;
  try {
    for (std::size_t next = first(); due_[next] <= last && due_[next] != kNoTime; next = first()) {
      now_ = due_[next];
      due_[next] = kNoTime;
      unranked_ = next;
      members_[next]->on_time();
      rank();
    }
  } catch (...) {
    fail();
  }
  keeping_ = false;
  if (due_[first()] != kNoTime && !failure_) wake_for(due_[first()]);
}

void Calendar::fail() {
  if (!failure_) failure_ = std::current_exception();
  sc_core::sc_stop();
}

}  // namespace m3sim::tlm_mem

// SystemC's library refers to it, for programs without a main() of their own. Every program with a calendar
// has one; defined here, it is linked wherever it is needed.
int sc_main(int, char*[]) { return 0; }
