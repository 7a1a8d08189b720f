#include "model/rtl/socket.hpp"

#include <algorithm>
#include <map>

#include "model/rtl/expressions.hpp"

namespace m3sim::rtl {
namespace {

std::string str(std::int64_t n) { return std::to_string(n); }

/// Collects the pieces of a vector.
struct Packed {
  std::string name;
  bool is_input;
  int width = 0;

  /// The next `piece` bits, `room` apart.
  std::string next(int piece, int room) {
    const std::string text = name + "[" + str(width) + " +: " + str(piece) + "]";
    width += room;
    return text;
  }
};

class SocketWriter {
 public:
  SocketWriter(const Design& design, const Module& module) : d_(design), m_(module) {}

  std::string write() {
    connect();
    std::string s = "// The ports of " + m_.kernel.name +
                    " as every kernel's socket has them.\nmodule " + m_.kernel.name +
                    "_socket (\n  input  logic clk,\n  input  logic reset,\n" +
                    "  input  logic start,\n";
    for (const Packed& v : vectors_)
      s += "  " + std::string(v.is_input ? "input  " : "output ") + "logic [" +
           str(std::max(1, v.width) - 1) + ":0] " + v.name + ",\n";
    s += "  output logic active,\n  output logic finished,\n  output logic issue,\n"
         "  output logic held,\n  output logic [7:0] held_by,\n  output logic [7:0] "
         "starved_by\n);\n";
    for (const Packed& v : vectors_)
      if (!v.is_input && v.width == 0) s += "  assign " + v.name + " = 1'b0;\n";
    s += zeros_ + "  " + m_.kernel.name + " kernel (\n";
    for (std::size_t i = 0; i < m_.ports.size(); ++i) {
      const std::string& name = m_.ports[i].name;
      const auto to = to_.find(name);
      s += "    ." + name + "(" + (to == to_.end() ? name : to->second) + ")" +
           (i + 1 < m_.ports.size() ? ",\n" : "\n");
    }
    return s + "  );\nendmodule\n";
  }

 private:
  Packed& vector(const std::string& name) {
    return *std::find_if(vectors_.begin(), vectors_.end(),
                         [&](const Packed& v) { return v.name == name; });
  }
  int width_of(const std::string& port) const {
    for (const Port& p : m_.ports)
      if (p.name == port) return p.width;
    return 0;
  }
  void data(const std::string& port, const std::string& to, int bits) {
    to_[port] = vector(to).next(bits, bits);
  }
  void bit(const std::string& port, const std::string& to) { data(port, to, 1); }
  /// A number has 32 bits, of which an output may leave some.
  void number(const std::string& port, const std::string& to) {
    const int width = width_of(port);
    Packed& v = vector(to);
    const int at = v.width;
    to_[port] = v.next(std::max(1, width), 32);
    const int from = width;
    if (!v.is_input && from < 32)
      zeros_ += "  assign " + to + "[" + str(at + from) + " +: " + str(32 - from) + "] = '0;\n";
  }

  void connect() {
    for (const StartInput& i : d_.trace.start) number("start_" + i.name, "start_values");
    for (const StreamPort& p : d_.trace.inputs) {
      bit("in_" + p.name + "_valid", "in_valid");
      data("in_" + p.name + "_data", "in_data", 32 * p.lanes);
      bit("in_" + p.name + "_ready", "in_ready");
    }
    for (const StreamPort& p : d_.trace.outputs) {
      bit("out_" + p.name + "_ready", "out_ready");
      bit("out_" + p.name + "_valid", "out_valid");
      data("out_" + p.name + "_data", "out_data", 32 * p.lanes);
    }
    const int word = 32 * d_.trace.word_lanes;
    for (const auto* ports : {&d_.trace.reads, &d_.trace.writes})
      for (const MemoryPort& p : *ports) {
        bit(p.name + "_request_ready", "request_ready");
        bit(p.name + "_request", "request");
        number(p.name + "_request_word", "request_word");
        number(p.name + "_request_words", "request_words");
      }
    for (const MemoryPort& p : d_.trace.reads) {
      bit(p.name + "_data_valid", "take_valid");
      data(p.name + "_data", "take_data", word);
      bit(p.name + "_take", "take");
    }
    for (const MemoryPort& p : d_.trace.writes) {
      bit(p.name + "_put_ready", "put_ready");
      bit(p.name + "_put", "put");
      data(p.name + "_put_data", "put_data", word);
      if (d_.schedule.timing.response_stage < 0) continue;
      bit(p.name + "_response_valid", "response_valid");
      bit(p.name + "_response_take", "response_take");
    }
    const auto& memories = d_.trace.graph->memories();
    for (const OutsideRead& r : m_.reads) {
      const Memory& memory = memories[static_cast<std::size_t>(r.memory)];
      bit(r.port + "_enable", "read_enable");
      number(r.port + "_address", "read_address");
      data(r.port + "_data", "read_data", memory.lanes * memory.lane_bits);
    }
    for (const OutsideWrite& w : m_.writes) {
      const Memory& memory = memories[static_cast<std::size_t>(w.memory)];
      data(w.port + "_lanes", "write_lanes", memory.lanes);
      number(w.port + "_address", "write_address");
      data(w.port + "_data", "write_data", memory.lanes * memory.lane_bits);
    }
    for (const Register& r : d_.trace.registers)
      if (r.shared) shared_register(r);
  }
  void shared_register(const Register& r) {
    const std::string name = "shared_" + r.name;
    number(name, "shared");
    const int width = width_of(name + "_next");
    if (width > 0) {
      bit(name + "_write", "shared_write");
      number(name + "_next", "shared_next");
      return;
    }
    zeros_ += "  assign " + vector("shared_write").next(1, 1) + " = 1'b0;\n";
    zeros_ += "  assign " + vector("shared_next").next(32, 32) + " = '0;\n";
  }

  const Design& d_;
  const Module& m_;
  std::map<std::string, std::string> to_;
  std::string zeros_;
  std::vector<Packed> vectors_{
      {"start_values", true},   {"in_valid", true},       {"in_data", true},
      {"out_ready", true},      {"request_ready", true},  {"take_valid", true},
      {"take_data", true},      {"put_ready", true},      {"response_valid", true},
      {"read_data", true},      {"shared", true},         {"in_ready", false},
      {"out_valid", false},     {"out_data", false},      {"request", false},
      {"request_word", false},  {"request_words", false}, {"take", false},
      {"put", false},           {"put_data", false},      {"response_take", false},
      {"read_enable", false},   {"read_address", false},  {"write_lanes", false},
      {"write_address", false}, {"write_data", false},    {"shared_write", false},
      {"shared_next", false}};
};

}  // namespace

std::string write_socket(const Design& design, const Module& module) {
  return SocketWriter(design, module).write();
}

std::vector<BuiltSocket>& built_sockets() {
  static std::vector<BuiltSocket> all;
  return all;
}

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace m3sim::rtl
