// One firing of a kernel as a graph: what `trace` finds by running an actor with symbolic numbers.
#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/kernels/actor.hpp"
#include "model/rtl/symbolic.hpp"

namespace m3sim::rtl {

/// Names of a kernel's ports, in the actor's order.
struct PortNames {
  std::vector<std::string> inputs, outputs, reads, writes;
};

struct Register {
  std::string name;
  int width = 1;
  bool is_signed = false;
  bool shared = false;  // of the process: its phases use it, too
  Node* node = nullptr;
  Node* start = nullptr;  // value that the start pulse loads; null: stays
  Node* next = nullptr;   // value after a firing
  /// Changes only at the start: read in any stage.
  bool stable() const { return next == node; }
};

struct StartInput {
  std::string name;
  int width = 1;
  Node* node = nullptr;
};

/// Port data of a firing. `active`: the firing reads or writes the stream.
struct StreamPort {
  std::string name;
  int lanes = 1;
  Node* active = nullptr;
  std::vector<Node*> data;  // of an output
};

/// `requests`, `moves`: the firing asks for words, takes or puts one.
struct MemoryPort {
  std::string name;
  Node* requests = nullptr;
  Node* word = nullptr;
  Node* words = nullptr;
  Node* moves = nullptr;
  std::vector<Node*> data;  // of a write port
};

struct Trace {
  std::unique_ptr<Graph> graph;
  std::vector<StartInput> start;
  std::vector<Register> registers;
  std::vector<StreamPort> inputs, outputs;
  std::vector<MemoryPort> reads, writes;
  int word_lanes = 8;  // of memory ports
  Node* done = nullptr;
};

namespace detail {

/// Makes memories of the graph being traced. The words count where a memory is private.
class MemoryMaker {
 public:
  Symbolic::Memory words32(const std::string& name, int words, int lanes, bool is_private) {
    return {Graph::current().add_memory({name, lanes, 32, words, is_private}), lanes};
  }
  Symbolic::Memory16 words16(const std::string& name, int words, int lanes, bool is_private) {
    return {Graph::current().add_memory({name, lanes, 16, words, is_private}), lanes};
  }
};

template <class T>
constexpr bool kIsIndex = std::is_same_v<T, Symbolic::Index>;

/// Visits the actor's parameters, what the phases share, and its own registers.
template <class Actor, class F>
void visit_registers(Actor& actor, F&& f) {
  if constexpr (requires { actor.shared; })
    actor.shared->state([&](const char* name, auto& value) { f(name, value, true); });
  actor.state([&](const char* name, auto& value) { f(name, value, false); });
}

/// Registers by name: numbered where a name comes several times. A counter visits its position and
/// its limit under one name; the second is called `..._limit`.
class RegisterNames {
 public:
  void next(const std::string& name, bool may_be_counter) {
    const bool limit = may_be_counter && counter_ == name;
    names_.push_back(limit ? name + "_limit" : name);
    counter_ = may_be_counter && !limit ? name : std::string();
  }
  std::vector<std::string> all() const {
    std::vector<std::string> unique;
    for (const std::string& name : names_) {
      const auto count = std::count(names_.begin(), names_.end(), name);
      const auto before = std::count(
          names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(unique.size()), name);
      unique.push_back(count == 1 ? name : name + "_" + std::to_string(before));
    }
    return unique;
  }

