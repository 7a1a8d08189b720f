#include "tlm/memory_system.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "model/config/error.hpp"

namespace m3sim::tlm_mem {

namespace {

constexpr std::size_t kDirections = 2;  // reads, writes
constexpr std::array<const char*, kDirections> kDirectionNames{"read", "write"};

int word_cycles(const MemorySystemConfig& config) {
  return std::max(1, config.word_bytes / (config.ps.width_bits / 8));
}

SmartConnectConfig smart_connect_config(const MemorySystemConfig& config) {
  SmartConnectConfig result;
  result.queue = config.ps.smartconnect_queue;
  result.request_cycles = config.ps.smartconnect_request_cycles;
  result.response_cycles = config.ps.smartconnect_response_cycles;
  result.word_cycles = word_cycles(config);
  result.max_burst_bytes = static_cast<std::uint32_t>(
      std::max(config.word_bytes, config.ps.max_burst_beats * config.ps.width_bits / 8));
  return result;
}

PsPortConfig ps_port_config(const PsConfig& ps, m3sim::PsPort port) {
  PsPortConfig result;
  result.command_queue = ps.command_queue;
  result.data_fifo_beats = ps.data_fifo_beats;
  result.beat_bytes = ps.width_bits / 8;
  result.request_cycles = ps.request_cycles(port);
  result.response_cycles = ps.response_cycles(port);
  return result;
}

// PL cycles that every answer of the memory spends in a PS port: the port gives its command slot and the
// FIFO's room back, and lets data out, no sooner.
Cycle response_lookahead(const PsConfig& ps) {
  Cycle least = kNever;
  for (const m3sim::PsPort port : ps.ps_port)
    least = std::min<Cycle>(least, ps.response_cycles(port));
  return least;
}

// The controller ports in use, in order of their numbers, each with its PS ports.
std::vector<std::pair<int, std::vector<int>>> controller_ports_in_use(const PsConfig& ps) {
  std::vector<std::pair<int, std::vector<int>>> result;
  for (std::size_t p = 0; p < kPsPortCount; ++p) {
    const auto port = static_cast<m3sim::PsPort>(p);
    const auto masters = std::count(ps.ps_port.begin(), ps.ps_port.end(), port);
    if (masters == 0) continue;
    if (masters > 1) {
      throw ConfigError({"ps: port " + std::string(to_word(port)) +
                         " is behind two kernel masters; each needs one of its own"});
    }
    const int number = ps.controller(port);
    auto found = std::find_if(result.begin(), result.end(),
                              [number](const auto& entry) { return entry.first == number; });
    if (found == result.end()) found = result.insert(found, {number, {}});
    found->second.push_back(static_cast<int>(p));
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

// One master with the hops of its own, reads and writes.
struct MemorySystem::Chain {
  std::unique_ptr<AxiMaster> master;
  std::array<std::unique_ptr<SmartConnect>, kDirections> smart_connect;
  std::array<std::unique_ptr<PsPort>, kDirections> ps_port;
};

MemorySystem::MemorySystem(sc_core::sc_module_name name, const MemorySystemConfig& config)
    : sc_module(name), config_(config), clock_(config.pl_hz), store_(config.bytes), calendar_("calendar") {
  const auto ports = controller_ports_in_use(config_.ps);
  const Cycle lookahead = response_lookahead(config_.ps);
  memory_ = Strategies<MemoryTargetKind>::make(std::string(to_word(config_.memory.kind)))
                ->build("memory", {config_, clock_, store_, calendar_,
                                   static_cast<int>(ports.size()), lookahead});
  for (std::size_t p = 0; p < ports.size(); ++p) {
    DdrPortConfig port;
    port.bytes_per_cycle = config_.ps.controller_port_bytes_per_cycle;
    port.ps_ports = ports[p].second;
    for (std::size_t d = 0; d < kDirections; ++d) {
      const std::string label =
          "controller_port" + std::to_string(ports[p].first) + "_" + kDirectionNames[d];
      ddr_ports_.push_back(std::make_unique<DdrPort>(label.c_str(), port, clock_, calendar_));
      connect(ddr_ports_.back()->out, memory_->in[2 * p + d], lookahead);
    }
  }
  for (std::size_t m = 0; m < kMasterCount; ++m) {
    const auto ps_port = static_cast<int>(config_.ps[static_cast<Master>(m)]);
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const auto& behind = ports[p].second;
      const auto found = std::find(behind.begin(), behind.end(), ps_port);
      if (found == behind.end()) continue;
      build_master(static_cast<int>(m), static_cast<int>(p),
                   static_cast<std::size_t>(found - behind.begin()));
    }
  }
}

MemorySystem::~MemorySystem() = default;

void MemorySystem::build_master(int master, int controller_port, std::size_t input) {
  const auto which = static_cast<Master>(master);
  const m3sim::PsPort ps_port = config_.ps[which];
  const std::string label(to_word(which));
  AxiMasterConfig config;
  config.port = config_.port;
  config.ps_port = static_cast<int>(ps_port);
  config.controller_port = controller_port;
  config.word_bytes = config_.word_bytes;
  config.word_cycles = word_cycles(config_);
  config.data = config_.data;
  config.annotate = config_.check_protocol;
  auto chain = std::make_unique<Chain>();
  chain->master = std::make_unique<AxiMaster>(label, config, clock_, pool_, calendar_);
  for (std::size_t d = 0; d < kDirections; ++d) {
    const std::string direction = std::string("_") + kDirectionNames[d];
    auto& smart_connect = chain->smart_connect[d];
    smart_connect = std::make_unique<SmartConnect>((label + "_smartconnect" + direction).c_str(),
                                                   smart_connect_config(config_), clock_, pool_);
    auto& port = chain->ps_port[d];
    port = std::make_unique<PsPort>((std::string(to_word(ps_port)) + direction).c_str(),
                                    ps_port_config(config_.ps, ps_port), clock_);
    connect(d == 0 ? chain->master->read.socket : chain->master->write.socket, smart_connect->in,
            0);
    connect(smart_connect->out, port->in, config_.ps.smartconnect_response_cycles);
    connect(port->out, ddr_ports_[2 * static_cast<std::size_t>(controller_port) + d]->in[input],
            response_lookahead(config_.ps));
  }
  chains_.push_back(std::move(chain));
}

void MemorySystem::connect(tlm::tlm_initiator_socket<>& from, tlm::tlm_target_socket<>& to,
                           Cycle lookahead) {
  if (!config_.check_protocol) {
    from.bind(to);
    return;
  }
  const std::string label = "checker" + std::to_string(checkers_.size());
  checkers_.push_back(std::make_unique<ProtocolChecker>(label.c_str(), clock_, lookahead, &calendar_));
  from.bind(checkers_.back()->in);
  checkers_.back()->out.bind(to);
}

timing::ReadChannel& MemorySystem::open_read(int master, std::string name, int process) {
  return chains_[static_cast<std::size_t>(master)]->master->read.open(std::move(name), process);
}

timing::WriteChannel& MemorySystem::open_write(int master, std::string name, int process) {
  return chains_[static_cast<std::size_t>(master)]->master->write.open(std::move(name), process);
}

void MemorySystem::debug(tlm::tlm_command command, std::uint64_t address, void* bytes,
                         std::size_t count) {
  if (!store_.contains(address, count)) {
    throw std::out_of_range("memory: " + std::to_string(count) + " bytes at " +
                            std::to_string(address) + " are beyond its end");
  }
  constexpr std::size_t kMost = std::size_t{1} << 30;  // a payload's length has 32 bits
  auto& socket = chains_.front()->master->read.socket;
  auto* data = static_cast<std::uint8_t*>(bytes);
  while (count > 0) {
    const auto part = static_cast<unsigned>(std::min(count, kMost));
    Payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(part);
    payload.set_streaming_width(part);
    socket->transport_dbg(payload);
    address += part;
    data += part;
    count -= part;
  }
}

void MemorySystem::load(std::uint64_t address, const void* bytes, std::size_t count) {
  debug(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(bytes), count);
}

void MemorySystem::read_back(std::uint64_t address, void* bytes, std::size_t count) {
  debug(tlm::TLM_READ_COMMAND, address, bytes, count);
}

bool MemorySystem::idle() const {
  return std::all_of(chains_.begin(), chains_.end(),
                     [](const auto& chain) { return chain->master->idle(); });
}

MasterStats MemorySystem::read_stats(int master) const {
  const Chain& chain = *chains_[static_cast<std::size_t>(master)];
  return {chain.master->read.stats(), chain.smart_connect[0]->stats(), chain.ps_port[0]->stats()};
}

MasterStats MemorySystem::write_stats(int master) const {
  const Chain& chain = *chains_[static_cast<std::size_t>(master)];
  return {chain.master->write.stats(), chain.smart_connect[1]->stats(), chain.ps_port[1]->stats()};
}

const HopStats& MemorySystem::controller_port_stats(int port, bool write) const {
  return ddr_ports_[2 * static_cast<std::size_t>(port) + (write ? 1 : 0)]->stats();
}

}  // namespace m3sim::tlm_mem
