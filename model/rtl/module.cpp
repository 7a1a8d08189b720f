#include "model/rtl/module.hpp"

#include <algorithm>

#include "model/rtl/expressions.hpp"

namespace m3sim::rtl {
namespace {

std::string str(std::int64_t n) { return std::to_string(n); }

using timing::Cycle;

class ModuleWriter {
 public:
  explicit ModuleWriter(const Design& design)
      : d_(design),
        t_(design.schedule.timing),
        graph_(*design.trace.graph),
        x_(design.trace, design.schedule),
        depth_(static_cast<int>(t_.depth)) {}

  Module write() {
    for (const char* name :
         {"clk",      "reset",        "start",   "active",    "finished",     "issue",   "held",
          "held_by",  "starved_by",   "advance", "valid",     "running",      "opening", "opens",
          "interval", "first_firing", "done",    "may_issue", "inputs_there", "goes"})
      x_.reserve(name);
    for (const Register& r : d_.trace.registers)
      if (is_register(r)) x_.reserve(r.name);
    collect_early();
    suggest_names();
    control_ports();
    streams();
    memory_ports();
    memories();
    registers();
    control();
    Module m;
    m.kernel = d_.kernel;
    m.text = text();
    m.ports = ports_;
    m.reads = reads_;
    m.writes = writes_;
    m.held_by = held_by_;
    return m;
  }

 private:
  // ----- Ports
  std::string in(int width, const std::string& name) {
    ports_.push_back({true, width, name});
    x_.reserve(name);
    return name;
  }
  std::string out(int width, const std::string& name) {
    ports_.push_back({false, width, name});
    x_.reserve(name);
    return name;
  }
  void assign(const std::string& name, const std::string& text) {
    assigns_ += "  assign " + name + " = " + text + ";\n";
  }
  /// Wires of a packed vector's signed lanes.
  void lanes(const std::string& vector, const std::string& prefix, int count, int bits,
             const std::vector<char>& used) {
    for (int i = 0; i < count; ++i)
      if (used[static_cast<std::size_t>(i)]) {
        x_.reserve(prefix + "_" + str(i));
        leaves_ += "  wire signed " + bit_range(bits) + prefix + "_" + str(i) + " = " + vector +
                   "[" + str(i * bits) + " +: " + str(bits) + "];\n";
      }
  }
  /// Which lanes of a port the firing looks at.
  std::vector<char> used_lanes(Op op, std::size_t port, int count) const {
    std::vector<char> used(static_cast<std::size_t>(count));
    for (const Node& n : graph_.nodes())
      if (n.op == op && n.value == port && is_live(&n)) used[static_cast<std::size_t>(n.part)] = 1;
    return used;
  }
  bool is_live(const Node* n) const {
    const auto id = static_cast<std::size_t>(n->id);
    return id >= d_.schedule.live.size() || d_.schedule.live[id];
  }

  /// Values side by side, lane 0 in the lowest bits.
  std::string packed(const std::vector<std::string>& values) const {
    std::string text = "{";
    std::size_t column = 0;
    for (std::size_t i = values.size(); i-- > 0;) {
      if (column > 80) {
        text += "\n      ";
        column = 0;
      }
      text += values[i] + (i > 0 ? ", " : "}");
      column += values[i].size() + 2;
    }
    return text;
  }

  /// `data` in stage `stage`, brought there as one vector.
  std::string vector_at(const std::string& name, const std::vector<Node*>& data, int stage) {
    int known = 0;
    for (const Node* n : data) known = std::max(known, x_.stage_of(n));
    std::vector<std::string> values;
    for (const Node* n : data) values.push_back(x_.value(n, known));
    const int width = static_cast<int>(data.size()) * 32;
    const std::string now = name + "_stage_" + str(known);
    x_.reserve(now);
    late_ += "  wire " + bit_range(width) + now + " = " + packed(values) + ";\n";
    return later(name + "_late", now, width, stage - known);
  }
  std::string later(const std::string& name, const std::string& from, int width, int stages) {
    if (stages <= 0) return from;
    x_.reserve(name);
    late_ += "  wire " + bit_range(width) + name + ";\n  m3sim_delay #(.WIDTH(" + str(width) +
             "), .STAGES(" + str(stages) + ")) " + name +
             "_line (.clk(clk), .enable(advance), .in(" + from + "), .out(" + name + "));\n";
    return name;
  }

