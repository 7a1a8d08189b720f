#pragma once

#include <stdexcept>

namespace m3sim {

// What the user gave cannot be used: a configuration, a file, a command line. The message is one line
// that says where, what was found and what is expected. The program ends with exit code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace m3sim
