#include "model/rtl/expressions.hpp"

#include <algorithm>
#include <cstdio>

namespace m3sim::rtl {
namespace {

std::size_t at(const Node* n) { return static_cast<std::size_t>(n->id); }
std::string str(std::int64_t n) { return std::to_string(n); }

/// Expressions longer than this get a wire of their own.
constexpr std::size_t kLongest = 100;
/// A value that is needed this many stages later goes through a delay line.
constexpr int kFewStages = 3;

const char* sign_of(Op op) {
  switch (op) {
    case Op::kAdd: return " + ";
    case Op::kSubtract: return " - ";
    case Op::kMultiply: return " * ";
    case Op::kEqual: return " == ";
    case Op::kLess: return " < ";
    case Op::kLessEqual: return " <= ";
    case Op::kAnd: return " & ";
    case Op::kOr: return " | ";
    default: return nullptr;
  }
}

/// Breaks a long sum over lines.
std::string wrapped(const std::string& text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (column > 88 && text.compare(i, 3, " + ") == 0) {
      out += "\n     ";
      column = 5;
    }
    out += text[i];
    ++column;
  }
  return out;
}

}  // namespace

std::string bit_range(int width) {
  return width == 1 ? std::string() : "[" + str(width - 1) + ":0] ";
}
std::string Expressions::range(int width) { return bit_range(width); }

Expressions::Expressions(const Trace& trace, const Schedule& schedule)
    : trace_(trace), schedule_(schedule) {
  uses_.resize(trace.graph->nodes().size());
  for (const Node& n : trace.graph->nodes())
    if (schedule.live.size() > at(&n) && schedule.live[at(&n)])
      for (const Node* a : n.arguments) ++uses_[at(a)];
}

int Expressions::stage_of(const Node* n) const {
  return stable(n) || at(n) >= schedule_.stage.size() ? 0 : schedule_.stage[at(n)];
}
bool Expressions::stable(const Node* n) const {
  if (at(n) < schedule_.stable.size()) return schedule_.stable[at(n)];
  return false;  // Made after the schedule: of stage 0.
}

void Expressions::suggest(const Node* node, const std::string& name) {
  suggested_.emplace(node, name);
}
void Expressions::want(const Node* node) {
  if (uses_.size() <= at(node)) uses_.resize(trace_.graph->nodes().size());
  ++uses_[at(node)];
}

std::string Expressions::unique(const std::string& name) {
  std::string result = name;
  while (!names_.insert(result).second) result = name + "_" + str(++numbers_[name]);
  return result;
}

std::string Expressions::literal(const Node* n) const {
  if (n->width == 1) return n->value ? "1'b1" : "1'b0";
  char text[64];
  if (n->width == 64) {
    std::snprintf(text, sizeof text, "64'h%llx", static_cast<unsigned long long>(n->value));
    return text;
  }
  if (!n->is_signed) return str(n->width) + "'d" + str(static_cast<std::int64_t>(n->value));
  const std::int64_t v = sign_extended(n->value, n->width);
  if (v == -(std::int64_t{1} << (n->width - 1))) {
    std::snprintf(text, sizeof text, "%d'sh%llx", n->width,
                  static_cast<unsigned long long>(n->value));
    return text;
  }
  return (v < 0 ? "-" : "") + str(n->width) + "'sd" + str(v < 0 ? -v : v);
}

std::string Expressions::leaf_name(const Node* n) const {
  const Graph& g = *trace_.graph;
  switch (n->op) {
    case Op::kStart: return "start_" + trace_.start[n->value].name;
    case Op::kRegister: {
      const Register& r = trace_.registers[n->value];
      return (r.shared ? "shared_" : "") + r.name;
    }
    case Op::kInput: return "in_" + trace_.inputs[n->value].name + "_" + str(n->part);
    case Op::kResponse: return trace_.reads[n->value].name + "_lane_" + str(n->part);
    case Op::kMemory: {
      const auto& reads = g.reads();
      int before = 0;
      for (std::size_t r = 0; r < n->value; ++r)
        before += reads[r].used && reads[r].memory == reads[n->value].memory;
      return g.memories()[static_cast<std::size_t>(reads[n->value].memory)].name +
             (before > 0 ? "_read" + str(before) : "") + "_" + str(n->part);
    }
    default: return {};
  }
}

