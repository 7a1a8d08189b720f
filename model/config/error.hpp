#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace m3sim {

/// How a command ends. Printed as the process's exit code.
enum class ExitCode : int {
  kDone = 0,
  kCheckFailed = 1,      // a check or comparison found a difference
  kBadInput = 2,         // usage, configuration or input file
  kSimulationFailed = 3  // the simulated hardware deadlocked or broke a hazard rule
};

/// Base of all errors that a user can act on. Thrown anywhere, caught once in `main`, which prints
/// `what()` on stderr and ends with `exit_code()`. Other exceptions are faults of the program.
class Error : public std::runtime_error {
 public:
  Error(ExitCode exit_code, const std::string& message)
      : std::runtime_error(message), exit_code_(exit_code) {}
  ExitCode exit_code() const { return exit_code_; }

 private:
  ExitCode exit_code_;
};

/// A command line that makes no sense.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ExitCode::kBadInput, message) {}
};

/// A configuration that is refused: every reason, one line each, in order of files and lines.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<std::string> lines)
      : Error(ExitCode::kBadInput, join(lines)), lines_(std::move(lines)) {}
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static std::string join(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
  }
  std::vector<std::string> lines_;
};

/// An input file that is missing or cannot be used: `FILE:LINE: key = value: message`, without the
/// parts that do not apply (line 0, empty key).
class InputError : public Error {
 public:
  InputError(const std::string& file, const std::string& message)
      : InputError(file, 0, {}, {}, message) {}
  InputError(const std::string& file, long line, const std::string& message)
      : InputError(file, line, {}, {}, message) {}
  InputError(const std::string& file, long line, const std::string& key, const std::string& value,
             const std::string& message)
      : Error(ExitCode::kBadInput, file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
                                       (key.empty() ? "" : key + " = " + value + ": ") + message) {}
};

/// The simulated hardware cannot go on: deadlock, hazard, values left in a stream.
class SimulationError : public Error {
 public:
  explicit SimulationError(const std::string& message)
      : Error(ExitCode::kSimulationFailed, message) {}
};

/// A check or comparison that the user asked for found a difference.
class CheckFailed : public Error {
 public:
  explicit CheckFailed(const std::string& message) : Error(ExitCode::kCheckFailed, message) {}
};

}  // namespace m3sim
