#include "model/network/file.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

#include "model/config/error.hpp"

namespace m3sim {

std::string read_file(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file)) {
    throw InputError(file.string(), "is a directory, expected a file");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InputError(file.string(), "cannot be opened");
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) throw InputError(file.string(), "cannot be read");
  return bytes;
}

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path partial = file.string() + ".partial";
  std::error_code failed;
  {
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) {
      std::filesystem::remove(partial, failed);
      throw InputError(file.string(), "cannot be written");
    }
  }
  std::filesystem::rename(partial, file, failed);
  if (failed) {
    const std::string reason = failed.message();
    std::filesystem::remove(partial, failed);
    throw InputError(file.string(), "cannot be written (" + reason + ")");
  }
}

}  // namespace m3sim
