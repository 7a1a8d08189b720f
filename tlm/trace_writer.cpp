#include "tlm/trace_writer.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include "model/config/error.hpp"

namespace m3sim::tlm_mem {
namespace {

constexpr std::size_t kFlushAt = 1 << 16;
constexpr int kDefaultBytes = 64;

template <class Integer>
void append(std::string& text, Integer value, int base) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  text.append(digits, end);
}

}  // namespace

TraceWriter::TraceWriter(std::filesystem::path file, int line_bytes)
    : file_(std::move(file)),
      partial_(file_.string() + ".partial"),
      suffix_(line_bytes == kDefaultBytes ? "\n" : "," + std::to_string(line_bytes) + "\n"),
      out_(nullptr, gzclose) {
  // Fast compression, or (T) none.
  errno = 0;
  out_.reset(gzopen(partial_.c_str(), file_.extension() == ".gz" ? "wb1" : "wbT"));
  if (!out_) {
    throw InputError(file_.string(), std::string("cannot be written: ") + std::strerror(errno));
  }
  text_.reserve(kFlushAt + 64);
}

TraceWriter::~TraceWriter() {
  if (!out_) return;
  out_.reset();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void TraceWriter::add(Cycle clock, Direction direction, std::uint64_t address) {
  append(text_, clock, 10);
  text_ += direction == Direction::kRead ? ",R," : ",W,";
  append(text_, address, 16);
  text_ += suffix_;
  if (text_.size() >= kFlushAt) flush();
}

void TraceWriter::flush() {
  const auto size = static_cast<unsigned>(text_.size());
  if (size > 0 && gzwrite(out_.get(), text_.data(), size) != static_cast<int>(size)) failed_ = true;
  text_.clear();
}

void TraceWriter::finish() {
  flush();
  failed_ = gzclose(out_.release()) != Z_OK || failed_;
  std::error_code error;
  if (!failed_) std::filesystem::rename(partial_, file_, error);
  if (!failed_ && !error) return;
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  throw InputError(file_.string(), error ? "cannot be written: " + error.message()
                                         : std::string("cannot be written"));
}

}  // namespace m3sim::tlm_mem
