// The expressions that a kernel computes, as a graph without loops: what the symbolic number family
// (symbolic.hpp) leaves behind when it runs a kernel once.
//
// Equal expressions are one node; constants fold. Every node is a bit vector of a width of its own.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace m3sim::rtl {

/// A kernel or its parameters cannot be built in hardware; the message names the rule.
class BuildError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Op : std::uint8_t {
  kConstant,  // value
  kStart,     // parameter `value`, given with the start pulse
  kRegister,  // register `value`
  kInput,     // lane `part` of input stream `value`
  kResponse,  // lane `part` of the word taken from read port `value`
  kMemory,    // lane `part` of memory read `value` (Graph::reads); argument: the address
  kAdd,
  kSubtract,
  kMultiply,       // of indexes
  kMultiplyFloor,  // (a * b) >> value, signed, low 32 bits
  kMultiplyHigh,   // upper 64 of 128 bits, unsigned
  kShiftLeft,      // by value
  kShiftRight,     // by value; arithmetic where signed
  kSlice,          // bits value ... value + width - 1
  kExtend,  // to a greater width: with the sign where the argument is signed, else with zeros
  kEqual,
  kLess,       // signed where the arguments are
  kLessEqual,  // likewise
  kAnd,
  kOr,
  kNot,
  kSelect,  // arguments: condition, value where it holds, value where not
  kTable,   // entry of table `value` (Graph::tables); argument: the index
  kPick,    // argument 1 + i of argument 0 = i
};

struct Node {
  Op op = Op::kConstant;
  int width = 1;
  bool is_signed = false;
  std::uint64_t value = 0;  // see Op; a constant's bits lie in `width`
  int part = 0;
  std::vector<Node*> arguments;
  /// Bits that say all of the value: signed or unsigned as the node is.
  int significant = 1;
  int id = 0;
};

struct Table {
  std::string name;
  int width = 32;
  std::vector<std::uint64_t> entries;
};

/// A memory of the kernel. Private ones lie inside its module, others outside.
struct Memory {
  std::string name;
  int lanes = 1;
  int lane_bits = 32;
  int words = 1;
  bool is_private = false;
};

/// All lanes of a word, read at one address.
struct MemoryRead {
  int memory = 0;
  Node* address = nullptr;
  bool used = false;  // by an expression
};

/// Lanes written at one address in a firing: a lane without an enable is not written.
struct MemoryWrite {
  int memory = 0;
  Node* address = nullptr;
  std::vector<Node*> enable, data;
};

class Graph {
 public:
  /// Index values have at most so many bits.
  explicit Graph(int index_bits) : index_bits_(index_bits) {}
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// The graph that symbolic numbers belong to, while a kernel is traced.
  static Graph& current();
  class Use {
   public:
    explicit Use(Graph& graph);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Graph* before_;
  };

  int index_bits() const { return index_bits_; }
  Node* constant(int width, bool is_signed, std::uint64_t value);
  Node* leaf(Op op, int width, bool is_signed, std::uint64_t value, int part = 0);
  Node* make(Op op, int width, bool is_signed, std::vector<Node*> arguments,
             std::uint64_t value = 0);
  /// Number of a table of constants; the same values are one table.
  int table(const std::string& name, int width, std::vector<std::uint64_t> entries);

  int add_memory(const Memory& memory);
  int read_at(int memory, Node* address);
  Node* read_lane(int read, int lane);
  void write_lane(int memory, Node* enable, Node* address, int lane, Node* data);

  const std::deque<Node>& nodes() const { return nodes_; }
  std::deque<Node>& nodes() { return nodes_; }
  const std::vector<Table>& tables() const { return tables_; }
  const std::vector<Memory>& memories() const { return memories_; }
  const std::vector<MemoryRead>& reads() const { return reads_; }
  const std::vector<MemoryWrite>& writes() const { return writes_; }

  /// The node with registers replaced: `by[r]` stands for register r.
  Node* substitute(Node* node, const std::vector<Node*>& by, std::map<Node*, Node*>& done);

 private:
  using Key = std::tuple<Op, int, bool, std::uint64_t, int, std::vector<Node*>>;
  Node* intern(Node node);
  Node* simplified(Op op, int width, bool is_signed, const std::vector<Node*>& a,
                   std::uint64_t value);

  int index_bits_;
  std::deque<Node> nodes_;
  std::map<Key, Node*> known_;
  std::vector<Table> tables_;
  std::vector<Memory> memories_;
  std::vector<MemoryRead> reads_;
  std::vector<MemoryWrite> writes_;
};

/// The signed number in the low `width` bits.
std::int64_t sign_extended(std::uint64_t bits, int width);
inline bool is_constant(const Node* n) { return n->op == Op::kConstant; }
/// Bits of an unsigned number, at least 1.
int bits_of(std::uint64_t value);

}  // namespace m3sim::rtl
