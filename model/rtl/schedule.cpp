#include "model/rtl/schedule.hpp"

#include <functional>

namespace m3sim::rtl {
namespace {

std::size_t at(const Node* n) { return static_cast<std::size_t>(n->id); }
std::size_t at(int i) { return static_cast<std::size_t>(i); }

class Scheduler {
 public:
  Scheduler(const Trace& trace, const timing::LoopTiming& timing, const std::string& kernel)
      : trace_(trace), graph_(*trace.graph), kernel_(kernel) {
    s_.timing = timing;
    const std::size_t nodes = graph_.nodes().size();
    s_.live.resize(nodes);
    s_.stable.resize(nodes);
    s_.stage.resize(nodes);
    s_.read_stage.resize(graph_.reads().size(), 1);
    s_.early.resize(graph_.reads().size());
    s_.write_stage.resize(graph_.writes().size());
    s_.forwards.resize(graph_.memories().size());
  }

  Schedule run() {
    find_live();
    find_stable();
    find_early();
    while (settle()) {
    }
    check();
    return s_;
  }

 private:
  [[noreturn]] void refuse(const std::string& rule) const {
    throw BuildError(kernel_ + ": " + rule);
  }

  std::vector<Node*> issue_roots() const {
    std::vector<Node*> roots{trace_.done};
    for (const auto* streams : {&trace_.inputs, &trace_.outputs})
      for (const StreamPort& p : *streams) roots.push_back(p.active);
    for (const auto* ports : {&trace_.reads, &trace_.writes})
      for (const MemoryPort& p : *ports)
        roots.insert(roots.end(), {p.requests, p.word, p.words, p.moves});
    return roots;
  }

  void find_live() {
    for (Node* n : issue_roots()) reach(n);
    for (const StreamPort& p : trace_.outputs)
      for (Node* n : p.data) reach(n);
    for (const MemoryPort& p : trace_.writes)
      for (Node* n : p.data) reach(n);
    for (const MemoryWrite& w : graph_.writes()) {
      reach(w.address);
      for (std::size_t i = 0; i < w.enable.size(); ++i)
        if (w.enable[i]) reach(w.enable[i]), reach(w.data[i]);
    }
    for (const Register& r : trace_.registers)
      if (r.shared && !r.stable()) reach(r.next);
  }
  void reach(Node* n) {
    if (s_.live[at(n)]) return;
    s_.live[at(n)] = 1;
    for (Node* a : n->arguments) reach(a);
    if (n->op == Op::kRegister) reach(trace_.registers[n->value].next);
  }

  void find_stable() {
    for (const Node& n : graph_.nodes()) {
      bool stable = is_constant(&n) || n.op == Op::kStart;
      if (n.op == Op::kRegister) stable = trace_.registers[n.value].stable();
      if (!n.arguments.empty() && n.op != Op::kMemory) {
        stable = true;
        for (const Node* a : n.arguments) stable = stable && s_.stable[at(a)];
      }
      s_.stable[at(&n)] = stable;
    }
  }

  void find_early() {
    std::vector<char> seen(graph_.nodes().size());
    const std::function<void(const Node*)> visit = [&](const Node* n) {
      if (seen[at(n)]) return;
      seen[at(n)] = 1;
      if (n->op == Op::kResponse)
        refuse("an address or a condition depends on a word from memory port '" +
               trace_.reads[n->value].name + "'");
      if (n->op == Op::kMemory) {
        s_.early[n->value] = 1;
        only_registers(n->arguments[0], graph_.reads()[n->value].memory);
        return;
      }
      for (const Node* a : n->arguments) visit(a);
    };
    for (const Node* n : issue_roots()) visit(n);
  }
  void only_registers(const Node* n, int memory) {
    const std::string& name = graph_.memories()[at(memory)].name;
    if (n->op == Op::kInput || n->op == Op::kResponse || n->op == Op::kMemory)
      refuse("the address of memory '" + name +
             "', on which a request depends, must be known one firing before");
    for (const MemoryWrite& w : graph_.writes())
      if (w.memory == memory)
        refuse("memory '" + name + "' is written here and a request depends on it");
    for (const Node* a : n->arguments) only_registers(a, memory);
  }

  bool is_read(int memory) const {
    for (const MemoryRead& r : graph_.reads())
      if (r.memory == memory && r.used) return true;
    return false;
  }

  int stage_of(const Node* n) const { return s_.stable[at(n)] ? 0 : s_.stage[at(n)]; }

  bool raise(int& stage, int to) {
    if (to <= stage) return false;
    if (to >= s_.timing.depth)
      refuse("depth " + std::to_string(s_.timing.depth) + " is smaller than the last stage " +
             std::to_string(to) + " that memory latencies force, plus 1");
    stage = to;
    return true;
  }

