#include "tlm/calendar.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace m3sim::tlm_mem {
Calendar::Calendar(sc_core::sc_module_name name) : sc_module(name) {
  SC_METHOD(keep);
  sensitive << wake_;
  dont_initialize();
}

std::size_t Calendar::enter(Member& member) {
  members_.push_back(&member);
  due_.resize(members_.size());
  return members_.size() - 1;
}

[[gnu::hot]] void Calendar::meet(std::size_t number, std::int64_t ps) {
  if (ps < now()) {
    throw std::logic_error("calendar: " + std::to_string(ps) + " ps is over (now " +
                           std::to_string(now()) + " ps): something was posted too late");
  }
  if (ps > Earliest::kLastTime) throw std::logic_error("calendar: time has run out");
  due_.set(number, ps);
  if (!keeping_) wake_for(ps);
}

// An event keeps the earlier of two times, so that an appointment which was put off wakes in vain.
void Calendar::wake_for(std::int64_t ps) {
  wake_.notify(sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(ps - systemc_now())));
}

[[gnu::hot]] void Calendar::keep() {
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
    for (;;) {
      const Earliest::Key next = due_.first();
      const std::int64_t time = Earliest::time_of(next);
      if (closer_ && time > now_) {
        std::exchange(closer_, nullptr)->on_time();
        continue;
      }
      if (next == Earliest::kNone || time > last) break;
      const std::size_t number = Earliest::number_of(next);
      now_ = time;
      due_.clear(number);
      members_[number]->on_time();
    }
  } catch (...) {
    fail();
  }
  keeping_ = false;
  if (const std::int64_t next = Earliest::time_of(due_.first()); next != kNoTime && !failure_) wake_for(next);
}

void Calendar::fail() {
  if (!failure_) failure_ = std::current_exception();
  sc_core::sc_stop();
}

}  // namespace m3sim::tlm_mem

// SystemC's library refers to it, for programs without a main() of their own. Every program with a calendar
// has one; defined here, it is linked wherever it is needed.
int sc_main(int, char*[]) { return 0; }
