// Who acts when: the appointments of the memory system's agents, of the processes' host and of the
// schedule, all behind one SystemC event.
//
// A calendar that leads keeps its members' appointments one after the other, in order of their times, as
// far ahead of SystemC's now as nothing else is pending there: temporal decoupling (IEEE 1666, TLM-2.0)
// whose quantum ends where a module outside the calendar does anything. One that does not lead keeps
// those of SystemC's now only.
#pragma once
#include <systemc>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <vector>

#include "tlm/earliest.hpp"

namespace m3sim::tlm_mem {

class Calendar final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Calendar);
  explicit Calendar(sc_core::sc_module_name name);

  static constexpr std::int64_t kNoTime = Earliest::kNoTime;

  class Member {
   public:
    /// Of members with the same time, the one that was made first acts first.
    explicit Member(Calendar& calendar) : calendar_(calendar), number_(calendar.enter(*this)) {}
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   protected:
    ~Member() = default;
    Calendar& calendar() const { return calendar_; }
    /// Act at a time in ps, not before now, in place of the time agreed so far.
    void meet(std::int64_t ps) { calendar_.meet(number_, ps); }
    /// No time is agreed.
    void cancel() { calendar_.due_.clear(number_); }
    /// Act at the end of this instant, when nothing else does any more. One member alone may ask for that.
    void close_instant() { calendar_.close_instant(*this); }

   private:
    friend Calendar;
    virtual void on_time() = 0;
    Calendar& calendar_;
    std::size_t number_;
  };

  void lead() { leads_ = true; }
  static std::int64_t systemc_now() {
    return static_cast<std::int64_t>(sc_core::sc_time_stamp().value());
  }
  /// The time in ps at which things happen: SystemC's, or the appointment that is being kept.
  std::int64_t now() const { return keeping_ ? now_ : systemc_now(); }
  /// The next time at which anything happens beyond the one that acts; kNoTime if nothing does.
  std::int64_t next() { return std::min(Earliest::time_of(due_.first()), horizon_); }

  /// Keeps the exception in flight, which SystemC would wrap into a report of its own, and ends the
  /// simulation.
  void fail();
  /// What ended it, if anything.
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::size_t enter(Member& member);
  void meet(std::size_t number, std::int64_t ps);
  void close_instant(Member& member) {
    closer_ = &member;
    if (!keeping_) wake_for(systemc_now());
  }
  void keep();
  void wake_for(std::int64_t ps);

  bool leads_ = false, keeping_ = false;
  std::int64_t now_ = 0;
  std::int64_t horizon_ = kNoTime;  ///< when a module outside acts
  Earliest due_;                    ///< appointments in ps, by member
  std::vector<Member*> members_{};
  Member* closer_ = nullptr;        ///< acts at the end of this instant
  sc_core::sc_event wake_;
  std::exception_ptr failure_{};
};

}  // namespace m3sim::tlm_mem