  /// Holds where a stage-`stage` event of this condition is due.
  std::string due(const Node* condition, Cycle stage) {
    const int s = static_cast<int>(stage);
    const std::string at = s == 0 ? "goes" : "valid[" + str(s) + "]";
    if (is_constant(condition)) return condition->value ? at : "1'b0";
    return at + " & " + x_.value(condition, s);
  }
  void collect_early() {
    for (std::size_t r = 0; r < graph_.reads().size(); ++r) {
      Early e;
      if (d_.schedule.early[r]) {
        std::vector<Node*> next, start;
        for (const Register& g : d_.trace.registers) {
          next.push_back(g.next);
          start.push_back(g.start ? g.start : g.node);
        }
        std::map<Node*, Node*> done_next, done_start;
        Graph& g = *d_.trace.graph;
        e.next = g.substitute(graph_.reads()[r].address, next, done_next);
        e.start = g.substitute(graph_.reads()[r].address, start, done_start);
        x_.want(e.next);
        x_.want(e.start);
      }
      early_.push_back(e);
    }
  }

  void suggest_names() {
    for (const StreamPort& p : d_.trace.outputs)
      for (std::size_t i = 0; i < p.data.size(); ++i)
        suggest(p.data[i], "out_" + p.name + "_" + str(std::int64_t(i)));
    for (const MemoryPort& p : d_.trace.writes)
      for (std::size_t i = 0; i < p.data.size(); ++i)
        suggest(p.data[i], p.name + "_put_" + str(std::int64_t(i)));
    for (const Register& r : d_.trace.registers)
      if (!r.stable()) suggest(r.next, r.name + "_next");
  }
  void suggest(const Node* n, const std::string& name) {
    if (!n->arguments.empty() && n->op != Op::kMemory) x_.suggest(n, name);
  }

  void control_ports() {
    in(1, "clk"), in(1, "reset"), in(1, "start");
    for (const StartInput& s : d_.trace.start) {
      in(s.width, "start_" + s.name);
      ports_.back().is_signed = s.node->is_signed;
    }
    out(1, "active"), out(1, "finished"), out(1, "issue"), out(1, "held"), out(8, "held_by");
    out(8, "starved_by");
  }

  /// A reason to hold the pipeline; the first in order is named.
  void holds(const std::string& what, const std::string& condition) {
    held_by_.push_back(what);
    conditions_.push_back(condition);
  }

  void streams() {
    for (std::size_t k = 0; k < d_.trace.inputs.size(); ++k) {
      const StreamPort& p = d_.trace.inputs[k];
      const std::string name = "in_" + p.name;
      const std::string valid = in(1, name + "_valid"), data = in(32 * p.lanes, name + "_data");
      const std::string ready = out(1, name + "_ready");
      lanes(data, name, p.lanes, 32, used_lanes(Op::kInput, k, p.lanes));
      const std::string reads = x_.value(p.active, 0);
      there_.push_back("(" + valid + " | !" + reads + ")");
      missing_.push_back("(" + reads + " & !" + valid + ")");
      assign(ready, "issue & " + reads);
    }
    for (const StreamPort& p : d_.trace.outputs) {
      const std::string name = "out_" + p.name;
      const std::string valid = out(1, name + "_valid"), data = out(32 * p.lanes, name + "_data");
      const std::string ready = in(1, name + "_ready");
      const std::string event = wire(name + "_due", due(p.active, depth_ - 1));
      holds("stream " + p.name + " is full", event + " & !" + ready);
      assign(valid, event + " & advance");
      assign(data, vector_at(name, p.data, depth_ - 1));
    }
  }
  std::string wire(const std::string& name, const std::string& text) {
    x_.reserve(name);
    late_ += "  wire " + name + " = " + text + ";\n";
    return name;
  }

  /// The requests of the first firing have been posted before the loop.
  std::string asks_now(const Node* requests) {
    const std::string asks = x_.value(requests, 0);
    return t_.request_before_loop ? "(" + asks + " & !first_firing)" : asks;
  }

  void memory_ports() {
    for (std::size_t m = 0; m < d_.trace.reads.size(); ++m) read_port(m);
    for (const MemoryPort& p : d_.trace.writes) write_port(p);
  }

