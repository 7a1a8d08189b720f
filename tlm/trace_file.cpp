#include "tlm/trace_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

#include "model/config/error.hpp"

namespace m3sim::tlm_mem {
namespace {

std::string read_bytes(const std::string& path) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw InputError(path, std::string("cannot be read: ") + std::strerror(errno));
  gzbuffer(file.get(), 1 << 17);
  std::string text;
  constexpr std::size_t kChunk = 1 << 20;
  for (;;) {
    const std::size_t size = text.size();
    text.resize(size + kChunk);
    const int got = gzread(file.get(), text.data() + size, kChunk);
    text.resize(size + static_cast<std::size_t>(std::max(got, 0)));
    if (got < static_cast<int>(kChunk)) break;
  }
  int error = Z_OK;
  const char* message = gzerror(file.get(), &error);
  if (error == Z_BUF_ERROR) throw InputError(path, "the gzip data ends too early: truncated file");
  if (error == Z_ERRNO)
    throw InputError(path, std::string("cannot be read: ") + std::strerror(errno));
  if (error != Z_OK) throw InputError(path, std::string("bad gzip data: ") + message);
  return text;
}

/// Parses the lines of a trace one after the other.
class TraceParser {
 public:
  TraceParser(const std::string& path, const TraceLimits& limits) : path_(path), limits_(limits) {}

  /// Returns false for a line without a request.
  bool parse(std::string_view line, TraceRequest& request) {
    ++number_;
    at_ = line.data();
    end_ = std::find(at_, at_ + line.size(), '#');
    while (end_ != at_ && is_space(end_[-1])) --end_;
    skip_space();
    if (at_ == end_) return false;
    request.time = static_cast<std::int64_t>(number(10, "a time (whole number, not negative)"));
    separator("after the time");
    request.direction = direction();
    separator("after R or W");
    if (end_ - at_ > 2 && at_[0] == '0' && (at_[1] | 0x20) == 'x') at_ += 2;
    request.address = number(16, "an address in hexadecimal digits");
    request.bytes = 64;
    skip_space();
    if (at_ != end_) {
      separator("after the address");
      const std::uint64_t bytes = number(10, "a number of bytes");
      if (bytes == 0 || bytes > kMaxTraceBytes) {
        fail("the size must be 1 to " + std::to_string(kMaxTraceBytes) + " bytes, not " +
             std::to_string(bytes));
      }
      request.bytes = static_cast<std::uint32_t>(bytes);
      skip_space();
      if (at_ != end_) fail("expected the end of the line, not '" + rest() + "'");
    }
    check(request);
    return true;
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  void skip_space() {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }
  std::string rest() const {
    constexpr std::ptrdiff_t kShown = 20;
    std::string text(at_, std::min(end_, at_ + std::min(end_ - at_, kShown)));
    for (char& c : text) {
      if (c < ' ' || c > '~') c = '?';
    }
    return text;
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(path_, number_, message);
  }
  void separator(const char* where) {
    skip_space();
    if (at_ == end_ || *at_ != ',') {
      fail(std::string("expected a comma ") + where +
           (at_ == end_ ? std::string(", not the end of the line") : ", not '" + rest() + "'"));
    }
    ++at_;
    skip_space();
  }
  std::uint64_t number(int base, const char* what) {
    std::uint64_t value = 0;
    const auto [next, error] = std::from_chars(at_, end_, value, base);
    if (error == std::errc::result_out_of_range) fail(std::string("number too large: ") + rest());
    if (error != std::errc() || (next != end_ && *next != ',' && !is_space(*next))) {
      fail(std::string("expected ") + what + ", not '" + rest() + "'");
    }
    at_ = next;
    return value;
  }
  Direction direction() {
    const char c = at_ == end_ ? '\0' : *at_;
    if (c != 'R' && c != 'W') fail("expected R or W, not '" + rest() + "'");
    ++at_;
    return c == 'R' ? Direction::kRead : Direction::kWrite;
  }
  void check(const TraceRequest& r) {
    if (r.time < 0 || r.time > limits_.latest_time) fail("time too large");
    if (r.time < time_) {
      fail("time " + std::to_string(r.time) + " is before that of the line above, " +
           std::to_string(time_));
    }
    time_ = r.time;
    const std::uint32_t line = limits_.line_bytes;
    const std::uint32_t alignment = r.bytes > line ? std::min(line, 32u) : r.bytes & -r.bytes;
    if (r.address % alignment != 0) {
      fail("address must be a multiple of " + std::to_string(alignment) + " for " +
           std::to_string(r.bytes) + " bytes");
    }
    if (r.bytes <= line && r.address % line + r.bytes > line) {
      fail(std::to_string(r.bytes) + " bytes must stay within a line of " + std::to_string(line));
    }
    if (r.address >= limits_.capacity_bytes || r.bytes > limits_.capacity_bytes - r.address) {
      fail("address is beyond the memory's " + std::to_string(limits_.capacity_bytes) + " bytes");
    }
  }

  const std::string& path_;
  const TraceLimits& limits_;
  long number_ = 0;
  std::int64_t time_ = 0;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace

std::vector<TraceRequest> read_trace(const std::string& path, const TraceLimits& limits) {
  const std::string text = read_bytes(path);
  std::vector<TraceRequest> requests;
  requests.reserve(text.size() / 12);
  TraceParser parser(path, limits);
  TraceRequest request;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    if (parser.parse(std::string_view(text).substr(begin, end - begin), request)) {
      requests.push_back(request);
    }
    begin = end + 1;
  }
  return requests;
}

}  // namespace m3sim::tlm_mem