  bool settle() {
    bool changed = false;
    for (const Node& n : graph_.nodes()) {
      if (!s_.live[at(&n)]) continue;
      int to = 0;
      if (n.op == Op::kRegister) {
        const Register& r = trace_.registers[n.value];
        if (!r.stable()) to = stage_of(r.next);
      } else if (n.op == Op::kResponse) {
        to = static_cast<int>(s_.timing.take_stage);
      } else if (n.op == Op::kMemory) {
        to = s_.early[n.value] ? 0 : s_.read_stage[n.value];
      } else {
        for (const Node* a : n.arguments) to = std::max(to, stage_of(a));
      }
      if (!s_.stable[at(&n)]) changed |= raise(s_.stage[at(&n)], to);
    }
    for (std::size_t m = 0; m < graph_.memories().size(); ++m) changed |= settle_memory(int(m));
    return changed;
  }

  /// The words of a memory that the kernel also writes are read in the stage of the write, so that
  /// only the firing just before can be in between.
  bool settle_memory(int memory) {
    bool changed = false;
    const auto& writes = graph_.writes();
    int written = 0, read = 0;
    for (std::size_t w = 0; w < writes.size(); ++w) {
      if (writes[w].memory != memory) continue;
      int to = stage_of(writes[w].address);
      for (std::size_t i = 0; i < writes[w].enable.size(); ++i)
        if (writes[w].enable[i])
          to = std::max({to, stage_of(writes[w].enable[i]), stage_of(writes[w].data[i])});
      changed |= raise(s_.write_stage[w], to);
      written = std::max(written, s_.write_stage[w]);
    }
    const auto& reads = graph_.reads();
    for (std::size_t r = 0; r < reads.size(); ++r) {
      if (reads[r].memory != memory || !reads[r].used || s_.early[r]) continue;
      changed |= raise(s_.read_stage[r], std::max(stage_of(reads[r].address) + 1, written));
      read = std::max(read, s_.read_stage[r]);
    }
    if (read == 0) return changed;
    for (std::size_t r = 0; r < reads.size(); ++r)
      if (reads[r].memory == memory && reads[r].used && written_here(memory))
        changed |= raise(s_.read_stage[r], read);
    for (std::size_t w = 0; w < writes.size(); ++w)
      if (writes[w].memory == memory) changed |= raise(s_.write_stage[w], read - 1);
    return changed;
  }
  bool written_here(int memory) const {
    for (const MemoryWrite& w : graph_.writes())
      if (w.memory == memory) return true;
    return false;
  }

  void check() {
    const auto& t = s_.timing;
    for (const Node* n : issue_roots())
      if (stage_of(n) > 0) refuse("a condition or an address is known only after the issue");
    for (const MemoryPort& p : trace_.writes)
      for (const Node* n : p.data)
        if (stage_of(n) > t.put_stage)
          refuse("depth " + std::to_string(t.depth) + ": the word for '" + p.name +
                 "' is put in stage " + std::to_string(t.put_stage) +
                 ", before its value is known in stage " + std::to_string(stage_of(n)));
    for (const Node& n : graph_.nodes())
      if (s_.live[at(&n)]) s_.last_stage = std::max(s_.last_stage, stage_of(&n));
    if (!trace_.reads.empty()) s_.last_stage = std::max(s_.last_stage, int(t.take_stage));
    if (s_.last_stage >= t.depth) {
      int copy = 0;
      raise(copy, s_.last_stage);
    }
    for (std::size_t m = 0; m < graph_.memories().size(); ++m) {
      const int memory = static_cast<int>(m);
      int written = 0, read = 0;
      for (std::size_t w = 0; w < graph_.writes().size(); ++w)
        if (graph_.writes()[w].memory == memory) written = std::max(written, s_.write_stage[w]);
      for (std::size_t r = 0; r < graph_.reads().size(); ++r)
        if (graph_.reads()[r].memory == memory && graph_.reads()[r].used)
          read = std::max(read, s_.read_stage[r]);
      // The address of the next firing is out when this one writes.
      s_.forwards[m] = is_read(memory) && written_here(memory) && written == read && t.ii == 1;
    }
  }

  const Trace& trace_;
  const Graph& graph_;
  std::string kernel_;
  Schedule s_;
};

}  // namespace

Schedule schedule(const Trace& trace, const timing::LoopTiming& timing, const std::string& kernel) {
  return Scheduler(trace, timing, kernel).run();
}

}  // namespace m3sim::rtl