  void read_port(std::size_t m) {
    const MemoryPort& p = d_.trace.reads[m];
    const int width = 32 * d_.trace.word_lanes;
    const std::string request_ready = in(1, p.name + "_request_ready");
    const std::string request = out(1, p.name + "_request");
    const std::string word = out(p.word->width, p.name + "_request_word");
    const std::string words = out(p.words->width, p.name + "_request_words");
    const std::string valid = in(1, p.name + "_data_valid"), data = in(width, p.name + "_data");
    const std::string take = out(1, p.name + "_take");
    lanes(data, p.name + "_lane", d_.trace.word_lanes, 32,
          used_lanes(Op::kResponse, m, d_.trace.word_lanes));
    const std::string taken = wire(p.name + "_data_due", due(p.moves, t_.take_stage));
    holds("no word for " + p.name, taken + " & !" + valid);
    const std::string asks = wire(p.name + "_asks", asks_now(p.requests));
    holds("request queue of " + p.name + " is full", "goes & " + asks + " & !" + request_ready);
    if (t_.request_before_loop) opening(p, request_ready, held_by_.size(), true);
    assign(take, taken + " & advance");
    const std::string opens =
        t_.request_before_loop ? "opens & " + x_.value(p.requests, 0) + " | " : "";
    assign(request, opens + "issue & " + asks);
    assign(word, x_.value(p.word, 0));
    assign(words, x_.value(p.words, 0));
  }

  void opening(const MemoryPort& p, const std::string& ready, std::size_t number, bool reads) {
    const std::string asks = x_.value(p.requests, 0);
    opening_there_.push_back("(" + ready + " | !" + asks + ")");
    opening_missing_.push_back({"(" + asks + " & !" + ready + ")", number});
    if (reads) opening_reads_.push_back(asks);
  }

  void write_port(const MemoryPort& p) {
    const int width = 32 * d_.trace.word_lanes;
    const std::string request_ready = in(1, p.name + "_request_ready");
    const std::string request = out(1, p.name + "_request");
    const std::string word = out(p.word->width, p.name + "_request_word");
    const std::string words = out(p.words->width, p.name + "_request_words");
    const std::string put_ready = in(1, p.name + "_put_ready");
    const std::string put = out(1, p.name + "_put"), data = out(width, p.name + "_put_data");
    const int stage = static_cast<int>(t_.put_stage);
    const std::string asks =
        later(p.name + "_asks_late", wire(p.name + "_asks", asks_now(p.requests)), 1, stage);
    const std::string at = stage == 0 ? "goes" : "valid[" + str(stage) + "]";
    const std::string asked = wire(p.name + "_request_due", at + " & " + asks);
    holds("request queue of " + p.name + " is full", asked + " & !" + request_ready);
    if (t_.request_before_loop) opening(p, request_ready, held_by_.size(), false);
    const std::string moved = wire(p.name + "_put_due", due(p.moves, stage));
    holds("write buffer of " + p.name + " is full", moved + " & !" + put_ready);
    if (t_.request_before_loop) {
      assign(request, "opens & " + x_.value(p.requests, 0) + " | " + asked + " & advance");
      assign(word, "opening ? " + x_.value(p.word, 0) + " : " + x_.value(p.word, stage));
      assign(words, "opening ? " + x_.value(p.words, 0) + " : " + x_.value(p.words, stage));
    } else {
      assign(request, asked + " & advance");
      assign(word, x_.value(p.word, stage));
      assign(words, x_.value(p.words, stage));
    }
    assign(put, moved + " & advance");
    assign(data, vector_at(p.name + "_put", p.data, stage));
    if (t_.response_stage >= 0) response(p);
  }

  /// The firing that puts the last word of a request waits for its response.
  void response(const MemoryPort& p) {
    const std::string valid = in(1, p.name + "_response_valid");
    const std::string take = out(1, p.name + "_response_take");
    const std::string left = p.name + "_left", now = p.name + "_left_now";
    const int width = p.words->width;
    x_.reserve(left), x_.reserve(now);
    declares_ += "  logic " + bit_range(width) + left + ";  // words of the request still to put\n";
    late_ += "  wire " + bit_range(width) + now + " = " + x_.value(p.requests, 0) + " ? " +
             x_.value(p.words, 0) + " : " + left + ";\n";
    const std::string puts = x_.value(p.moves, 0);
    clocked_ +=
        "      if (issue) " + left + " <= " + puts + " ? " + now + " - 1'b1 : " + now + ";\n";
    const std::string ends = wire(p.name + "_ends", puts + " & " + now + " == 1");
    const std::string late =
        later(p.name + "_ends_late", ends, 1, static_cast<int>(t_.response_stage));
    const std::string event =
        wire(p.name + "_response_due", "valid[" + str(t_.response_stage) + "] & " + late);
    holds("no response for " + p.name, event + " & !" + valid);
    assign(take, event + " & advance");
  }

