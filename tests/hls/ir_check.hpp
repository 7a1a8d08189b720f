// Whether the LLVM IR of a top stays within what HLS tools accept.
#pragma once

#include <string>
#include <vector>

namespace m3sim::hls_test {

/// What the check looked at, and what it found.
struct IrFindings {
  int functions = 0;  ///< reachable from the top, itself included
  int calls = 0;      ///< to functions, intrinsics included
  int loops = 0;
  std::vector<std::string> faults;
};

/// Checks a top and all that it reaches in a module (text of `clang++ -O1 -S -emit-llvm`):
///  * every call names its function: none through a pointer, no inline assembler;
///  * a called function is defined in the module, an intrinsic without effects outside the arguments
///    that it is given, or one of the stand-ins' ports (m3sim_bench_*): so neither operator new,
///    malloc nor any library;
///  * no function reaches itself; none may throw (invoke, landingpad, resume);
///  * no floating-point type; no stack space of variable size;
///  * every loop has a greatest trip count that scalar evolution derives from its counter. `counts`
///    is what `opt -passes='print<scalar-evolution>'` says of the module.
IrFindings check_ir(const std::string& module, const std::string& counts, const std::string& top);

}  // namespace m3sim::hls_test
