#include "model/cli/command_registry.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <map>
#include <new>

namespace m3sim::cli {
namespace {

std::map<std::string_view, Command>& table() {
  static std::map<std::string_view, Command> commands_by_name;
  return commands_by_name;
}

void print_help(std::ostream& out) {
  std::size_t widest = 0;
  for (const auto& [name, command] : table()) widest = std::max(widest, name.size());
  out << "m3sim simulates the M3ViT / Edge-MoE accelerator cycle by cycle.\n\n"
         "Usage: m3sim COMMAND [OPTIONS]\n"
         "       m3sim help COMMAND\n"
         "       m3sim --version\n\nCommands:\n";
  for (const auto& [name, command] : table()) {
    out << "  " << name << std::string(widest + 2 - name.size(), ' ') << command.summary << '\n';
  }
}

ExitCode help(const Arguments& arguments) {
  if (arguments.size() > 1) throw UsageError("m3sim help: takes one command");
  if (arguments.empty()) {
    print_help(std::cout);
    return ExitCode::kDone;
  }
  if (arguments.front() == "--help") {
    std::cout << "Usage: m3sim help [COMMAND]\n";
    return ExitCode::kDone;
  }
  return find_command(arguments.front()).run({"--help"});
}

const RegisterCommand kHelp({"help", "what a command does and takes", help});

ExitCode dispatch(const Arguments& arguments) {
  if (arguments.empty()) {
    print_help(std::cerr);
    return ExitCode::kBadInput;
  }
  const std::string& first = arguments.front();
  if (first == "--version") {
    std::cout << "m3sim " M3SIM_VERSION "\n";
    return ExitCode::kDone;
  }
  if (first == "--help" || first == "-h") {
    print_help(std::cout);
    return ExitCode::kDone;
  }
  return find_command(first).run({arguments.begin() + 1, arguments.end()});
}

ExitCode program_fault(const std::string& message) {
  std::cerr << "m3sim: internal error: " << message << '\n';
  return ExitCode::kSimulationFailed;
}

}  // namespace

RegisterCommand::RegisterCommand(const Command& command) { table().emplace(command.name, command); }

std::vector<Command> commands() {
  std::vector<Command> all;
  for (const auto& [name, command] : table()) all.push_back(command);
  return all;
}

const Command& find_command(std::string_view name) {
  const auto found = table().find(name);
  if (found == table().end()) {
    throw UsageError("m3sim: unknown command '" + std::string(name) + "'; m3sim help lists all");
  }
  return found->second;
}

ExitCode run_program(const Arguments& arguments) {
  try {
    const ExitCode code = dispatch(arguments);
    if (!std::cout.flush()) throw Error(ExitCode::kBadInput, "stdout: cannot be written");
    return code;
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    std::cerr << "m3sim: out of memory\n";
    return ExitCode::kBadInput;
  } catch (const std::exception& error) {
    return program_fault(error.what());
  }
}

}  // namespace m3sim::cli
