// Nodes of a graph as SystemVerilog: wires with names, expressions, and the same values in later
// stages.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/rtl/schedule.hpp"

namespace m3sim::rtl {

class Expressions {
 public:
  Expressions(const Trace& trace, const Schedule& schedule);

  /// A name that is in use, so that no other node gets it.
  void reserve(const std::string& name) { names_.insert(name); }
  /// The node shall have this name, if it gets a wire.
  void suggest(const Node* node, const std::string& name);
  /// Marks an expression as one that will be asked for.
  void want(const Node* node);
  /// Name or literal of the node in a stage not before its own.
  std::string value(const Node* node, int stage);
  int stage_of(const Node* node) const;
  bool stable(const Node* node) const;

  /// Declarations of wires and delayed values, in order; functions of the tables used.
  const std::string& wires() const { return wires_; }
  /// Statements of the one clocked block: delayed values.
  const std::string& delays() const { return delays_; }
  const std::string& functions() const { return functions_; }

 private:
  struct Text {
    std::string text;
    bool is_atom = true;
  };
  std::string unique(const std::string& name);
  std::string operand(const Node* node, int stage);
  std::string atom(const Node* node);
  std::string expression(const Node* node);
  std::string leaf_name(const Node* node) const;
  std::string literal(const Node* node) const;
  std::string base_name(const Node* node) const;
  std::string narrow(const Node* node, int stage, int& width);
  std::string table_function(int table);
  std::string vector_of(const Node* pick);
  bool inlined(const Node* node) const;
  void declare(const Node* node, const std::string& name, const std::string& text);
  static std::string range(int width);

  const Trace& trace_;
  const Schedule& schedule_;
  std::vector<int> uses_;
  std::map<const Node*, std::string> suggested_, atoms_;
  std::map<const Node*, int> inline_size_;
  std::map<std::pair<const Node*, int>, std::string> delayed_;
  std::map<std::vector<std::string>, std::string> vectors_;
  std::map<int, std::string> functions_by_table_;
  std::set<std::string> names_;
  std::map<std::string, int> numbers_;
  std::string wires_, delays_, functions_;
};

/// `[width-1:0] ` or nothing for one bit.
std::string bit_range(int width);

}  // namespace m3sim::rtl
