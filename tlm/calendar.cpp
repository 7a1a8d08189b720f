#include "tlm/calendar.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "model/kernels/instruction_sets.hpp"

namespace m3sim::tlm_mem {
namespace {

// There are few: looking at all takes less than keeping them in order.
M3SIM_CLONES std::int64_t smallest(const std::int64_t* values, std::size_t blocks) {
  std::int64_t best = values[0];
  for (std::size_t i = 0; i < 8 * blocks; ++i) best = values[i] < best ? values[i] : best;
  return best;
}

}  // namespace

Calendar::Calendar(sc_core::sc_module_name name) : sc_module(name) {
  SC_METHOD(keep);
  sensitive << wake_;
  dont_initialize();
}

std::size_t Calendar::enter(Member& member) {
  const std::size_t number = members_.size();
  if (number >> kMemberBits != 0) throw std::logic_error("calendar: too many members");
  members_.push_back(&member);
  if (due_.size() == number) due_.resize(number + kBlock, kNothing);
  return number;
}

[[gnu::hot]] void Calendar::meet(std::size_t number, std::int64_t ps) {
  if (ps < now()) {
    throw std::logic_error("calendar: " + std::to_string(ps) + " ps is over (now " +
                           std::to_string(now()) + " ps): something was posted too late");
  }
  if (ps > kNothing >> (kMemberBits + 1)) throw std::logic_error("calendar: time has run out");
  set(number, ps << kMemberBits | static_cast<Entry>(number));
  if (!keeping_) wake_for(ps);
}

Calendar::Entry Calendar::first() {
  if (!first_known_) {
    first_ = smallest(due_.data(), due_.size() / kBlock);
    first_known_ = true;
  }
  return first_;
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
      const Entry next = first();
      if (closer_ && time_of(next) > now_) {
        std::exchange(closer_, nullptr)->on_time();
        continue;
      }
      if (next == kNothing || time_of(next) > last) break;
      const auto number = static_cast<std::size_t>(next) & ((std::size_t{1} << kMemberBits) - 1);
      now_ = time_of(next);
      set(number, kNothing);
      members_[number]->on_time();
    }
  } catch (...) {
    fail();
  }
  keeping_ = false;
  if (const std::int64_t next = time_of(first()); next != kNoTime && !failure_) wake_for(next);
}

void Calendar::fail() {
  if (!failure_) failure_ = std::current_exception();
  sc_core::sc_stop();
}

}  // namespace m3sim::tlm_mem

// SystemC's library refers to it, for programs without a main() of their own. Every program with a calendar
// has one; defined here, it is linked wherever it is needed.
int sc_main(int, char*[]) { return 0; }
