// Test benches inside a tool: streams are filled before the call and compared after it, tensors are
// arrays from their word 0 on. The order of operations at different ports is not seen here.
#pragma once
#include "model/hls/bench/arguments.hpp"
#include "model/hls/ports.hpp"

#if defined(__BAMBU_SIM__)
#include <mdpi/mdpi_user.h>
#endif

namespace m3sim {
namespace hls {
namespace bench {

/// What passes one port in a call: items of a stream, or words of a tensor.
struct PortImage {
  std::vector<std::int32_t> lanes;
  std::vector<char> known;  // words of a tensor that the call reads or writes
};

class Binding : public CallBinding {
 public:
  Binding(const Recorded& recorded, const Call& call) : CallBinding(call), recorded_(recorded) {}
  /// The next stream: its lanes in order, and whether the top writes them.
  PortImage stream(bool& written) {
    const int port = stream_ < recorded_.inputs ? stream_ : stream_ - recorded_.inputs;
    written = stream_++ >= recorded_.inputs;
    const std::int32_t wanted = (written ? kWrite : kRead) * 256 + port;
    PortImage image;
    walk([&](std::int32_t code, const std::int32_t* lanes) {
      if (code == wanted)
        image.lanes.insert(image.lanes.end(), lanes, lanes + recorded_.length(code));
    });
    return image;
  }
  /// The next tensor.
  PortImage tensor(bool& written) {
    const int port = memory_ < recorded_.reads ? memory_ : memory_ - recorded_.reads;
    written = memory_++ >= recorded_.reads;
    const std::int32_t request = (written ? kWriteRequest : kReadRequest) * 256 + port;
    const std::int32_t word = (written ? kPut : kTake) * 256 + port;
    std::vector<std::int32_t> addresses;
    std::size_t next = 0;
    PortImage image;
    const int lanes_of_word = recorded_.word_lanes;
    walk([&](std::int32_t code, const std::int32_t* lanes) {
      if (code == request)
        for (std::int32_t i = 0; i < lanes[1]; ++i) addresses.push_back(lanes[0] + i);
      if (code != word) return;
      const auto at = static_cast<std::size_t>(addresses.at(next++));
      if (image.known.size() <= at) image.known.resize(at + 1);
      image.lanes.resize(image.known.size() * static_cast<std::size_t>(lanes_of_word));
      image.known[at] = 1;
      std::copy(lanes, lanes + lanes_of_word,
                image.lanes.begin() + static_cast<std::ptrdiff_t>(at) * lanes_of_word);
    });
    return image;
  }

 private:
  template <class F>
  void walk(F f) const {
    const std::vector<std::int32_t>& t = call_.transcript;
    for (std::size_t at = 0; at < t.size();) {
      f(t[at], t.data() + at + 1);
      at += 1 + static_cast<std::size_t>(recorded_.length(t[at]));
    }
  }
  const Recorded& recorded_;
  int stream_ = 0, memory_ = 0;
};

inline void compare(const std::int32_t* lanes, const std::int32_t* expected, std::size_t count,
                    const char* what, std::size_t number, Verdict& verdict) {
  verdict.values += static_cast<long>(count);
  if (!std::equal(lanes, lanes + count, expected))
    verdict.fault(std::string(what) + " " + std::to_string(number) + " differs");
}

/// Lanes in an array of items or words, zero where nothing is to be read.
template <class T>
class ArrayImage {
 public:
  /// `least` items are there even where fewer are used.
  ArrayImage(const PortImage& image, bool written, const char* what, std::size_t least)
      : what_(what),
        written_(written),
        expected_(image),
        array_(std::max(least, image.lanes.size() / kLanes)) {
    if (written_) return;
    for (std::size_t i = 0; i < expected_.lanes.size(); ++i)
      array_[i / kLanes].lanes[i % kLanes] = expected_.lanes[i];
  }
  bool is_written() const { return written_; }
  T* data() { return array_.data(); }
  std::size_t bytes() const { return array_.size() * sizeof(T); }
  std::size_t items() const { return expected_.lanes.size() / kLanes; }
  T& operator[](std::size_t i) { return array_[i]; }
  void check(Verdict& verdict) {
    if (!expected_.known.empty() && items() > kTensorWords)
      verdict.fault("the tensor is longer than the port's depth");
    if (!written_) return;
    for (std::size_t i = 0; i < items(); ++i)
      if (expected_.known.empty() || expected_.known[i])
        compare(array_[i].lanes, &expected_.lanes[i * kLanes], kLanes, what_, i, verdict);
  }

 private:
  static constexpr std::size_t kLanes = sizeof(T) / sizeof(std::int32_t);
  const char* what_;
  bool written_;
  PortImage expected_;
  std::vector<T> array_;
};

template <class T>
ArrayImage<T> stream_image(Binding& binding) {
  bool written = false;
  const PortImage image = binding.stream(written);
  return ArrayImage<T>(image, written, "item", 1);
}
inline ArrayImage<Word> tensor_image(Binding& binding) {
  bool written = false;
  const PortImage image = binding.tensor(written);
  return ArrayImage<Word>(image, written, "word", kTensorWords);
}

#if defined(M3SIM_HLS_ARRAYS)

template <int Lanes>
struct Argument<Item<Lanes>*> {
  ArrayImage<Item<Lanes> > image;
  explicit Argument(Binding& binding) : image(stream_image<Item<Lanes> >(binding)) {}
  Item<Lanes>* get() { return image.data(); }
  std::size_t bytes() const { return image.bytes(); }
  void check(Verdict& verdict) { image.check(verdict); }
};
template <>
struct Argument<Word*> {
  ArrayImage<Word> image;
  explicit Argument(Binding& binding) : image(tensor_image(binding)) {}
  Word* get() { return image.data(); }
  std::size_t bytes() const { return image.bytes(); }
  void check(Verdict& verdict) { image.check(verdict); }
};

#else

template <int Lanes>
struct Argument< ::hls::stream<Item<Lanes> >&> {
  ArrayImage<Item<Lanes> > image;
  ::hls::stream<Item<Lanes> > items;
  explicit Argument(Binding& binding) : image(stream_image<Item<Lanes> >(binding)) {
    if (!image.is_written())
      for (std::size_t i = 0; i < image.items(); ++i) items.write(image[i]);
  }
  ::hls::stream<Item<Lanes> >& get() { return items; }
  void check(Verdict& verdict) {
    if (image.is_written())
      for (std::size_t i = 0; i < image.items(); ++i) {
        if (items.empty()) return verdict.fault("item " + std::to_string(i) + " is missing");
        image[i] = items.read();
      }
    if (!items.empty()) verdict.fault("items are left in a stream");
    image.check(verdict);
  }
};
template <>
struct Argument<Memory> {
  ArrayImage<Word> image;
  explicit Argument(Binding& binding) : image(tensor_image(binding)) {}
  Word* get() { return image.data(); }
  void check(Verdict& verdict) { image.check(verdict); }
};

#endif

}  // namespace bench
}  // namespace hls
}  // namespace m3sim