  // ----- Memories of the kernel
  void memories() {
    for (std::size_t m = 0; m < graph_.memories().size(); ++m) {
      const int number = static_cast<int>(m);
      const Memory& memory = graph_.memories()[m];
      std::vector<std::string> write_ports;
      int count = 0;
      for (std::size_t w = 0; w < graph_.writes().size(); ++w)
        if (graph_.writes()[w].memory == number)
          write_ports.push_back(write_side(memory, w, count++));
      count = 0;
      for (std::size_t r = 0; r < graph_.reads().size(); ++r) {
        const MemoryRead& read = graph_.reads()[r];
        if (read.memory != number || !read.used || !any_live(r)) continue;
        read_side(memory, r, count++, write_ports);
      }
    }
  }
  bool any_live(std::size_t read) const {
    for (const Node& n : graph_.nodes())
      if (n.op == Op::kMemory && n.value == read && is_live(&n)) return true;
    return false;
  }
  static int address_bits(const Memory& memory) {
    return bits_of(static_cast<std::uint64_t>(std::max(1, memory.words - 1)));
  }
  std::string fitted(const Node* n, int stage, int bits) {
    const std::string name = x_.value(n, stage);
    return n->width > bits && !is_constant(n) ? name + "[" + str(bits - 1) + ":0]" : name;
  }
  int address_width(const Memory& memory) const {
    return memory.is_private ? address_bits(memory) : graph_.index_bits();
  }

  std::string write_side(const Memory& memory, std::size_t w, int count) {
    const MemoryWrite& write = graph_.writes()[w];
    const int stage = d_.schedule.write_stage[w];
    const std::string base = memory.name + "_write" + (count > 0 ? str(count) : "");
    const std::string at = stage == 0 ? "issue" : "valid[" + str(stage) + "] & advance";
    std::vector<std::string> enables, data;
    for (std::size_t i = 0; i < write.enable.size(); ++i) {
      enables.push_back(write.enable[i] ? x_.value(write.enable[i], stage) : "1'b0");
      data.push_back(write.enable[i] ? x_.value(write.data[i], stage)
                                     : str(memory.lane_bits) + "'d0");
    }
    const bool all = std::all_of(enables.begin(), enables.end(),
                                 [&](const std::string& e) { return e == enables.front(); });
    const std::string lanes_text =
        all ? "{" + str(memory.lanes) + "{" + at + " & " + enables.front() + "}}"
            : "{" + str(memory.lanes) + "{" + at + "}} & " + packed(enables);
    const std::string address = fitted(write.address, stage, address_width(memory));
    memory_ports_text(memory, base, {"_lanes", "_address", "_data"},
                      {memory.lanes, address_width(memory), memory.lanes * memory.lane_bits},
                      {lanes_text, address, packed(data)});
    if (!memory.is_private) writes_.push_back({write.memory, base});
    written_stage_[base] = stage;
    return base;
  }

  /// Outputs of the module, or wires to the memory inside it.
  void memory_ports_text(const Memory& memory, const std::string& base,
                         const std::vector<std::string>& suffixes, const std::vector<int>& widths,
                         const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < suffixes.size(); ++i) {
      const std::string name = base + suffixes[i];
      if (memory.is_private) {
        x_.reserve(name);
        late_ += "  wire " + bit_range(widths[i]) + name + " = " + texts[i] + ";\n";
      } else {
        assign(out(widths[i], name), texts[i]);
      }
    }
  }

