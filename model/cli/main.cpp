#include "model/cli/command_registry.hpp"

int main(int argc, char** argv) {
  return static_cast<int>(m3sim::cli::run_program({argv + 1, argv + argc}));
}
