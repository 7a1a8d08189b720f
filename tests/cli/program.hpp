#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/scratch_folder.hpp"

namespace m3sim::test {

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Runs `m3sim ARGUMENTS` through the shell; the test names the program by the macro M3SIM_PROGRAM.
inline Outcome run_program(const std::string& arguments, const ScratchFolder& folder) {
  const std::string out = folder.path("stdout");
  const std::string err = folder.path("stderr");
  const std::string command =
      std::string("'" M3SIM_PROGRAM "' ") + arguments + " >'" + out + "' 2>'" + err + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

}  // namespace m3sim::test