  void read_side(const Memory& memory, std::size_t r, int count,
                 const std::vector<std::string>& write_ports) {
    const MemoryRead& read = graph_.reads()[r];
    const std::string base = memory.name + "_read" + (count > 0 ? str(count) : "");
    const int bits = address_width(memory), width = memory.lanes * memory.lane_bits;
    const int stage = d_.schedule.read_stage[r] - 1;
    std::string enable, address;
    if (d_.schedule.early[r]) {
      enable = "1'b1";
      address = "start ? " + fitted(early_[r].start, 0, bits) + " : issue ? " +
                fitted(early_[r].next, 0, bits) + " : " + fitted(read.address, 0, bits);
    } else {
      const std::string fires = stage == 0 ? "goes" : "valid[" + str(stage) + "]";
      enable = memory.is_private ? "advance" : fires + " & advance";
      address = fitted(read.address, stage, bits);
    }
    memory_ports_text(memory, base, {"_enable", "_address"}, {1, bits}, {enable, address});
    std::string data = base + "_data";
    x_.reserve(data);
    if (memory.is_private) {
      declares_ += "  wire " + bit_range(width) + data + ";\n";
      late_ += "  m3sim_ram #(.WORDS(" + str(memory.words) + "), .LANES(" + str(memory.lanes) +
               "), .LANE_BITS(" + str(memory.lane_bits) + "), .ADDRESS_BITS(" + str(bits) + ")) " +
               base + "_ram (.clk(clk),\n      .read_enable(" + base + "_enable), .read_address(" +
               base + "_address), .read_data(" + data + "),\n      " +
               ram_write(memory, write_ports) + ");\n";
    } else {
      in(width, data);
      reads_.push_back({read.memory, base});
    }
    if (d_.schedule.forwards[static_cast<std::size_t>(read.memory)])
      data = forwarded(memory, base, data, write_ports, d_.schedule.read_stage[r]);
    int before = 0;
    for (std::size_t i = 0; i < r; ++i)
      before += graph_.reads()[i].used && graph_.reads()[i].memory == read.memory;
    lanes(data, memory.name + (before > 0 ? "_read" + str(before) : ""), memory.lanes,
          memory.lane_bits, used_lanes(Op::kMemory, r, memory.lanes));
  }

  std::string ram_write(const Memory& memory, const std::vector<std::string>& write_ports) const {
    if (write_ports.empty()) return ".write_lanes('0), .write_address('0), .write_data('0)";
    if (write_ports.size() > 1)
      throw BuildError(d_.kernel.name + ": memory '" + memory.name +
                       "' is written at two addresses in a firing; it has one write port");
    const std::string& w = write_ports.front();
    return ".write_lanes(" + w + "_lanes), .write_address(" + w + "_address), .write_data(" + w +
           "_data)";
  }

  /// What the firing before is writing in the cycle of the read is not in the memory yet.
  std::string forwarded(const Memory& memory, const std::string& base, const std::string& data,
                        const std::vector<std::string>& write_ports, int read_stage) {
    std::string from = data;
    const int width = memory.lanes * memory.lane_bits;
    for (const std::string& w : write_ports) {
      if (written_stage_.at(w) != read_stage) continue;
      const std::string kept = base + "_" + w + "_kept", hit = base + "_" + w + "_hit";
      const std::string to = base + "_" + w + "_seen";
      x_.reserve(kept), x_.reserve(hit), x_.reserve(to);
      declares_ += "  logic " + bit_range(width) + kept + ";\n  logic " + bit_range(memory.lanes) +
                   hit + ";  // lanes that were written when they were read\n  wire " +
                   bit_range(width) + to + ";\n";
      clocked_ += "      " + kept + " <= " + w + "_data;\n      " + hit + " <= " + w +
                  "_address == " + base + "_address ? " + w + "_lanes : '0;\n";
      declares_ += "  for (genvar i = 0; i < " + str(memory.lanes) + "; i++) assign " + to +
                   "[i * " + str(memory.lane_bits) + " +: " + str(memory.lane_bits) + "] = " + hit +
                   "[i] ? " + kept + "[i * " + str(memory.lane_bits) +
                   " +: " + str(memory.lane_bits) + "] : " + from + "[i * " +
                   str(memory.lane_bits) + " +: " + str(memory.lane_bits) + "];\n";
      from = to;
    }
    return from;
  }

