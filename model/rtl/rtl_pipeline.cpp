#include "model/rtl/rtl_pipeline.hpp"

namespace m3sim::rtl {

using timing::Cause;
using timing::Cycle;
using timing::Wait;
using Kind = Wait::Kind;
using Pin = SocketPort;

SocketLayout layout_of(const Design& design, const Module& module) {
  SocketLayout layout;
  layout.timing = design.schedule.timing;
  const auto& memories = design.trace.graph->memories();
  const auto side = [&](int number) {
    const Memory& m = memories[static_cast<std::size_t>(number)];
    return SocketLayout::MemorySide{number, m.lanes, m.lane_bits / 8, m.words};
  };
  for (const OutsideRead& r : module.reads) layout.reads.push_back(side(r.memory));
  for (const OutsideWrite& w : module.writes) layout.writes.push_back(side(w.memory));
  const auto& registers = design.trace.registers;
  for (const StartInput& input : design.trace.start) {
    const auto holds = [&](const Register& r) { return r.start == input.node; };
    const auto found = std::find_if(registers.begin(), registers.end(), holds);
    layout.start_registers.push_back(
        found == registers.end() ? -1 : static_cast<int>(found - registers.begin()));
  }
  layout.shared = static_cast<int>(std::count_if(registers.begin(), registers.end(),
                                                 [](const Register& r) { return r.shared; }));
  return layout;
}

RtlPipelineBase::RtlPipelineBase(SocketLayout layout, std::unique_ptr<SocketModel> model)
    : layout_(std::move(layout)), model_(std::move(model)) {
  std::size_t bytes = 0;
  for (const auto& r : layout_.reads) bytes += static_cast<std::size_t>(r.lanes * r.lane_bytes);
  read_bytes_.resize(bytes);
  model_->set_bit(Pin::reset, 0, true);
  clock();
  model_->set_bit(Pin::reset, 0, false);
}

/// One edge: the values on the ports are taken, the outputs become those of the next cycle.
void RtlPipelineBase::clock() {
  model_->set_bit(Pin::clk, 0, true);
  model_->evaluate();
  model_->set_bit(Pin::clk, 0, false);
}

/// In the order in which the module numbers them (held_by).
void RtlPipelineBase::list_reasons() {
  reasons_.clear();
  const auto add = [&](Cause cause, Kind kind, std::size_t port) {
    reasons_.push_back({cause, kind, static_cast<int>(port)});
  };
  for (std::size_t k = 0; k < b_.out.size(); ++k) add(Cause::kOutputFull, Kind::kOutput, k);
  for (std::size_t m = 0; m < b_.reads.size(); ++m) {
    add(Cause::kMemoryRead, Kind::kReadData, m);
    add(Cause::kMemoryRead, Kind::kReadRequest, m);
  }
  for (std::size_t m = 0; m < b_.writes.size(); ++m) {
    add(Cause::kMemoryWrite, Kind::kWriteRequest, m);
    add(Cause::kMemoryWrite, Kind::kWriteData, m);
    if (layout_.timing.response_stage >= 0) add(Cause::kMemoryWrite, Kind::kWriteResponse, m);
  }
  for (std::size_t k = 0; k < b_.in.size(); ++k) add(Cause::kInputEmpty, Kind::kInput, k);
}

void RtlPipelineBase::start(Cycle first, timing::Process& owner) {
  b_ = bind();
  owner_ = &owner;
  list_reasons();
  runs_.assign(b_.reads.size(), {});
  for (std::size_t i = 0; i < layout_.start_registers.size(); ++i) {
    const int from = layout_.start_registers[i];
    const std::int32_t value = from < 0 ? 0 : b_.registers[static_cast<std::size_t>(from)];
    model_->set_number(Pin::start_values, i, static_cast<std::uint32_t>(value));
  }
  // The registers are loaded in the cycle before the first.
  model_->set_bit(Pin::start, 0, true);
  offer(first - 1);
  model_->evaluate();
  serve_memories();
  clock();
  model_->set_bit(Pin::start, 0, false);
  held_ = 0;
  started_ = first;
  busy_until_ = 0;
  issued_ = asleep_ = false;
  blocked_by_ = starved_by_ = -1;
  held_for_word_.clear();
  end_ = first;
  if (log_) log_->start(first);
  offer(first);
  model_->evaluate();
}

const std::uint8_t* RtlPipelineBase::store_word(std::size_t m) const {
  const timing::ReadBinding& r = b_.reads[m];
  return runs_[m].empty() || !r.store ? nullptr : r.store + runs_[m].front().address;
}

/// Puts on the inputs what the surroundings have in this cycle.
void RtlPipelineBase::offer(Cycle cycle) {
  std::size_t at = 0;
  for (std::size_t k = 0; k < b_.in.size(); ++k) {
    const timing::Stream& s = *b_.in[k];
    const bool valid = s.available() <= cycle;
    const auto bytes = 4 * static_cast<std::size_t>(s.lanes());
    model_->set_bit(Pin::in_valid, k, valid);
    if (valid) std::memcpy(model_->bytes(Pin::in_data) + at, s.front_value(), bytes);
    at += bytes;
  }
  for (std::size_t k = 0; k < b_.out.size(); ++k)
    model_->set_bit(Pin::out_ready, k, b_.out[k]->slot() <= cycle);
  offer_reads(cycle);
  for (std::size_t m = 0; m < b_.writes.size(); ++m) {
    const timing::WriteChannel* c = b_.writes[m].channel;
    model_->set_bit(Pin::request_ready, b_.reads.size() + m, c && c->request_slot() <= cycle);
    model_->set_bit(Pin::put_ready, m, c && c->data_slot() <= cycle);
    if (layout_.timing.response_stage >= 0)
      model_->set_bit(Pin::response_valid, m, c && c->response() <= cycle);
  }
  if (!read_bytes_.empty())
    std::memcpy(model_->bytes(Pin::read_data), read_bytes_.data(), read_bytes_.size());
  if (layout_.shared > 0) {
    std::size_t i = 0;
    for (const std::int32_t value : shared_values())
      model_->set_number(Pin::shared, i++, static_cast<std::uint32_t>(value));
  }
}

void RtlPipelineBase::offer_reads(Cycle cycle) {
  std::size_t at = 0;
  for (std::size_t m = 0; m < b_.reads.size(); ++m) {
    const timing::ReadBinding& r = b_.reads[m];
    model_->set_bit(Pin::request_ready, m, r.channel && r.channel->request_slot() <= cycle);
    model_->set_bit(Pin::take_valid, m, r.channel && r.channel->arrival() <= cycle);
    if (const std::uint8_t* word = store_word(m))
      std::memcpy(model_->bytes(Pin::take_data) + at, word, static_cast<std::size_t>(r.word_bytes));
    at += static_cast<std::size_t>(r.word_bytes);
  }
}

bool RtlPipelineBase::step(Cycle cycle) {
  if (model_->bit(Pin::finished, 0)) return retire(cycle);
  asleep_ = false;
  blocked_by_ = starved_by_ = -1;
  offer(cycle);
  model_->evaluate();
  if (model_->bit(Pin::held, 0)) {
    account_hold(cycle);
  } else {
    transfer(cycle);
  }
  serve_memories();
  clock();
  // What the registers say of the end does not depend on the next cycle's inputs.
  return model_->bit(Pin::finished, 0) ? retire(cycle + 1) : false;
}

void RtlPipelineBase::transfer(Cycle cycle) {
  for (const auto& [port, held] : held_for_word_) {
    const timing::ReadChannel& c = *b_.reads[static_cast<std::size_t>(port)].channel;
    if (held < c.arrival() - c.lost()) continue;
    --account_[Cause::kMemoryRead];
    ++account_[Cause::kArbitration];
    if (log_) log_->lost(held);
  }
  held_for_word_.clear();
  bool moved = move_streams(cycle);
  moved |= move_reads(cycle);
  moved |= move_writes(cycle);
  if (const int starved = model_->bytes(Pin::starved_by)[0]; starved > 0) {
    timing::Stream& s = *b_.in[static_cast<std::size_t>(starved - 1)];
    ++account_[Cause::kInputEmpty];
    ++s.reader_waited;
    s.sleep_reader(owner_);
    starved_by_ = starved - 1;
    blocked_since_ = cycle;
  }
  if (model_->bit(Pin::issue, 0)) {
    moved = true;
    last_issue_ = cycle - held_;
    if (log_) log_->issue(cycle, layout_.timing.ii);
    account_issue();
  }
  if (moved) last_move_ = std::max(last_move_, cycle);
}

bool RtlPipelineBase::move_streams(Cycle cycle) {
  bool moved = false;
  std::size_t at = 0;
  for (std::size_t k = 0; k < b_.out.size(); ++k) {
    timing::Stream& s = *b_.out[k];
    const auto bytes = 4 * static_cast<std::size_t>(s.lanes());
    if (model_->bit(Pin::out_valid, k)) {
      std::memcpy(s.push_value(), model_->bytes(Pin::out_data) + at, bytes);
      s.write(cycle);
      moved = true;
    }
    at += bytes;
  }
  for (std::size_t k = 0; k < b_.in.size(); ++k)
    if (model_->bit(Pin::in_ready, k)) {
      b_.in[k]->read(cycle);
      moved = true;
    }
  return moved;
}

bool RtlPipelineBase::move_reads(Cycle cycle) {
  bool moved = false;
  bool opened = false;
  for (std::size_t m = 0; m < b_.reads.size(); ++m) {
    timing::ReadBinding& r = b_.reads[m];
    auto& runs = runs_[m];
    if (model_->bit(Pin::take, m)) {
      r.channel->take(cycle);
      runs.front().address += static_cast<std::uint64_t>(r.word_bytes);
      if (--runs.front().left == 0) runs.erase(runs.begin());
      moved = true;
    }
    if (!model_->bit(Pin::request, m)) continue;
    const std::uint64_t address = r.base + std::uint64_t{model_->number(Pin::request_word, m)} *
                                               static_cast<std::uint64_t>(r.word_bytes);
    const std::uint32_t words = model_->number(Pin::request_words, m);
    runs.push_back({address, words});
    r.channel->post({cycle, address, words, 0, r.step, r.depends_on});
    moved = true;
    opened |= layout_.timing.request_before_loop && !issued_;
  }
  if (opened) {
    account_[Cause::kMemoryRead] += layout_.timing.request_wait;
    if (log_) log_->work(Cause::kMemoryRead, layout_.timing.request_wait);
    busy_until_ = cycle - held_ + layout_.timing.request_wait;
  }
  return moved;
}

bool RtlPipelineBase::move_writes(Cycle cycle) {
  bool moved = false;
  std::size_t at = 0;
  for (std::size_t m = 0; m < b_.writes.size(); ++m) {
    timing::WriteBinding& w = b_.writes[m];
    const auto bytes = static_cast<std::size_t>(w.word_bytes);
    if (model_->bit(Pin::request, b_.reads.size() + m)) {
      const std::size_t i = b_.reads.size() + m;
      const std::uint64_t address =
          w.base + std::uint64_t{model_->number(Pin::request_word, i)} * bytes;
      w.channel->post({cycle, address, model_->number(Pin::request_words, i), 0, w.step, 0});
      moved = true;
    }
    if (model_->bit(Pin::put, m)) {
      if (std::uint8_t* to = w.channel->push_value())
        std::memcpy(to, model_->bytes(Pin::put_data) + at, bytes);
      w.channel->put(cycle);
      moved = true;
    }
    if (layout_.timing.response_stage >= 0 && model_->bit(Pin::response_take, m)) {
      w.channel->take_response();
      moved = true;
    }
    at += bytes;
  }
  return moved;
}

/// The on-chip memories outside the module: registered reads, which see the words before the
/// cycle's writes.
void RtlPipelineBase::serve_memories() {
  std::size_t at = 0;
  for (std::size_t i = 0; i < layout_.reads.size(); ++i) {
    const auto& side = layout_.reads[i];
    const auto bytes = static_cast<std::size_t>(side.lanes * side.lane_bytes);
    if (model_->bit(Pin::read_enable, i)) {
      const HostMemory& memory = b_.memories[static_cast<std::size_t>(side.memory)];
      const std::uint32_t word = model_->number(Pin::read_address, i);
      const bool exists = memory.data && word < static_cast<std::uint32_t>(side.words);
      if (exists)
        std::memcpy(read_bytes_.data() + at, memory.data + std::size_t{word} * bytes, bytes);
      else
        std::memset(read_bytes_.data() + at, 0, bytes);
    }
    at += bytes;
  }
  std::size_t lane_bit = 0;
  at = 0;
  for (std::size_t i = 0; i < layout_.writes.size(); ++i) {
    const auto& side = layout_.writes[i];
    const HostMemory& memory = b_.memories[static_cast<std::size_t>(side.memory)];
    const auto lane = static_cast<std::size_t>(side.lane_bytes);
    const std::uint32_t word = model_->number(Pin::write_address, i);
    for (std::size_t l = 0; l < static_cast<std::size_t>(side.lanes); ++l) {
      if (!model_->bit(Pin::write_lanes, lane_bit + l)) continue;
      if (!memory.data || word >= static_cast<std::uint32_t>(side.words))
        throw std::out_of_range("a kernel writes word " + std::to_string(word) + " of " +
                                std::to_string(side.words));
      std::memcpy(
          memory.data + (std::size_t{word} * static_cast<std::size_t>(side.lanes) + l) * lane,
          model_->bytes(Pin::write_data) + at + l * lane, lane);
    }
    lane_bit += static_cast<std::size_t>(side.lanes);
    at += static_cast<std::size_t>(side.lanes) * lane;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(layout_.shared); ++i)
    if (model_->bit(Pin::shared_write, i))
      write_shared(i, static_cast<std::int32_t>(model_->number(Pin::shared_next, i)));
}

timing::MemoryChannel* RtlPipelineBase::channel(const Reason& reason) const {
  const auto port = static_cast<std::size_t>(reason.port);
  switch (reason.kind) {
    case Kind::kReadRequest:
    case Kind::kReadData: return b_.reads[port].channel;
    case Kind::kWriteRequest:
    case Kind::kWriteData:
    case Kind::kWriteResponse: return b_.writes[port].channel;
    default: return nullptr;
  }
}

void RtlPipelineBase::account_hold(Cycle cycle) {
  const int number = model_->bytes(Pin::held_by)[0] - 1;
  const Reason& reason = reasons_.at(static_cast<std::size_t>(number));
  ++account_[reason.cause];
  if (log_) log_->held(reason.cause, cycle, cycle + 1);
  ++held_;
  blocked_by_ = number;
  blocked_since_ = cycle;
  asleep_ = true;
  const auto port = static_cast<std::size_t>(reason.port);
  if (reason.kind == Kind::kOutput) {
    ++b_.out[port]->writer_waited;
    b_.out[port]->sleep_writer(owner_);
  } else if (reason.kind == Kind::kInput) {
    ++b_.in[port]->reader_waited;
    b_.in[port]->sleep_reader(owner_);
  } else {
    if (reason.kind == Kind::kReadData) held_for_word_.push_back({reason.port, cycle});
    channel(reason)->set_sleeper(owner_);
  }
}

void RtlPipelineBase::account_issue() {
  account_[Cause::kBusy] += layout_.timing.ii;
  busy_until_ = last_issue_ + layout_.timing.ii;
  issued_ = true;
  ++iterations_;
}

bool RtlPipelineBase::retire(Cycle end) {
  end_ = end;
  if (issued_) {
    const Cycle tau = last_issue_ + layout_.timing.depth;
    account_[Cause::kBusy] -= std::max<Cycle>(0, busy_until_ - tau);
    account_[Cause::kFillDrain] += std::max<Cycle>(0, tau - busy_until_);
  }
  if (log_) log_->end(end_);
  asleep_ = false;
  return true;
}

Wait RtlPipelineBase::blocked() const {
  if (starved_by_ >= 0)
    return {Kind::kInput, b_.in[static_cast<std::size_t>(starved_by_)], nullptr, blocked_since_};
  if (blocked_by_ < 0) return {};
  const Reason& reason = reasons_[static_cast<std::size_t>(blocked_by_)];
  const auto port = static_cast<std::size_t>(reason.port);
  if (reason.kind == Kind::kOutput) return {reason.kind, b_.out[port], nullptr, blocked_since_};
  if (reason.kind == Kind::kInput) return {reason.kind, b_.in[port], nullptr, blocked_since_};
  return {reason.kind, nullptr, channel(reason), blocked_since_};
}

bool RtlPipelineBase::reads_from(const timing::Stream& stream) const {
  return std::find(b_.in.begin(), b_.in.end(), &stream) != b_.in.end();
}
bool RtlPipelineBase::writes_to(const timing::Stream& stream) const {
  return std::find(b_.out.begin(), b_.out.end(), &stream) != b_.out.end();
}

}  // namespace m3sim::rtl
