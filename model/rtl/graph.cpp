#include "model/rtl/graph.hpp"

#include <algorithm>

namespace m3sim::rtl {
namespace {

Graph* current_graph = nullptr;

std::uint64_t masked(std::uint64_t value, int width) {
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

int signed_bits_of(std::int64_t value) {
  int bits = 1;
  while (bits < 64 && (value >> (bits - 1)) != 0 && (value >> (bits - 1)) != -1) ++bits;
  return bits;
}

/// Upper half of a 64 x 64 product from four products of 32 bits.
std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t al = a & 0xffffffffu, ah = a >> 32, bl = b & 0xffffffffu, bh = b >> 32;
  const std::uint64_t middle = ah * bl + ((al * bl) >> 32);
  const std::uint64_t other = al * bh + (middle & 0xffffffffu);
  return ah * bh + (middle >> 32) + (other >> 32);
}

std::uint64_t number(const Node* n) {
  return n->is_signed ? static_cast<std::uint64_t>(sign_extended(n->value, n->width)) : n->value;
}

/// The value of an operation on constants, not yet cut to its width.
std::uint64_t folded(Op op, const std::vector<Node*>& a, std::uint64_t value) {
  const std::uint64_t x = number(a[0]);
  const std::uint64_t y = a.size() > 1 ? number(a[1]) : 0;
  const auto sx = static_cast<std::int64_t>(x), sy = static_cast<std::int64_t>(y);
  const bool is_signed = a[0]->is_signed;
  switch (op) {
    case Op::kAdd: return x + y;
    case Op::kSubtract: return x - y;
    case Op::kMultiply: return x * y;
    case Op::kMultiplyFloor: return static_cast<std::uint64_t>((sx * sy) >> value);
    case Op::kMultiplyHigh: return high_product(x, y);
    case Op::kShiftLeft: return x << value;
    case Op::kShiftRight: return is_signed ? static_cast<std::uint64_t>(sx >> value) : x >> value;
    case Op::kSlice: return x >> value;
    case Op::kExtend: return x;
    case Op::kEqual: return x == y ? 1 : 0;
    case Op::kLess: return (is_signed ? sx < sy : x < y) ? 1 : 0;
    case Op::kLessEqual: return (is_signed ? sx <= sy : x <= y) ? 1 : 0;
    case Op::kAnd: return x & y;
    case Op::kOr: return x | y;
    case Op::kNot: return ~x;
    default: return 0;
  }
}

/// Significant bits of a node from those of its arguments.
int significant_bits(const Node& n) {
  const auto& a = n.arguments;
  const auto widest = [&](std::size_t first) {
    int bits = 1;
    for (std::size_t i = first; i < a.size(); ++i) bits = std::max(bits, a[i]->significant);
    return bits;
  };
  int bits = n.width;
  const int shift = static_cast<int>(n.value & 63);
  switch (n.op) {
    case Op::kConstant:
      bits = n.is_signed ? signed_bits_of(sign_extended(n.value, n.width)) : bits_of(n.value);
      break;
    case Op::kExtend:
      // A negative number has all bits where it is taken as unsigned.
      if (n.is_signed || !a[0]->is_signed)
        bits = a[0]->significant + (n.is_signed && !a[0]->is_signed ? 1 : 0);
      break;
    case Op::kSelect: bits = widest(1); break;
    case Op::kPick: bits = widest(1); break;
    case Op::kShiftLeft: bits = a[0]->significant + shift; break;
    case Op::kShiftRight: bits = a[0]->significant - shift; break;
    case Op::kAdd: bits = widest(0) + 1; break;
    case Op::kMultiply: bits = a[0]->significant + a[1]->significant; break;
    case Op::kMultiplyFloor: bits = a[0]->significant + a[1]->significant - shift; break;
    case Op::kMultiplyHigh: bits = a[0]->significant + a[1]->significant - 64; break;
    default: break;
  }
  return std::clamp(bits, 1, n.width);
}

}  // namespace

std::int64_t sign_extended(std::uint64_t bits, int width) {
  const int unused = 64 - width;
  return static_cast<std::int64_t>(bits << unused) >> unused;
}

int bits_of(std::uint64_t value) {
  int bits = 1;
  while (bits < 64 && (value >> bits) != 0) ++bits;
  return bits;
}

Graph& Graph::current() {
  if (!current_graph) throw std::logic_error("a symbolic number without a graph");
  return *current_graph;
}
Graph::Use::Use(Graph& graph) : before_(current_graph) { current_graph = &graph; }
Graph::Use::~Use() { current_graph = before_; }

Node* Graph::intern(Node node) {
  const Key key{node.op, node.width, node.is_signed, node.value, node.part, node.arguments};
  Node*& found = known_[key];
  if (!found) {
    node.id = static_cast<int>(nodes_.size());
    node.significant = significant_bits(node);
    if (node.op == Op::kTable && !node.is_signed) {
      node.significant = 1;
      for (const std::uint64_t e : tables_[node.value].entries)
        node.significant = std::max(node.significant, bits_of(e));
    }
    nodes_.push_back(std::move(node));
    found = &nodes_.back();
  }
  return found;
}

Node* Graph::constant(int width, bool is_signed, std::uint64_t value) {
  Node n;
  n.width = width;
  n.is_signed = is_signed;
  n.value = masked(value, width);
  return intern(n);
}

Node* Graph::leaf(Op op, int width, bool is_signed, std::uint64_t value, int part) {
  Node n;
  n.op = op;
  n.width = width;
  n.is_signed = is_signed;
  n.value = value;
  n.part = part;
  return intern(n);
}

/// Rules that make an operation one of its arguments or a constant; null where none applies.
Node* Graph::simplified(Op op, int width, bool is_signed, const std::vector<Node*>& a,
                        std::uint64_t value) {
  const auto same = [&](Node* n) {
    return n->width == width && n->is_signed == is_signed ? n : nullptr;
  };
  const auto zero = [](const Node* n) { return is_constant(n) && n->value == 0; };
  switch (op) {
    case Op::kSelect:
      if (is_constant(a[0])) return a[a[0]->value ? 1 : 2];
      if (a[1] == a[2]) return a[1];
      // A choice inside an arm of the same condition is decided.
      if (a[1]->op == Op::kSelect && a[1]->arguments[0] == a[0])
        return make(op, width, is_signed, {a[0], a[1]->arguments[1], a[2]});
      if (a[2]->op == Op::kSelect && a[2]->arguments[0] == a[0])
        return make(op, width, is_signed, {a[0], a[1], a[2]->arguments[2]});
      if (width == 1 && is_constant(a[1]) && is_constant(a[2]) && a[1]->value == 1) return a[0];
      break;
    case Op::kAnd:
    case Op::kOr:
      for (std::size_t i = 0; i < 2; ++i)
        if (is_constant(a[i])) return (a[i]->value != 0) == (op == Op::kAnd) ? a[1 - i] : a[i];
      if (a[0] == a[1]) return a[0];
      break;
    case Op::kNot:
      if (a[0]->op == Op::kNot) return a[0]->arguments[0];
      break;
    case Op::kEqual:
      if (a[0] == a[1]) return constant(1, false, 1);
      break;
    case Op::kAdd:
      if (zero(a[1])) return same(a[0]);
      if (zero(a[0])) return same(a[1]);
      break;
    case Op::kSubtract:
      if (zero(a[1])) return same(a[0]);
      break;
    case Op::kMultiply:
      for (std::size_t i = 0; i < 2; ++i)
        if (is_constant(a[i]) && a[i]->value == 1 && same(a[1 - i])) return a[1 - i];
      break;
    case Op::kMultiplyFloor:
      if (zero(a[0]) || zero(a[1])) return constant(width, is_signed, 0);
      break;
    case Op::kShiftLeft:
    case Op::kShiftRight:
      if (value == 0) return same(a[0]);
      break;
    case Op::kSlice:
      if (value == 0 && a[0]->width == width) return same(a[0]);
      // Bits of an extended number are bits of the number.
      if (a[0]->op == Op::kExtend && static_cast<int>(value) + width <= a[0]->arguments[0]->width)
        return make(Op::kSlice, width, is_signed, {a[0]->arguments[0]}, value);
      break;
    case Op::kExtend:
      if (a[0]->width == width) return same(a[0]);
      break;
    case Op::kPick:
      if (is_constant(a[0])) return a[std::min<std::size_t>(a[0]->value + 1, a.size() - 1)];
      if (a.size() == 2) return a[1];
      break;
    case Op::kTable:
      if (is_constant(a[0]))
        return constant(width, is_signed, tables_[value].entries.at(a[0]->value));
      break;
    default: break;
  }
  return nullptr;
}

Node* Graph::make(Op op, int width, bool is_signed, std::vector<Node*> a, std::uint64_t value) {
  if (Node* simple = simplified(op, width, is_signed, a, value)) return simple;
  const bool folds = op >= Op::kAdd && op <= Op::kNot &&
                     std::all_of(a.begin(), a.end(), [](Node* n) { return is_constant(n); });
  if (folds) return constant(width, is_signed, folded(op, a, value));
  Node n;
  n.op = op;
  n.width = width;
  n.is_signed = is_signed;
  n.value = value;
  n.arguments = std::move(a);
  return intern(n);
}

int Graph::table(const std::string& name, int width, std::vector<std::uint64_t> entries) {
  for (std::uint64_t& e : entries) e = masked(e, width);
  for (std::size_t t = 0; t < tables_.size(); ++t)
    if (tables_[t].width == width && tables_[t].entries == entries) return static_cast<int>(t);
  tables_.push_back({name, width, std::move(entries)});
  return static_cast<int>(tables_.size()) - 1;
}

int Graph::add_memory(const Memory& memory) {
  memories_.push_back(memory);
  return static_cast<int>(memories_.size()) - 1;
}

int Graph::read_at(int memory, Node* address) {
  for (std::size_t r = 0; r < reads_.size(); ++r)
    if (reads_[r].memory == memory && reads_[r].address == address) return static_cast<int>(r);
  reads_.push_back({memory, address, false});
  return static_cast<int>(reads_.size()) - 1;
}

Node* Graph::read_lane(int read, int lane) {
  MemoryRead& r = reads_[static_cast<std::size_t>(read)];
  r.used = true;
  Node n;
  n.op = Op::kMemory;
  n.width = memories_[static_cast<std::size_t>(r.memory)].lane_bits;
  n.is_signed = true;
  n.value = static_cast<std::uint64_t>(read);
  n.part = lane;
  n.arguments = {r.address};
  return intern(n);
}

void Graph::write_lane(int memory, Node* enable, Node* address, int lane, Node* data) {
  if (is_constant(enable) && enable->value == 0) return;
  const auto same = [&](const MemoryWrite& w) {
    return w.memory == memory && w.address == address;
  };
  auto write = std::find_if(writes_.begin(), writes_.end(), same);
  if (write == writes_.end()) {
    const auto lanes = static_cast<std::size_t>(memories_[static_cast<std::size_t>(memory)].lanes);
    writes_.push_back({memory, address, std::vector<Node*>(lanes), std::vector<Node*>(lanes)});
    write = writes_.end() - 1;
  }
  const auto i = static_cast<std::size_t>(lane);
  Node*& enabled = write->enable.at(i);
  Node*& value = write->data.at(i);
  // The later of two writes to a lane wins.
  value = enabled ? make(Op::kSelect, data->width, data->is_signed, {enable, data, value}) : data;
  enabled = enabled ? make(Op::kOr, 1, false, {enabled, enable}) : enable;
}

Node* Graph::substitute(Node* node, const std::vector<Node*>& by, std::map<Node*, Node*>& done) {
  if (node->op == Op::kRegister) return by[node->value];
  if (node->arguments.empty()) return node;
  if (const auto found = done.find(node); found != done.end()) return found->second;
  std::vector<Node*> arguments;
  for (Node* a : node->arguments) arguments.push_back(substitute(a, by, done));
  Node* result = node->op == Op::kMemory
                     ? node
                     : make(node->op, node->width, node->is_signed, arguments, node->value);
  done[node] = result;
  return result;
}

}  // namespace m3sim::rtl
