// A kernel twice: simulated and Verilated, each with the same random surroundings in lockstep.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/rtl/design.hpp"
#include "model/rtl/rtl_pipeline.hpp"
#include "tests/rtl/stimuli.hpp"

namespace m3sim::test {

/// Everything that one run of a kernel did.
struct Record {
  struct Event {
    timing::Cycle cycle;
    char kind;  // r read, w write, q request, t word taken or put, ! never ended
    int port;   // write ports count from 10
    std::uint64_t what = 0;
    auto operator<=>(const Event&) const = default;
  };
  std::vector<Event> events;
  std::vector<std::int32_t> values;  // of output items
  std::vector<std::uint8_t> bytes;   // of words put
  std::vector<timing::Cycle> stalls;
  std::int64_t iterations = 0;
  timing::Cycle end = 0;

  std::string difference(const Record& other) const {
    for (std::size_t i = 0; i < std::max(events.size(), other.events.size()); ++i) {
      const bool both = i < events.size() && i < other.events.size();
      if (both && events[i] == other.events[i]) continue;
      const auto text = [&](const Record& r) {
        if (i >= r.events.size()) return std::string("nothing");
        const Event& e = r.events[i];
        return std::string(1, e.kind) + std::to_string(e.port) + " in cycle " +
               std::to_string(e.cycle) + " (" + std::to_string(e.what) + ")";
      };
      return "event " + std::to_string(i) + ": simulated " + text(*this) + ", RTL " + text(other);
    }
    if (values != other.values) return "values of output items differ";
    if (bytes != other.bytes) return "words put differ";
    if (iterations != other.iterations) return "iterations differ";
    if (end != other.end) return "ends differ";
    for (std::size_t i = 0; i < stalls.size(); ++i)
      if (stalls[i] != other.stalls[i])
        return "stall account " + std::to_string(i) + ": simulated " + std::to_string(stalls[i]) +
               ", RTL " + std::to_string(other.stalls[i]);
    return {};
  }
  std::int64_t operations() const { return static_cast<std::int64_t>(events.size()); }
};

/// Notes a stream's reads or writes.
class StreamLog final : public timing::StreamListener {
 public:
  StreamLog(Record& record, char kind, int port) : record_(record), kind_(kind), port_(port) {}
  void on_write(timing::Cycle cycle) override {
    if (kind_ == 'w') record_.events.push_back({cycle, 'w', port_});
  }
  void on_read(timing::Cycle cycle) override {
    if (kind_ == 'r') record_.events.push_back({cycle, 'r', port_});
  }

 private:
  Record& record_;
  char kind_;
  int port_;
};

/// Memory sides that also note what they are asked.
template <class Fake, class Channel>
class MemoryLog final : public timing::ChannelListener {
 public:
  MemoryLog(Record& record, Channel& channel, int port, std::uint64_t seed, int slowest)
      : record_(record), channel_(channel), fake_(channel, seed, slowest), port_(port) {
    channel.connect(*this);
  }
  void on_request(timing::Cycle cycle) override {
    const timing::MemoryRequest request = channel_.newest_request();
    record_.events.push_back({cycle, 'q', port_, request.address * 65536 + request.words});
    fake_.on_request(cycle);
  }
  void on_word(timing::Cycle cycle) override {
    record_.events.push_back({cycle, 't', port_});
    fake_.on_word(cycle);
  }
  Fake& fake() { return fake_; }

 private:
  Record& record_;
  Channel& channel_;
  Fake fake_;
  int port_;
};

/// Gaps between a source's or sink's items.
class Gaps {
 public:
  Gaps(std::uint64_t seed, int worst) : draw_(seed), worst_(worst) {}
  timing::Cycle next() { return worst_ == 0 || draw_.from(0, 2) > 0 ? 0 : draw_.from(0, worst_); }

