#pragma once

#include <array>
#include <cstdint>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// Splits an address into DRAM coordinates: a permutation of named fields over the index of the
/// burst, most significant field first. Every field's size is a power of two.
class DdrAddressDecoder {
 public:
  explicit DdrAddressDecoder(const DdrConfig& config);

  /// Bytes behind all channels; addresses from here on do not exist.
  std::uint64_t capacity_bytes() const { return lines_ << line_shift_; }
  int line_bytes() const { return 1 << line_shift_; }
  std::uint64_t line(std::uint64_t address) const { return address >> line_shift_; }
  DdrLocation decode(std::uint64_t address) const { return decode_line(line(address)); }
  DdrLocation decode_line(std::uint64_t l) const {
    return {channel(l),
            static_cast<int>(take(AddressField::kRank, l)),
            static_cast<int>(take(AddressField::kBankGroup, l)),
            static_cast<int>(take(AddressField::kBank, l)),
            row(l),
            static_cast<std::int32_t>(take(AddressField::kColumn, l))};
  }
  // Parts of it, of the burst with index `line`.
  int channel(std::uint64_t line) const { return static_cast<int>(take(AddressField::kChannel, line)); }
  std::int32_t row(std::uint64_t line) const {
    return static_cast<std::int32_t>(take(AddressField::kRow, line));
  }
  /// Number of the bank within its channel, as DdrDevice counts them.
  int flat_bank(std::uint64_t line) const {
    return static_cast<int>(take(AddressField::kRank, line) << rank_shift_ |
                            take(AddressField::kBankGroup, line) << group_shift_ |
                            take(AddressField::kBank, line));
  }
  /// First address of the burst at a location: the inverse of `decode`.
  std::uint64_t encode(const DdrLocation& at) const;

 private:
  struct Slice {
    unsigned shift = 0;
    std::uint64_t mask = 0;
  };
  std::uint64_t take(AddressField field, std::uint64_t line) const {
    const Slice& s = slices_[static_cast<std::size_t>(field)];
    return (line >> s.shift) & s.mask;
  }
  std::array<Slice, 6> slices_{};
  unsigned line_shift_ = 0, group_shift_ = 0, rank_shift_ = 0;
  std::uint64_t lines_ = 0;
};

}  // namespace m3sim::tlm_mem
