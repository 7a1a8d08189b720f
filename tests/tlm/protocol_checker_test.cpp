// Faults planted on a link: the protocol checker finds each, and says which rule. One elaboration
// for all; a checker and its two sides for each fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tlm/protocol_checker.hpp"

namespace m3sim::tlm_mem {
namespace {

/// A link whose two sides do exactly what the test says.
struct Link final : sc_core::sc_module,
                    tlm::tlm_fw_transport_if<>,
                    tlm::tlm_bw_transport_if<> {
  timing::Clock clock{300'000'000};
  PayloadPool pool;

  explicit Link(sc_core::sc_module_name name)
      : sc_module(name),
        checker("checker", clock),
        master("master"),
        memory("memory") {
    master.bind(*this);
    memory.bind(*this);
    master.bind(checker.in);
    checker.out.bind(memory);
  }
  Payload& burst(tlm::tlm_command command, std::uint64_t address, unsigned words) {
    Payload& payload = pool.get(command, address, words * 32);
    transfer_of(payload).route.word_bytes = 32;
    return payload;
  }
  void request(Payload& payload) {
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    master->nb_transport_fw(payload, phase, delay);
  }
  void end_request(Payload& payload) { back(payload, tlm::END_REQ); }
  /// Announces `words` words for cycle `at`; the last with the response.
  void answer(Payload& payload, std::size_t words, Cycle at, bool last) {
    announced_.clear();
    announced_.add_line(words, at, 0);
    transfer_of(payload).announced = &announced_;
    if (last) payload.set_response_status(tlm::TLM_OK_RESPONSE);
    back(payload, last ? tlm::tlm_phase(tlm::BEGIN_RESP) : LINE_READY);
  }

  ProtocolChecker checker;
  tlm::tlm_initiator_socket<> master;
  tlm::tlm_target_socket<> memory;

 private:
  Announcement announced_;
  void back(Payload& payload, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    memory->nb_transport_bw(payload, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(Payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  tlm::tlm_sync_enum nb_transport_bw(Payload&, tlm::tlm_phase& phase, sc_core::sc_time&) override {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
  }
  void b_transport(Payload&, sc_core::sc_time&) override {}
  unsigned transport_dbg(Payload&) override { return 0; }
  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi&) override { return false; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

struct Fault {
  const char* rule;  ///< as the checker words it
  void (*plant)(Link&);
};

Payload& requested(Link& link, std::uint64_t address, unsigned words) {
  Payload& payload = link.burst(tlm::TLM_READ_COMMAND, address, words);
  link.request(payload);
  link.end_request(payload);
  return payload;
}

const Fault kFaults[] = {
    {"BEGIN_REQ before END_REQ of the request before it",
     [](Link& l) {
       l.request(l.burst(tlm::TLM_READ_COMMAND, 0, 1));
       l.request(l.burst(tlm::TLM_READ_COMMAND, 32, 1));
     }},
    {"END_REQ for a payload that is not requesting",
     [](Link& l) { l.end_request(requested(l, 0, 1)); }},
    {"burst crosses 4 KiB",
     [](Link& l) { l.request(l.burst(tlm::TLM_READ_COMMAND, 4096 - 32, 2)); }},
    {"address is not aligned to the word",
     [](Link& l) { l.request(l.burst(tlm::TLM_READ_COMMAND, 16, 1)); }},
    {"streaming width is not the length",
     [](Link& l) {
       Payload& p = l.burst(tlm::TLM_READ_COMMAND, 0, 2);
       p.set_streaming_width(32);
       l.request(p);
     }},
    {"response status set before the response",
     [](Link& l) {
       Payload& p = l.burst(tlm::TLM_READ_COMMAND, 0, 1);
       p.set_response_status(tlm::TLM_OK_RESPONSE);
       l.request(p);
     }},
    {"response before END_REQ",
     [](Link& l) {
       Payload& p = l.burst(tlm::TLM_READ_COMMAND, 0, 1);
       l.request(p);
       l.answer(p, 1, 10, true);
     }},
    {"response out of order",
     [](Link& l) {
       requested(l, 0, 1);
       l.answer(requested(l, 32, 1), 1, 10, true);
     }},
    {"payload changed on its way",
     [](Link& l) {
       Payload& p = requested(l, 0, 1);
       p.set_address(64);
       l.answer(p, 1, 10, true);
     }},
    {"BEGIN_RESP is not the last line's",
     [](Link& l) { l.answer(requested(l, 0, 4), 2, 10, true); }},
    {"more words than were requested",
     [](Link& l) { l.answer(requested(l, 0, 1), 2, 10, true); }},
    {"words out of order",
     [](Link& l) {
       Payload& p = requested(l, 0, 2);
       l.answer(p, 1, 10, false);
       l.answer(p, 1, 9, true);
     }},
    {"arrival announced too late", [](Link& l) { l.answer(requested(l, 0, 1), 1, 0, true); }},
    {"LINE_READY for a write",
     [](Link& l) {
       Payload& p = l.burst(tlm::TLM_WRITE_COMMAND, 0, 2);
       l.request(p);
       l.end_request(p);
       l.answer(p, 0, 10, false);
     }},
};

TEST(ProtocolChecker, FindsEveryPlantedFaultAndPassesCleanTraffic) {
  std::vector<std::unique_ptr<Link>> links;
  for (std::size_t i = 0; i <= std::size(kFaults); ++i) {
    links.push_back(std::make_unique<Link>(("link" + std::to_string(i)).c_str()));
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);

  Link& clean = *links.back();
  Payload& read = requested(clean, 4096 - 64, 2);
  clean.answer(read, 1, 10, false);
  clean.answer(read, 1, 11, true);
  EXPECT_EQ(clean.checker.checked(), 1u);
  EXPECT_EQ(clean.checker.outstanding(), 0u);

  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    try {
      kFaults[i].plant(*links[i]);
      ADD_FAILURE() << "not found: " << kFaults[i].rule;
    } catch (const ProtocolError& error) {
      EXPECT_THAT(error.what(), testing::EndsWith(kFaults[i].rule));
    }
  }
}

}  // namespace
}  // namespace m3sim::tlm_mem