/// Wires are named after what makes them.
std::string Expressions::base_name(const Node* n) const {
  const auto suggested = suggested_.find(n);
  if (suggested != suggested_.end()) return suggested->second;
  const auto& a = n->arguments;
  if (n->op == Op::kEqual && a[0]->op == Op::kRegister && is_constant(a[1]) && a[1]->value == 0)
    return trace_.registers[a[0]->value].name + "_first";
  if (n->op == Op::kEqual && a[0]->op == Op::kAdd && a[0]->arguments[0]->op == Op::kRegister &&
      is_constant(a[0]->arguments[1]) && a[0]->arguments[1]->value == 1)
    return trace_.registers[a[0]->arguments[0]->value].name + "_last";
  switch (n->op) {
    case Op::kAdd: return n->is_signed ? "sum" : "plus";
    case Op::kSubtract: return "difference";
    case Op::kMultiply: return "times";
    case Op::kMultiplyFloor: return "product";
    case Op::kMultiplyHigh: return "high";
    case Op::kShiftLeft:
    case Op::kShiftRight: return "shifted";
    case Op::kSlice: return "bits";
    case Op::kExtend: return "wide";
    case Op::kSelect: return n->width == 1 ? "when" : "choice";
    case Op::kTable: return trace_.graph->tables()[n->value].name;
    case Op::kPick: return "picked";
    default: return "when";
  }
}

bool Expressions::inlined(const Node* n) const {
  if (suggested_.count(n)) return false;
  switch (n->op) {
    case Op::kEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot: return uses_[at(n)] == 1;
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kSelect: return uses_[at(n)] == 1 && n->width >= 16 && n->is_signed;
    default: return false;
  }
}

/// The node as part of an expression of the same stage.
std::string Expressions::operand(const Node* n, int stage) {
  const bool here = stable(n) || stage_of(n) == stage;
  if (!here || !inlined(n) || atoms_.count(n)) return value(n, stage);
  const std::string text = expression(n);
  const std::size_t longest = n->op == Op::kAdd ? 8 * kLongest : kLongest;
  if (text.size() > longest) {
    declare(n, unique(base_name(n)), text);
    return atoms_[n];
  }
  return n->op == Op::kNot ? text : "(" + text + ")";
}

void Expressions::declare(const Node* n, const std::string& name, const std::string& text) {
  wires_ += "  wire " + std::string(n->is_signed ? "signed " : "") + range(n->width) + name +
            " = " + wrapped(text) + ";\n";
  atoms_[n] = name;
}

/// Name of the node in its own stage.
std::string Expressions::atom(const Node* n) {
  if (is_constant(n)) return literal(n);
  const auto found = atoms_.find(n);
  if (found != atoms_.end()) return found->second;
  if (n->arguments.empty() || n->op == Op::kMemory) return leaf_name(n);
  const std::string text = expression(n);
  if (!atoms_.count(n)) declare(n, unique(base_name(n)), text);
  return atoms_[n];
}

std::string Expressions::value(const Node* n, int stage) {
  const int own = stage_of(n);
  if (is_constant(n) || stable(n) || stage <= own) return atom(n);
  const auto found = delayed_.find({n, stage});
  if (found != delayed_.end()) return found->second;
  const std::string from = stage - own <= kFewStages ? value(n, stage - 1) : atom(n);
  const std::string name = unique(atom(n) + "_at_" + str(stage));
  const std::string sign = n->is_signed ? "signed " : "";
  if (stage - own <= kFewStages) {
    wires_ += "  logic " + sign + range(n->width) + name + ";\n";
    delays_ += "      " + name + " <= " + from + ";\n";
  } else {
    wires_ += "  wire " + sign + range(n->width) + name + ";\n  m3sim_delay #(.WIDTH(" +
              str(n->width) + "), .STAGES(" + str(stage - own) + ")) " + name +
              "_line (.clk(clk), .enable(advance), .in(" + from + "), .out(" + name + "));\n";
  }
  delayed_[{n, stage}] = name;
  return name;
}

/// An operand of a product with no more bits than say all of it.
std::string Expressions::narrow(const Node* n, int stage, int& width) {
  if (n->op == Op::kExtend && n->is_signed && n->arguments[0]->is_signed) n = n->arguments[0];
  width = n->significant;
  if (is_constant(n)) {
    Node shorter = *n;
    shorter.width = width;
    shorter.value = n->value & ((std::uint64_t{1} << width) - 1);
    if (width == 64) shorter.value = n->value;
    return literal(&shorter);
  }
  const std::string name = value(n, stage);
  if (width == n->width) return name;
  const std::string part = name + "[" + str(width - 1) + ":0]";
  return n->is_signed ? "$signed(" + part + ")" : part;
}

std::string Expressions::table_function(int number) {
  const auto found = functions_by_table_.find(number);
  if (found != functions_by_table_.end()) return found->second;
  const Table& table = trace_.graph->tables()[static_cast<std::size_t>(number)];
  const std::string name = unique(table.name + "_table");
  const int bits = bits_of(table.entries.size() - 1);
  const int digits = (table.width + 3) / 4;
  functions_ += "  function automatic " + range(table.width) + name + "(input " + range(bits) +
                "i);\n    case (i)\n";
  for (std::size_t i = 0; i < table.entries.size(); ++i) {
    char line[96];
    std::snprintf(line, sizeof line, "      %d'd%zu: %s = %d'h%0*llx;\n", bits, i, name.c_str(),
                  table.width, digits, static_cast<unsigned long long>(table.entries[i]));
    functions_ += line;
  }
  functions_ += "      default: " + name + " = " + str(table.width) + "'h0;\n    endcase\n" +
                "  endfunction\n\n";
  functions_by_table_[number] = name;
  return name;
}

