#include "tlm/ddr_address.hpp"

#include <bit>

namespace m3sim::tlm_mem {
namespace {

std::uint64_t field_size(const DdrConfig& c, AddressField field) {
  const auto size = [](int value) { return static_cast<std::uint64_t>(value); };
  switch (field) {
    case AddressField::kRow: return size(c.rows);
    case AddressField::kBank: return size(c.banks);
    case AddressField::kBankGroup: return size(c.bank_groups);
    case AddressField::kColumn: return size(c.columns / c.burst_length);
    case AddressField::kRank: return size(c.ranks);
    case AddressField::kChannel: return size(c.channels);
  }
  return 1;
}

}  // namespace

DdrAddressDecoder::DdrAddressDecoder(const DdrConfig& config)
    : line_shift_(static_cast<unsigned>(
          std::countr_zero(static_cast<std::uint64_t>(config.burst_bytes())))) {
  unsigned shift = 0;
  for (auto field = config.address_map.fields.rbegin(); field != config.address_map.fields.rend();
       ++field) {
    const std::uint64_t size = field_size(config, *field);
    slices_[static_cast<std::size_t>(*field)] = {shift, size - 1};
    shift += static_cast<unsigned>(std::countr_zero(size));
  }
  lines_ = std::uint64_t{1} << shift;
  group_shift_ = static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(config.banks)));
  rank_shift_ =
      group_shift_ + static_cast<unsigned>(std::countr_zero(static_cast<unsigned>(config.bank_groups)));
}

std::uint64_t DdrAddressDecoder::encode(const DdrLocation& at) const {
  std::uint64_t line = 0;
  const auto put = [&](AddressField field, int value) {
    line |= static_cast<std::uint64_t>(value) << slices_[static_cast<std::size_t>(field)].shift;
  };
  put(AddressField::kChannel, at.channel);
  put(AddressField::kRank, at.rank);
  put(AddressField::kBankGroup, at.bank_group);
  put(AddressField::kBank, at.bank);
  put(AddressField::kRow, at.row);
  put(AddressField::kColumn, at.column);
  return line << line_shift_;
}

}  // namespace m3sim::tlm_mem