  // ----- Registers
  /// Declared in the module.
  bool is_register(const Register& r) const {
    return r.node->op == Op::kRegister && !r.shared && is_live(r.node);
  }
  void registers() {
    for (const Register& r : d_.trace.registers) {
      if (r.node->op != Op::kRegister) continue;
      if (r.shared) {
        shared_register(r);
        continue;
      }
      if (!is_register(r)) continue;
      declares_ += "  logic " + std::string(r.is_signed ? "signed " : "") + bit_range(r.width) +
                   r.name + ";" + stage_note(r) + "\n";
      if (r.start) {
        starts_ += "      " + r.name + " <= " + x_.value(r.start, 0) + ";\n";
      } else {
        resets_ += "      " + r.name + " <= '0;\n";
      }
      if (r.stable()) continue;
      const int stage = x_.stage_of(r.node);
      clocked_ += "      if (" + (stage == 0 ? std::string("issue") : "valid[" + str(stage) + "]") +
                  ") " + r.name + " <= " + x_.value(r.next, stage) + ";\n";
    }
  }
  std::string stage_note(const Register& r) const {
    if (r.stable()) return "";
    return "  // stage " + str(x_.stage_of(r.node));
  }

  void shared_register(const Register& r) {
    if (is_live(r.node)) {
      in(r.width, "shared_" + r.name);
      ports_.back().is_signed = r.is_signed;
    }
    if (r.stable() && !r.start) return;
    const int stage = r.stable() ? 0 : x_.stage_of(r.node);
    const std::string at = stage == 0 ? "issue" : "valid[" + str(stage) + "] & advance";
    const std::string next =
        r.stable() ? x_.value(r.start, 0)
        : r.start  ? "start ? " + x_.value(r.start, 0) + " : " + x_.value(r.next, stage)
                   : x_.value(r.next, stage);
    assign(out(1, "shared_" + r.name + "_write"), r.stable() ? "start"
                                                  : r.start  ? "start | " + at
                                                             : at);
    assign(out(r.width, "shared_" + r.name + "_next"), next);
  }

  // ----- Control
  void control() {
    const Cycle wait = t_.request_before_loop ? t_.request_wait : 0;
    const int last = static_cast<int>(std::max(t_.ii, wait)) - 1;
    interval_bits_ = bits_of(static_cast<std::uint64_t>(std::max(1, last)));
    done_ = x_.value(d_.trace.done, 0);
  }
  static std::string joined(const std::vector<std::string>& parts, const std::string& by,
                            const std::string& none) {
    std::string text;
    for (const std::string& p : parts) text += (text.empty() ? "" : by) + p;
    return text.empty() ? none : text;
  }
  /// Number of the first condition that holds, 0 for none.
  static std::string first_of(const std::vector<std::pair<std::string, std::size_t>>& list) {
    std::string text;
    for (const auto& [condition, number] : list)
      text += "(" + condition + ") ? 8'd" + str(std::int64_t(number)) + "\n      : ";
    return text + "8'd0";
  }

  std::string text() {
    const bool opens = t_.request_before_loop;
    std::vector<std::pair<std::string, std::size_t>> reasons, starved, openings;
    for (std::size_t i = 0; i < conditions_.size(); ++i) reasons.push_back({conditions_[i], i + 1});
    if (t_.stalling)
      for (std::size_t k = 0; k < missing_.size(); ++k) {
        held_by_.push_back("stream " + d_.trace.inputs[k].name + " is empty");
        reasons.push_back({"goes & " + missing_[k], held_by_.size()});
      }
    for (std::size_t k = 0; k < missing_.size(); ++k) starved.push_back({missing_[k], k + 1});
    for (const auto& m : opening_missing_) openings.push_back(m);

    std::string s = head();
    s += "module " + d_.kernel.name + " (\n" + port_list() + ");\n";
    s += "  // Pipeline: the loop's control, one enable for all stages\n";
    s += "  logic running, first_firing" + std::string(opens ? ", opening" : "") + ";\n";
    s += "  logic " + bit_range(interval_bits_) + "interval;  // cycles until the next issue\n";
    if (depth_ > 1) s += "  logic [" + str(depth_ - 1) + ":1] valid;  // stages with a firing\n";
    s += "  wire advance, done" + std::string(opens ? ", opens" : "") + ";\n";
    s += "  wire may_issue, goes;\n";
    s += "\n";
    s += declares_ + "\n";
    if (!leaves_.empty()) s += "  // Lanes of ports and memories\n" + leaves_ + "\n";
    s += "  // Arithmetic\n" + x_.wires() + "\n" + functions_and_late();
    s += "  assign done = " + done_ + ";\n";
    s += "  assign finished = running & done" + std::string(depth_ > 1 ? " & !(|valid)" : "") +
         ";\n";
    s += "  assign active = running & !finished;\n";
    std::string may = "running & !done & interval == 0";
    if (opens) {
      std::string reads = joined(opening_reads_, " | ", "1'b0");
      s += "  assign opens = running & opening & !done & " + joined(opening_there_, " & ", "1'b1") +
           ";\n";
      may += t_.request_wait > 0 ? " & (!opening | opens & !(" + reads + "))"
                                 : " & (!opening | opens)";
    }
    s += "  assign may_issue = " + may + ";\n";
    const std::string there = joined(there_, " & ", "1'b1");
    s += "  wire inputs_there = " + there + ";\n";
    s += t_.stalling
             ? "  assign goes = may_issue;  // stalling: a missing input holds the pipeline\n"
             : "  assign goes = may_issue & inputs_there;  // flushing\n";
    std::string waiting = opens ? "running & opening & !done & !opens" : "";
    s += "  assign held_by = ";
    if (opens) s += waiting + " ? (" + first_of(openings) + ")\n      : ";
    s += first_of(reasons) + ";\n";
    s += "  assign held = active & held_by != 0;\n  assign advance = held_by == 0;\n";
    s += "  assign issue = goes & advance;\n";
    s += "  assign starved_by = may_issue & advance & !inputs_there ? (" + first_of(starved) +
         ") : 8'd0;\n\n";
    s += assigns_ + "\n";
    s += clocked_block(opens) + "endmodule\n";
    return s;
  }
  std::string functions_and_late() const {
    std::string s;
    if (!x_.functions().empty()) s = "  // Tables\n" + x_.functions();
    return s + "  // Events, and what they carry, in their stages\n" + late_ + "\n";
  }