/// A vector of the values that a node picks from.
std::string Expressions::vector_of(const Node* pick) {
  const int stage = stage_of(pick);
  std::vector<std::string> parts;
  for (std::size_t i = 1; i < pick->arguments.size(); ++i)
    parts.push_back(value(pick->arguments[i], stage));
  std::string& name = vectors_[parts];
  if (!name.empty()) return name;
  std::string base = parts.front();
  while (!base.empty() && (std::isdigit(base.back()) || base.back() == '_')) base.pop_back();
  if (base.empty() || base.find('\'') != std::string::npos) base = "all";
  name = unique(base + "_all");
  wires_ += "  wire " + range(pick->width * static_cast<int>(parts.size())) + name + " = {";
  std::size_t column = 0;
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (column > 80) {
      wires_ += "\n      ";
      column = 0;
    }
    wires_ += parts[i] + (i > 0 ? ", " : "};\n");
    column += parts[i].size() + 2;
  }
  return name;
}

std::string Expressions::expression(const Node* n) {
  const int stage = stage_of(n);
  const auto& a = n->arguments;
  switch (n->op) {
    case Op::kAdd:
    case Op::kAnd:
    case Op::kOr: {
      // A chain of the same operator needs no brackets on its left.
      std::string left = operand(a[0], stage);
      if (a[0]->op == n->op && left.size() > 2 && left.front() == '(' && !atoms_.count(a[0]))
        left = left.substr(1, left.size() - 2);
      return left + sign_of(n->op) + operand(a[1], stage);
    }
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kEqual:
    case Op::kLess:
    case Op::kLessEqual: return operand(a[0], stage) + sign_of(n->op) + operand(a[1], stage);
    case Op::kNot: return "!" + operand(a[0], stage);
    case Op::kSelect: {
      // The assignment extends an unsigned arm by itself.
      const auto arm = [&](const Node* v) {
        const bool widened = v->op == Op::kExtend && !v->is_signed && !v->arguments[0]->is_signed;
        return operand(widened ? v->arguments[0] : v, stage);
      };
      return operand(a[0], stage) + " ? " + arm(a[1]) + " : " + arm(a[2]);
    }
    case Op::kMultiplyFloor:
    case Op::kMultiplyHigh: {
      int left = 0, right = 0;
      const std::string x = narrow(a[0], stage, left), y = narrow(a[1], stage, right);
      const bool is_floor = n->op == Op::kMultiplyFloor;
      const std::string name = unique(base_name(n));
      const std::string full = unique(name + "_full");
      wires_ += "  wire " + std::string(is_floor ? "signed " : "") + range(left + right) + full +
                " = " + x + " * " + y + ";\n";
      if (is_floor) {
        declare(n, name, full + " >>> " + str(static_cast<std::int64_t>(n->value)));
      } else {
        declare(n, name,
                left + right <= 64 ? "64'h0" : full + "[" + str(left + right - 1) + ":64]");
      }
      return name;
    }
    case Op::kShiftLeft: return value(a[0], stage) + " << " + str(std::int64_t(n->value));
    case Op::kShiftRight:
      return value(a[0], stage) + (a[0]->is_signed ? " >>> " : " >> ") +
             str(std::int64_t(n->value));
    case Op::kSlice: {
      const auto low = static_cast<int>(n->value);
      const std::string name = value(a[0], stage);
      if (a[0]->width == 1) return name;
      return name + "[" + str(low + n->width - 1) + ":" + str(low) + "]";
    }
    case Op::kExtend: {
      // The target's width extends a signed operand with its sign only if all is signed.
      const std::string name = value(a[0], stage);
      const int more = n->width - a[0]->width;
      if (a[0]->is_signed && !n->is_signed)
        return "{{" + str(more) + "{" + name + "[" + str(a[0]->width - 1) + "]}}, " + name + "}";
      if (!a[0]->is_signed && n->is_signed) return "{" + str(more) + "'d0, " + name + "}";
      return name;
    }
    case Op::kTable: {
      const Table& table = trace_.graph->tables()[n->value];
      const int bits = bits_of(table.entries.size() - 1);
      const std::string index = value(a[0], stage);
      const std::string cut = a[0]->width > bits ? index + "[" + str(bits - 1) + ":0]" : index;
      return table_function(static_cast<int>(n->value)) + "(" + cut + ")";
    }
    case Op::kPick: {
      const std::string all = vector_of(n);
      return all + "[" + (n->width == 1 ? "" : str(n->width) + " * ") + value(a[0], stage) +
             (n->width == 1 ? "]" : " +: " + str(n->width) + "]");
    }
    default: return leaf_name(n);
  }
}

}  // namespace m3sim::rtl
