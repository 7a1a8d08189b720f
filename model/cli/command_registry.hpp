#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/config/error.hpp"

namespace m3sim::cli {

using Arguments = std::vector<std::string>;

/// A command of the program: `m3sim NAME ARGUMENTS`. `run` prints results on stdout and everything
/// else on stderr; it throws m3sim::Error for what a user can act on, or returns kCheckFailed for a
/// comparison that found differences.
struct Command {
  std::string_view name;
  std::string_view summary;  // one line
  ExitCode (*run)(const Arguments& arguments);
};

/// Registers a command; one static object in the command's own file is all that a new command
/// needs.
class RegisterCommand {
 public:
  explicit RegisterCommand(const Command& command);
};

/// All commands by name.
std::vector<Command> commands();
/// Throws UsageError, with the nearest name, for an unknown one.
const Command& find_command(std::string_view name);

/// The whole program: runs the command line and turns errors into one message on stderr and an exit
/// code.
ExitCode run_program(const Arguments& arguments);

}  // namespace m3sim::cli
