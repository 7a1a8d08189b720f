#include "model/network/routing_trace.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "model/config/error.hpp"
#include "model/network/file.hpp"

namespace m3sim {
namespace {

constexpr std::string_view kFormat = "m3sim.routing/1";

std::vector<std::string_view> split(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

class TraceReader {
 public:
  TraceReader(std::string name, const Dimensions& dimensions)
      : name_(std::move(name)), dimensions_(dimensions) {}

  Routing read(std::istream& in) {
    for (std::string line; std::getline(in, line);) {
      ++line_;
      const std::vector<std::string_view> words = split(line);
      if (words.empty()) continue;
      if (!header_seen_) {
        read_header(words);
      } else {
        read_token(words);
      }
    }
    if (!header_seen_) fail("empty, expected a routing trace (" + std::string(kFormat) + ")");
    require_complete();
    return std::move(routing_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw InputError(name_, line_, what); }

  int number(std::string_view text, const char* what, int least, int most) const {
    int value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || at != text.data() + text.size()) {
      fail(std::string(what) + " '" + std::string(text) + "' is not a whole number");
    }
    if (value < least || value > most) {
      fail(std::string(what) + " " + std::to_string(value) + " is out of range, expected " +
           std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
  }

  void read_header(const std::vector<std::string_view>& words) {
    if (words.front() != kFormat) {
      fail("not a routing trace, expected '" + std::string(kFormat) + "' first");
    }
    const std::array<std::pair<std::string, int>, 3> fields{{{"tokens", dimensions_.tokens()},
                                                             {"experts", dimensions_.experts},
                                                             {"top_k", dimensions_.top_k}}};
    for (const auto& [key, expected] : fields) {
      const std::string prefix = key + "=";
      const auto word = std::find_if(words.begin(), words.end(),
                                     [&](std::string_view w) { return w.starts_with(prefix); });
      if (word == words.end()) fail("the header lacks " + prefix + "...");
      const int found = number(word->substr(prefix.size()), key.c_str(), 1, 1 << 30);
      if (found != expected) {
        fail("trace of another network: " + prefix + std::to_string(found) + ", network " +
             dimensions_.name + " has " + std::to_string(expected));
      }
    }
    if (words.size() != fields.size() + 1) {
      fail("the header has words beyond tokens=, experts= and top_k=");
    }
    header_seen_ = true;
  }

  void read_token(const std::vector<std::string_view>& words) {
    const auto k = static_cast<std::size_t>(dimensions_.top_k);
    if (words.size() != 3 + k) {
      fail("expected a task, a layer, a token and " + std::to_string(k) + " experts, found " +
           std::to_string(words.size()) + " words");
    }
    const int task = read_task(std::string(words[0]));
    const int layer = number(words[1], "layer", 0, dimensions_.layers - 1);
    if (!dimensions_.is_moe(layer)) fail("layer " + std::to_string(layer) + " is no MoE layer");
    const int token = number(words[2], "token", 0, dimensions_.tokens() - 1);

    auto [entry, is_new] = pending_.try_emplace({task, layer}, dimensions_);
    Pending& pending = entry->second;
    if (pending.seen[static_cast<std::size_t>(token)]) {
      fail("token " + std::to_string(token) + " of this task and layer is given twice");
    }
    pending.seen[static_cast<std::size_t>(token)] = true;
    const std::span<Choice> choices = pending.routing.choices(token);
    for (std::size_t rank = 0; rank < k; ++rank) {
      choices[rank] = read_choice(words[3 + rank]);
      for (std::size_t earlier = 0; earlier < rank; ++earlier) {
        if (choices[earlier].expert == choices[rank].expert) {
          fail("expert " + std::to_string(choices[rank].expert) + " is given twice for token " +
               std::to_string(token));
        }
      }
    }
  }

  int read_task(const std::string& task) const {
    const auto& tasks = dimensions_.tasks;
    const auto found = std::find(tasks.begin(), tasks.end(), task);
    if (found == tasks.end()) fail("network " + dimensions_.name + " has no task '" + task + "'");
    return static_cast<int>(found - tasks.begin());
  }

  Choice read_choice(std::string_view word) const {
    const std::size_t colon = word.find(':');
    Choice choice;
    choice.expert = number(word.substr(0, colon), "expert", 0, dimensions_.experts - 1);
    choice.score = colon == std::string_view::npos
                       ? even_score(dimensions_.top_k)
                       : number(word.substr(colon + 1), "score", INT32_MIN, INT32_MAX);
    return choice;
  }

  void require_complete() {
    for (const auto& [key, unused] : pending_) {
      for (const int layer : moe_layers(dimensions_)) {
        const std::string where = "task " + dimensions_.tasks[static_cast<std::size_t>(key.first)] +
                                  ", layer " + std::to_string(layer);
        const auto found = pending_.find({key.first, layer});
        if (found == pending_.end()) fail("the trace ends without " + where);
        const auto& seen = found->second.seen;
        const auto missing = std::find(seen.begin(), seen.end(), false);
        if (missing != seen.end()) {
          fail("the trace ends without token " + std::to_string(missing - seen.begin()) + " of " +
               where);
        }
      }
    }
    for (auto& [key, pending] : pending_) {
      routing_.set(key.first, key.second, std::move(pending.routing));
    }
  }

  struct Pending {
    explicit Pending(const Dimensions& dimensions)
        : routing(dimensions.tokens(), dimensions.top_k),
          seen(static_cast<std::size_t>(dimensions.tokens()), false) {}
    LayerRouting routing;
    std::vector<bool> seen;
  };

  std::string name_;
  const Dimensions& dimensions_;
  long line_ = 0;
  bool header_seen_ = false;
  std::map<std::pair<int, int>, Pending> pending_;
  Routing routing_;
};

/// What a gzip file holds.
std::string expanded(const std::filesystem::path& file, std::string& bytes) {
  constexpr int kGzip = 16;  // zlib.h: with the largest window, a gzip header
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + kGzip) != Z_OK)
    throw std::runtime_error("zlib cannot start");
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 1 << 16> part;
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END) throw InputError(file.string(), "is a damaged gzip file");
  return text;
}

}  // namespace

void write_routing_trace(std::ostream& out, const Routing& routing, const Dimensions& dimensions) {
  out << kFormat << " tokens=" << dimensions.tokens() << " experts=" << dimensions.experts
      << " top_k=" << dimensions.top_k << '\n';
  for (const auto& [key, layer] : routing.layers()) {
    const std::string& task = dimensions.tasks.at(static_cast<std::size_t>(key.first));
    for (int token = 0; token < layer.tokens(); ++token) {
      out << task << ' ' << key.second << ' ' << token;
      for (const Choice& choice : layer.choices(token)) {
        out << ' ' << choice.expert;
        if (choice.score != even_score(layer.top_k())) out << ':' << choice.score;
      }
      out << '\n';
    }
  }
}

void write_routing_trace(const std::filesystem::path& file, const Routing& routing,
                         const Dimensions& dimensions) {
  std::ostringstream text;
  write_routing_trace(text, routing, dimensions);
  write_file(file, text.str());
}

Routing read_routing_trace(std::istream& in, const std::string& name,
                           const Dimensions& dimensions) {
  return TraceReader(name, dimensions).read(in);
}

Routing read_routing_trace(const std::filesystem::path& file, const Dimensions& dimensions) {
  std::string text = read_file(file);
  if (text.starts_with("\x1f\x8b")) text = expanded(file, text);
  std::istringstream in(std::move(text));
  return read_routing_trace(in, file.string(), dimensions);
}

}  // namespace m3sim
