// The contents of the modelled DRAM, and the hazard tags that stand beside them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "model/config/error.hpp"

namespace m3sim::tlm_mem {

/// A read was served before the write it depends on had landed, or after a later one had.
class HazardError : public SimulationError {
 public:
  using SimulationError::SimulationError;
};

/// Anonymous memory, zero until written, committed by the host page by page.
class LazyMemory {
 public:
  explicit LazyMemory(std::size_t bytes);
  ~LazyMemory();
  LazyMemory(const LazyMemory&) = delete;
  LazyMemory& operator=(const LazyMemory&) = delete;
  void* data() const { return data_; }

 private:
  void* data_;
  std::size_t bytes_;
};

/// `size` bytes from address 0 on. `data()` is the direct memory pointer: valid and constant for the
/// store's life. Each 32-byte word has a tag, the schedule step that wrote it last (0: written before
/// the run, or never); tags work with tensor data off, too.
class ByteStore {
 public:
  static constexpr std::size_t kTagBytes = 32;

  /// `size` in bytes, rounded up to whole pages by the host. Throws std::bad_alloc.
  explicit ByteStore(std::size_t size);

  std::size_t size() const { return size_; }
  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  bool contains(std::uint64_t address, std::size_t bytes) const {
    return address <= size_ && bytes <= size_ - address;
  }

  std::uint32_t tag(std::uint64_t address) const { return tags_[address / kTagBytes]; }
  /// Marks the words of [address, address + bytes) as written by `step`.
  void mark(std::uint64_t address, std::size_t bytes, std::uint32_t step) {
    for (std::size_t w = first(address), end = last(address, bytes); w < end; ++w) tags_[w] = step;
  }
  /// The first word of [address, address + bytes) that was last written before step `oldest` or after step `newest`;
  /// kNoWord if there is none. Steps are numbered in schedule order, and one tensor may have several writers.
  static constexpr std::uint64_t kNoWord = ~std::uint64_t{0};
  std::uint64_t find_hazard(std::uint64_t address, std::size_t bytes, std::uint32_t oldest,
                            std::uint32_t newest) const {
    for (std::size_t w = first(address), end = last(address, bytes); w < end; ++w) {
      if (tags_[w] - oldest > newest - oldest) return w * kTagBytes;
    }
    return kNoWord;
  }

 private:
  static std::size_t first(std::uint64_t address) { return address / kTagBytes; }
  static std::size_t last(std::uint64_t address, std::size_t bytes) {
    return (address + bytes + kTagBytes - 1) / kTagBytes;
  }
  std::size_t size_;
  LazyMemory bytes_, tag_memory_;
  std::uint8_t* data_;
  std::uint32_t* tags_;
};

}  // namespace m3sim::tlm_mem
