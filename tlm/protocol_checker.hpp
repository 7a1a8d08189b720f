// A pass-through on one link that holds both sides to the TLM-2.0 base protocol (IEEE 1666-2011, 15.2) and
// to the chain's own promises: in order, every word announced once, no arrival later than its cycle.
#pragma once
#include <functional>
#include <stdexcept>
#include <string>

#include "tlm/calendar.hpp"
#include "tlm/hop.hpp"

namespace m3sim::tlm_mem {

class ProtocolError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// For a link that carries one direction and answers in order, as all links of the chain do.
class ProtocolChecker final : public Hop {
 public:
  /// `lookahead`: cycles by which an arrival may be announced late, because no decision behind the link
  /// can depend on it sooner. With a calendar it is the calendar's now that counts, else SystemC's.
  ProtocolChecker(sc_core::sc_module_name name, const timing::Clock& clock, Cycle lookahead = 0,
                  const Calendar* calendar = nullptr)
      : Hop(name, clock), clock_(clock), lookahead_(lookahead), calendar_(calendar) {}

  /// Transactions that were begun and not yet ended.
  std::size_t outstanding() const { return open_.size(); }
  std::uint64_t checked() const { return checked_; }
  /// Called with every payload that is answered.
  void observe(std::function<void(const Payload&)> observer) { observer_ = std::move(observer); }

 private:
  struct Open {
    Payload* payload = nullptr;
    std::uint64_t address = 0;
    const std::uint8_t* data = nullptr;
    unsigned bytes = 0;
    std::uint64_t announced = 0;  ///< bytes of words whose arrival is known
  };
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void require(bool holds, const char* rule) const {
    if (!holds) throw ProtocolError(std::string(name()) + ": " + rule);
  }
  void begin_request(const Payload& payload, const sc_core::sc_time& delay);
  void end_request(const Payload& payload, const sc_core::sc_time& delay);
  void announce(const Payload& payload, bool last);
  void unchanged(const Open& open, const Payload& payload) const;

  const timing::Clock& clock_;
  const Cycle lookahead_;
  const Calendar* calendar_;
  timing::Ring<Open> open_;
  Payload* requesting_ = nullptr;  ///< BEGIN_REQ without END_REQ
  sc_core::sc_time last_request_, last_end_;
  Cycle last_word_ = 0;
  std::uint64_t checked_ = 0;
  std::function<void(const Payload&)> observer_;
};

}  // namespace m3sim::tlm_mem