  std::string clocked_block(bool opens) const {
    std::string s =
        "  always_ff @(posedge clk) begin\n    if (reset) begin\n      running <= 1'b0;\n";
    if (depth_ > 1) s += "      valid <= '0;\n";
    s += resets_;
    s += "    end else if (start) begin\n      running <= 1'b1;\n      first_firing <= 1'b1;\n";
    if (opens) s += "      opening <= 1'b1;\n";
    s += "      interval <= '0;\n";
    if (depth_ > 1) s += "      valid <= '0;\n";
    s += starts_;
    s += "    end else if (advance) begin\n";
    if (depth_ == 2) s += "      valid <= issue;\n";
    if (depth_ > 2) s += "      valid <= {valid[" + str(depth_ - 2) + ":1], issue};\n";
    s += "      if (issue) first_firing <= 1'b0;\n";
    std::string set = "issue ? " + str(interval_bits_) + "'d" + str(t_.ii - 1) + " : ";
    if (opens) {
      s += "      if (opens) opening <= 1'b0;\n";
      const std::string reads = joined(opening_reads_, " | ", "");
      if (!reads.empty() && t_.request_wait > 0)
        set += "opens & (" + reads + ") ? " + str(interval_bits_) + "'d" +
               str(t_.request_wait - 1) + " : ";
    }
    s += "      interval <= " + set + "interval == 0 ? '0 : interval - 1'b1;\n";
    s += x_.delays() + clocked_ + "    end\n  end\n";
    return s;
  }

  std::string port_list() const {
    std::string s;
    for (std::size_t i = 0; i < ports_.size(); ++i)
      s += "  " + std::string(ports_[i].is_input ? "input  logic " : "output logic ") +
           (ports_[i].is_signed ? "signed " : "") + bit_range(ports_[i].width) + ports_[i].name +
           (i + 1 < ports_.size() ? ",\n" : "\n");
    return s;
  }

  std::string head() const {
    std::string s = "// " + d_.kernel.summary + "\n//\n// Made by m3sim rtl from " +
                    d_.kernel.source + " for " + d_.kernel.parameters + ".\n";
    s += "// Loop: interval " + str(t_.ii) + ", depth " + str(t_.depth) + ", " +
         (t_.stalling ? "stalling" : "flushing");
    if (!d_.trace.reads.empty()) s += ", read data taken in stage " + str(t_.take_stage);
    if (!d_.trace.writes.empty()) s += ", words put in stage " + str(t_.put_stage);
    if (t_.response_stage >= 0) s += ", responses taken in stage " + str(t_.response_stage);
    if (t_.request_before_loop) s += ", first requests before the loop";
    s += ".\n// Work ends in stage " + str(d_.schedule.last_stage) +
         "; the stages up to the depth are registers for a synthesis tool to move.\n";
    s += "// A stream item is read where valid and ready hold, and written where valid holds, "
         "which\n"
         "// implies ready: all writes of a cycle happen, or none. held_by:";
    for (std::size_t i = 0; i < held_by_.size(); ++i)
      s += "\n//   " + str(std::int64_t(i) + 1) + " " + held_by_[i];
    return s + "\n";
  }

