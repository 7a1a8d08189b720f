// SystemVerilog of one kernel: ports, pipeline and arithmetic.
#pragma once
#include <string>
#include <vector>

#include "model/rtl/schedule.hpp"

namespace m3sim::rtl {

/// What a module's head says of it.
struct Kernel {
  std::string name;        // of the module
  std::string source;      // file and actor
  std::string summary;     // one line
  std::string parameters;  // values that the module was made for
};

struct Port {
  bool is_input = true;
  int width = 1;
  std::string name;
  bool is_signed = false;
};

/// A memory outside the module, as its ports show it.
struct OutsideRead {
  int memory = 0;
  std::string port;  // _enable, _address, _data
};
struct OutsideWrite {
  int memory = 0;
  std::string port;  // _lanes, _address, _data
};

/// The text of a kernel's module and what surrounds need to know of its ports.
struct Module {
  Kernel kernel;
  std::string text;
  std::vector<Port> ports;
  std::vector<OutsideRead> reads;
  std::vector<OutsideWrite> writes;
  std::vector<std::string> held_by;  // what number 1, 2, ... of `held_by` means
};

/// Everything about a kernel that writers need.
struct Design {
  Kernel kernel;
  Trace trace;
  Schedule schedule;
};

Module write_module(const Design& design);

/// The modules that kernels are built from: FIFO, memory, delay line.
std::string support_modules();

/// A module around `module` with the same ports for every kernel (packed vectors, at least one bit
/// each): what a test bench or the simulator drives.
std::string write_socket(const Design& design, const Module& module);

}  // namespace m3sim::rtl