 private:
  Draw draw_;
  int worst_;
};

/// Runs a kernel of a configuration with one seed: simulated where `socket` is null.
template <class Kernel>
Record run_kernel(const AcceleratorConfig& config, std::uint64_t seed,
                  const rtl::SocketLayout* layout, std::unique_ptr<rtl::SocketModel> socket) {
  using namespace timing;
  Draw draw(seed);
  HostMemories memories(draw);
  auto made = Kernel::template make<N>(config, memories);
  auto& actor = made->actor;
  using Actor = std::decay_t<decltype(actor)>;
  Setup setup{config, draw, memories};
  Record record;
  std::vector<std::uint8_t> store(1 << 18);
  for (std::size_t i = 0; i < store.size(); i += 4) {
    const std::int32_t v = draw.value();
    std::memcpy(store.data() + i, &v, 4);
  }
  const int depth_limit = draw.from(1, 4), gap = draw.from(0, 3) * draw.from(0, 6);
  const int word_bytes = config.word.bytes();

  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::unique_ptr<StreamLog>> logs;
  std::vector<Stream*> in, out;
  const auto stream = [&](int lanes, char kind, int port) {
    streams.push_back(std::make_unique<Stream>("s", draw.from(1, depth_limit), lanes, true));
    logs.push_back(std::make_unique<StreamLog>(record, kind, port));
    streams.back()->listen(logs.back().get());
    return streams.back().get();
  };
  for (int k = 0; k < Actor::kInputs; ++k) in.push_back(stream(actor.input_lanes(k), 'r', k));
  for (int k = 0; k < Actor::kOutputs; ++k) out.push_back(stream(actor.output_lanes(k), 'w', k));

  std::vector<std::unique_ptr<ReadChannel>> read_channels;
  std::vector<std::unique_ptr<WriteChannel>> write_channels;
  std::vector<std::unique_ptr<MemoryLog<FakeRead, ReadChannel>>> fake_reads;
  std::vector<std::unique_ptr<MemoryLog<FakeWrite, WriteChannel>>> fake_writes;
  std::vector<ReadBinding> reads;
  std::vector<WriteBinding> writes;
  const int queue = config.port.request_queue;
  const int slowest = draw.from(1, 2 * config.port.scheduled_latency);
  for (int m = 0; m < Actor::kReadPorts; ++m) {
    read_channels.push_back(std::make_unique<ReadChannel>("r", 0, queue));
    fake_reads.push_back(std::make_unique<MemoryLog<FakeRead, ReadChannel>>(
        record, *read_channels.back(), m, seed + 100 + std::uint64_t(m), slowest));
    reads.push_back({read_channels.back().get(), store.data(), 0, word_bytes, 0, 0});
  }
  for (int m = 0; m < Actor::kWritePorts; ++m) {
    write_channels.push_back(
        std::make_unique<WriteChannel>("w", 0, queue, draw.from(1, 16), word_bytes, true));
    fake_writes.push_back(std::make_unique<MemoryLog<FakeWrite, WriteChannel>>(
        record, *write_channels.back(), 10 + m, seed + 200 + std::uint64_t(m), slowest));
    writes.push_back({write_channels.back().get(), 0, word_bytes, 0});
  }

  auto simulated = std::make_unique<Pipeline<Actor>>(Kernel::timing(config), actor, in, out, reads,
                                                     writes, true);
  Pipeline<Actor>& pipeline = *simulated;
  std::unique_ptr<PipelineBase> run = std::move(simulated);
  if (socket)
    run = std::make_unique<rtl::RtlPipeline<Actor>>(
        *layout, std::move(socket),
        std::unique_ptr<Pipeline<Actor>>(static_cast<Pipeline<Actor>*>(run.release())), in, out);
  Process process("kernel", 0, 1);
  const PipelineBase& dut = *run;
  process.add_phase(std::move(run), [&](int) { begin(pipeline.actor(), setup); });
  bool ended = false;
  process.on_end([&](Process&, Cycle end) {
    ended = true;
    record.end = end;
  });

  std::vector<Gaps> gaps;
  for (std::size_t k = 0; k < in.size() + out.size(); ++k) gaps.emplace_back(seed + 300 + k, gap);
  std::vector<Cycle> next(gaps.size());
  process.start(1, 2);  // twice: what one run leaves behind must not disturb the next
  Cycle cycle = 1;
  const auto drained = [&] {
    return std::all_of(out.begin(), out.end(), [](const Stream* s) { return s->empty(); });
  };
  for (; (!ended || !drained()) && cycle < 200000; ++cycle) {
    for (std::size_t k = 0; k < in.size(); ++k)
      if (cycle >= next[k] && in[k]->slot() <= cycle) {
        std::int32_t* lanes = in[k]->push_value();
        for (int l = 0; l < in[k]->lanes(); ++l) lanes[l] = draw.value();
        if (setup.values.count(int(k))) setup.values[int(k)](lanes, in[k]->lanes());
        in[k]->write(cycle);
        next[k] = cycle + 1 + gaps[k].next();
      }
    process.step(cycle);
    for (std::size_t k = 0; k < out.size(); ++k) {
      const std::size_t i = in.size() + k;
      if (cycle < next[i] || out[k]->available() > cycle) continue;
      record.values.insert(record.values.end(), out[k]->front_value(),
                           out[k]->front_value() + out[k]->lanes());
      out[k]->read(cycle);
      next[i] = cycle + 1 + gaps[i].next();
    }
  }
  if (!ended) record.events.push_back({cycle, '!', 0});
  // What happens in one cycle has no order.
  std::sort(record.events.begin(), record.events.end());
  for (auto& w : fake_writes)
    record.bytes.insert(record.bytes.end(), w->fake().bytes.begin(), w->fake().bytes.end());
  rtl::visit_memories(pipeline.actor(), [&](const char* name, auto& memory) {
    (void)name;
    const std::size_t lanes = memory.data ? memories.lanes_of(memory.data) : 0;
    for (std::size_t i = 0; i < lanes && !memories.is_private(memory.data); ++i)
      record.values.push_back(memory.data[i]);
  });
  if constexpr (requires { actor.shared; })
    actor.shared->state([&](const char*, auto& v) { record.values.push_back(v); });
  for (std::size_t c = 0; c < kCauseCount; ++c)
    record.stalls.push_back(process.account()[static_cast<Cause>(c)]);
  for (const Stream* s : in) record.stalls.push_back(s->reader_waited);
  for (const Stream* s : out) record.stalls.push_back(s->writer_waited);
  record.iterations = dut.iterations();
  return record;
}

}  // namespace m3sim::test