  struct Early {
    Node* next = nullptr;
    Node* start = nullptr;
  };
  const Design& d_;
  const timing::LoopTiming& t_;
  const Graph& graph_;
  Expressions x_;
  int depth_, interval_bits_ = 1;
  std::vector<Port> ports_;
  std::vector<OutsideRead> reads_;
  std::vector<OutsideWrite> writes_;
  std::vector<Early> early_;
  std::vector<std::string> held_by_, conditions_, there_, missing_, opening_there_, opening_reads_;
  std::vector<std::pair<std::string, std::size_t>> opening_missing_;
  std::map<std::string, int> written_stage_;
  std::string declares_, leaves_, late_, assigns_, clocked_, starts_, resets_, done_;
};

}  // namespace

Module write_module(const Design& design) { return ModuleWriter(design).write(); }

std::string support_modules() {
  return R"(// Modules that kernels are built from. Made by m3sim rtl.

// A FIFO between two processes. A value written in a cycle can be read in the next one; a slot freed
// in a cycle can be written in the next one.
module m3sim_fifo #(parameter int WIDTH = 32, parameter int DEPTH = 2) (
  input  logic clk,
  input  logic reset,
  output logic in_ready,
  input  logic in_valid,
  input  logic [WIDTH-1:0] in_data,
  input  logic out_ready,
  output logic out_valid,
  output logic [WIDTH-1:0] out_data
);
  localparam int POSITION_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  logic [WIDTH-1:0] slots [0:DEPTH-1];
  logic [POSITION_BITS-1:0] head, tail;
  logic [COUNT_BITS-1:0] count;
  wire writes = in_valid & in_ready, reads = out_ready & out_valid;

  assign in_ready = count != COUNT_BITS'(DEPTH);
  assign out_valid = count != 0;
  assign out_data = slots[head];

  always_ff @(posedge clk) begin
    if (writes) slots[tail] <= in_data;
    if (reset) begin
      head <= '0;
      tail <= '0;
      count <= '0;
    end else begin
      if (writes) tail <= tail == POSITION_BITS'(DEPTH - 1) ? '0 : tail + 1'b1;
      if (reads) head <= head == POSITION_BITS'(DEPTH - 1) ? '0 : head + 1'b1;
      count <= count + COUNT_BITS'(writes) - COUNT_BITS'(reads);
    end
  end
endmodule

// A memory with a write port and a registered read port. A read sees the words before the cycle's
// write.
module m3sim_ram #(parameter int WORDS = 2, parameter int LANES = 1, parameter int LANE_BITS = 32,
                   parameter int ADDRESS_BITS = 1) (
  input  logic clk,
  input  logic read_enable,
  input  logic [ADDRESS_BITS-1:0] read_address,
  output logic [LANES*LANE_BITS-1:0] read_data,
  input  logic [LANES-1:0] write_lanes,
  input  logic [ADDRESS_BITS-1:0] write_address,
  input  logic [LANES*LANE_BITS-1:0] write_data
);
  logic [LANES*LANE_BITS-1:0] words [0:WORDS-1];
  for (genvar i = 0; i < LANES; i++)
    always_ff @(posedge clk)
      if (write_lanes[i])
        words[write_address][i*LANE_BITS +: LANE_BITS] <= write_data[i*LANE_BITS +: LANE_BITS];
  always_ff @(posedge clk) if (read_enable) read_data <= words[read_address];
endmodule

// A value some stages later, where the pipeline advances.
module m3sim_delay #(parameter int WIDTH = 1, parameter int STAGES = 1) (
  input  logic clk,
  input  logic enable,
  input  logic [WIDTH-1:0] in,
  output logic [WIDTH-1:0] out
);
  logic [STAGES*WIDTH-1:0] line;
  assign out = line[(STAGES-1)*WIDTH +: WIDTH];
  if (STAGES == 1) begin
    always_ff @(posedge clk) if (enable) line <= in;
  end else begin
    always_ff @(posedge clk) if (enable) line <= {line[(STAGES-1)*WIDTH-1:0], in};
  end
endmodule
)";
}

}  // namespace m3sim::rtl
