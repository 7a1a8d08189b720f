#include "tests/hls/ir_check.hpp"

#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace m3sim::hls_test {
namespace {

struct Function {
  std::vector<std::string> lines;
  std::set<std::string> callees;  ///< defined in the module
};

/// Name after the first @ from `from` on, or nothing.
std::string name_at(const std::string& line, std::size_t from) {
  const std::size_t at = line.find('@', from);
  if (at == std::string::npos) return {};
  std::size_t end = at + 1;
  while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) ||
                               line[end] == '_' || line[end] == '.' || line[end] == '$'))
    ++end;
  return line.substr(at + 1, end - at - 1);
}

std::map<std::string, Function> functions_of(const std::string& module) {
  std::map<std::string, Function> functions;
  std::istringstream text(module);
  Function* current = nullptr;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("define ", 0) == 0) {
      current = &functions[name_at(line, 0)];
      current->lines.push_back(line);
    } else if (line == "}") {
      current = nullptr;
    } else if (current) {
      current->lines.push_back(line);
    }
  }
  return functions;
}

bool harmless_intrinsic(const std::string& name) {
  static const std::set<std::string> kFamilies{
      "memcpy", "memset", "memmove",    "lifetime",    "smax", "smin", "umax",
      "umin",   "abs",    "fshl",       "fshr",        "usub", "uadd", "ssub",
      "sadd",   "umul",   "smul",       "assume",      "ctlz", "cttz", "ctpop",
      "bswap",  "expect", "bitreverse", "experimental"};
  if (name.rfind("llvm.", 0) != 0) return false;
  const std::size_t end = name.find('.', 5);
  const std::string family = name.substr(5, end == std::string::npos ? end : end - 5);
  if (family == "experimental") return name.rfind("llvm.experimental.noalias", 0) == 0;
  return kFamilies.count(family) != 0;
}

/// The instruction without quoted names, metadata and comments.
std::string bare(const std::string& line) {
  std::string text = std::regex_replace(line, std::regex("\"[^\"]*\""), "");
  return text.substr(0, text.find(", !"));
}

class Check {
 public:
  Check(const std::string& module, const std::string& top) : functions_(functions_of(module)) {
    if (!functions_.count(top)) {
      fault(top, "is not defined");
      return;
    }
    visit(top);
  }
  const std::set<std::string>& reached() const { return finished_; }
  IrFindings findings;

 private:
  void fault(const std::string& function, const std::string& what) {
    findings.faults.push_back(function + ": " + what);
  }

  void visit(const std::string& name) {
    under_way_.insert(name);
    ++findings.functions;
    Function& function = functions_.at(name);
    for (const std::string& line : function.lines) look(name, line);
    for (const std::string& callee : function.callees) {
      if (under_way_.count(callee))
        fault(name, "recursion through " + callee);
      else if (!finished_.count(callee))
        visit(callee);
    }
    under_way_.erase(name);
    finished_.insert(name);
  }

  void look(const std::string& name, const std::string& line) {
    static const std::regex kFloat("\\b(half|bfloat|float|double|x86_fp80|fp128|ppc_fp128)\\b");
    static const std::regex kUnwinds("\\b(invoke|landingpad|resume)\\b");
    static const std::regex kCall("^ *(%\\S+ = )?((tail|musttail|notail) )?call ");
    const std::string text = bare(line);
    if (std::regex_search(text, kFloat)) fault(name, "floating point:" + text);
    if (line.rfind("define ", 0) == 0) return;
    if (std::regex_search(text, kUnwinds)) fault(name, "an exception may pass:" + text);
    if (text.find(" alloca ") != std::string::npos &&
        std::regex_search(text, std::regex(" alloca .*, i[0-9]+ %")))
      fault(name, "stack space of variable size:" + text);
    if (std::regex_search(text, kCall)) call(name, text);
  }

  void call(const std::string& name, const std::string& text) {
    ++findings.calls;
    // The callee stands before the argument list: after the result's type and attributes.
    static const std::regex kCallee("call [^@]*?(@[A-Za-z0-9_.$]+|%[A-Za-z0-9_.]+|asm\\b[^(]*)\\(");
    std::smatch match;
    if (!std::regex_search(text, match, kCallee) || match[1].str()[0] != '@') {
      fault(name, "a call that names no function:" + text);
      return;
    }
    const std::string callee = match[1].str().substr(1);
    if (functions_.count(callee))
      functions_[name].callees.insert(callee);
    else if (callee.rfind("m3sim_bench_", 0) != 0 && !harmless_intrinsic(callee))
      fault(name, "calls " + callee + ", which is not synthesizable");
  }

  std::map<std::string, Function> functions_;
  std::set<std::string> under_way_, finished_;
};

}  // namespace

IrFindings check_ir(const std::string& module, const std::string& counts, const std::string& top) {
  Check check(module, top);
  IrFindings findings = check.findings;
  std::istringstream text(counts);
  std::string function;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("Determining loop execution counts for: @", 0) == 0) function = name_at(line, 0);
    if (line.rfind("Loop ", 0) != 0 || !check.reached().count(function)) continue;
    // One such line per loop.
    if (line.find("max backedge-taken count") == std::string::npos) continue;
    ++findings.loops;
    if (line.find("Unpredictable") != std::string::npos)
      findings.faults.push_back(function + ": no bound for " + line);
  }
  return findings;
}

}  // namespace m3sim::hls_test
