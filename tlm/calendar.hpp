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
#include <limits>
#include <vector>

namespace m3sim::tlm_mem {

class Calendar final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Calendar);
  explicit Calendar(sc_core::sc_module_name name);

  static constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::max();

  class Member;

 private:
  /// A time in ps and, below, the member whose appointment it is: the smallest comes first.
  using Entry = std::int64_t;
  static constexpr int kMemberBits = 10;
  static constexpr Entry kNothing = std::numeric_limits<Entry>::max();
  static std::int64_t time_of(Entry entry) { return entry == kNothing ? kNoTime : entry >> kMemberBits; }

 public:
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
    void cancel() { calendar_.set(number_, kNothing); }
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
  std::int64_t next() { return std::min(time_of(first()), horizon_); }

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
  Entry first();
  void set(std::size_t number, Entry entry) {
    if (entry < first_) {
      first_ = entry;
    } else if (due_[number] == first_) {
      first_known_ = false;
    }
    due_[number] = entry;
  }
  void wake_for(std::int64_t ps);

  bool leads_ = false, keeping_ = false;
  std::int64_t now_ = 0;
  std::int64_t horizon_ = kNoTime;  ///< when a module outside acts
  std::vector<Entry> due_{};        ///< by member; kNothing: none. Its size is a multiple of kBlock
  static constexpr std::size_t kBlock = 8;
  Entry first_ = kNothing;          ///< smallest of them,
  bool first_known_ = true;         ///< unless it has gone
  std::vector<Member*> members_{};
  Member* closer_ = nullptr;        ///< acts at the end of this instant
  sc_core::sc_event wake_;
  std::exception_ptr failure_{};
};

}  // namespace m3sim::tlm_mem