 private:
  std::string counter_;
  std::vector<std::string> names_;
};

/// What an earlier trace found a register to be for ever; null: it changes.
inline const Node* constant_of(const Trace* before, std::size_t number) {
  if (!before || number >= before->registers.size()) return nullptr;
  const Register& r = before->registers[number];
  return !r.shared && r.stable() && r.start && is_constant(r.start) ? r.start : nullptr;
}

/// Gives every visited value a register, or the constant that an earlier trace found it to be.
template <class Actor>
void make_registers(Actor& actor, const Trace* before, Trace& trace) {
  Graph& graph = *trace.graph;
  RegisterNames names;
  visit_registers(actor, [&](const char* name, auto& value, bool shared) {
    using T = std::decay_t<decltype(value)>;
    const std::size_t number = trace.registers.size();
    Register r;
    names.next(name, kIsIndex<T> && !shared);
    r.shared = shared;
    const Node* fixed = constant_of(before, number);
    if constexpr (kIsIndex<T>) {
      r.width = graph.index_bits();
      // What `limit` follows never exceeds it.
      const Node* limit = constant_of(before, number + 1);
      if (limit && before->registers[number + 1].name == before->registers[number].name + "_limit")
        r.width = limit->width;
    } else if constexpr (std::is_same_v<T, Symbolic::Bool>) {
      r.width = 1;
    } else {
      r.width = T::kWidth;
      r.is_signed = T::kSigned;
    }
    r.node = fixed ? graph.constant(fixed->width, fixed->is_signed, fixed->value)
                   : graph.leaf(Op::kRegister, r.width, r.is_signed, number);
    value = T(r.node);
    trace.registers.push_back(r);
  });
  const std::vector<std::string> all = names.all();
  for (std::size_t r = 0; r < all.size(); ++r) trace.registers[r].name = all[r];
}

/// Runs start() with symbolic parameters and records what it loads.
template <class Actor>
void trace_start(Actor& actor, Trace& trace) {
  Graph& graph = *trace.graph;
  typename Actor::Params params;
  RegisterNames names;
  auto visit = [&](const char* name, auto& value) {
    using T = std::decay_t<decltype(value)>;
    StartInput input;
    names.next(name, false);
    bool is_signed = false;
    if constexpr (kIsIndex<T>) {
      input.width = graph.index_bits();
    } else if constexpr (!std::is_same_v<T, Symbolic::Bool>) {
      input.width = T::kWidth;
      is_signed = T::kSigned;
    }
    input.node = graph.leaf(Op::kStart, input.width, is_signed, trace.start.size());
    value = T(input.node);
    trace.start.push_back(input);
  };
  if constexpr (requires { params.state(visit); }) {
    params.state(visit);
  } else {
    params.from.state(visit);
    params.to.state(visit);
  }
  const std::vector<std::string> all = names.all();
  for (std::size_t i = 0; i < all.size(); ++i) trace.start[i].name = all[i];
  actor.start(params);
  std::size_t r = 0;
  visit_registers(actor, [&](const char*, auto& value, bool) {
    Register& to = trace.registers[r++];
    Node* loaded = value.node();
    to.start = loaded == to.node ? nullptr : loaded;
    value = std::decay_t<decltype(value)>(to.node);
  });
}

template <class Lane>
std::vector<Lane> lanes_of(Graph& graph, Op op, int port, int lanes) {
  std::vector<Lane> values;
  for (int i = 0; i < lanes; ++i)
    values.push_back(Lane(graph.leaf(op, 32, true, static_cast<std::uint64_t>(port), i)));
  return values;
}

/// One firing, in the order that actor.hpp says.
template <class Actor>
void trace_firing(Actor& actor, const PortNames& names, Trace& trace) {
  using I32 = Symbolic::I32;
  constexpr int kIn = Actor::kInputs, kOut = Actor::kOutputs;
  constexpr int kRead = Actor::kReadPorts, kWrite = Actor::kWritePorts;
  Graph& graph = *trace.graph;
  std::array<std::vector<I32>, kIn + 1> in;
  std::array<std::vector<I32>, kRead + 1> taken;
  std::array<std::vector<I32>, kOut + 1> out;
  std::array<std::vector<I32>, kWrite + 1> put;
  const I32 *in_lanes[kIn + 1] = {}, *taken_lanes[kRead + 1] = {};
  I32 *out_lanes[kOut + 1] = {}, *put_lanes[kWrite + 1] = {};
  trace.done = actor.done().node();
  for (int k = 0; k < kIn; ++k) {
    const auto i = static_cast<std::size_t>(k);
    in[i] = lanes_of<I32>(graph, Op::kInput, k, actor.input_lanes(k));
    in_lanes[k] = in[i].data();
    trace.inputs.push_back({names.inputs.at(i), actor.input_lanes(k), actor.reads(k).node(), {}});
  }
  if constexpr (Actor::kSteers) actor.steer(in_lanes);
  const auto port_of = [&](const std::string& name, int m) {
    const kernels::Request<Symbolic> request = actor.request(m);
    return MemoryPort{
        name, actor.requests(m).node(), request.word.node(), request.words.node(), nullptr, {}};
  };
  for (int m = 0; m < kRead; ++m) {
    const auto i = static_cast<std::size_t>(m);
    taken[i] = lanes_of<I32>(graph, Op::kResponse, m, trace.word_lanes);
    taken_lanes[m] = taken[i].data();
    trace.reads.push_back(port_of(names.reads.at(i), m));
    trace.reads.back().moves = actor.takes(m).node();
  }
  for (int k = 0; k < kOut; ++k) {
    const auto i = static_cast<std::size_t>(k);
    out[i].resize(static_cast<std::size_t>(actor.output_lanes(k)));
    out_lanes[k] = out[i].data();
    trace.outputs.push_back(
        {names.outputs.at(i), actor.output_lanes(k), actor.writes(k).node(), {}});
  }
  for (int m = 0; m < kWrite; ++m) {
    const auto i = static_cast<std::size_t>(m);
    put[i].resize(static_cast<std::size_t>(trace.word_lanes));
    put_lanes[m] = put[i].data();
    trace.writes.push_back(port_of(names.writes.at(i), kRead + m));
    trace.writes.back().moves = actor.puts(m).node();
  }
  actor.fire(in_lanes, taken_lanes, out_lanes, put_lanes);
  for (int k = 0; k < kOut; ++k)
    for (const I32& lane : out[static_cast<std::size_t>(k)])
      trace.outputs[static_cast<std::size_t>(k)].data.push_back(lane.node());
  for (int m = 0; m < kWrite; ++m)
    for (const I32& lane : put[static_cast<std::size_t>(m)])
      trace.writes[static_cast<std::size_t>(m)].data.push_back(lane.node());
  actor.next();
}

template <class Make>
Trace trace_once(const Make& make, const PortNames& names, int word_lanes, int index_bits,
                 const Trace* before) {
  Trace trace;
  trace.graph = std::make_unique<Graph>(index_bits);
  trace.word_lanes = word_lanes;
  const Graph::Use use(*trace.graph);
  Symbolic::forget_words();
  MemoryMaker memories;
  auto made = make(memories);
  auto& actor = made->actor;
  make_registers(actor, before, trace);
  trace_start(actor, trace);
  trace_firing(actor, names, trace);
  std::size_t r = 0;
  visit_registers(
      actor, [&](const char*, auto& value, bool) { trace.registers[r++].next = value.node(); });
  return trace;
}

}  // namespace detail

/// Traces the actor of `*make(memories)`. Registers that only ever hold one constant become it, so
/// the firing is traced twice.
template <class Make>
Trace trace(const Make& make, const PortNames& names, int word_lanes, int index_bits) {
  const Trace first = detail::trace_once(make, names, word_lanes, index_bits, nullptr);
  return detail::trace_once(make, names, word_lanes, index_bits, &first);
}

}  // namespace m3sim::rtl
