#include "model/cost/calibration.hpp"

#include <algorithm>

#include "model/config/error.hpp"

namespace m3sim::cost {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kMillion = 1'000'000;

Energy energy_of(const EnergyTable& table, const std::vector<ImageUse>& images,
                 std::int64_t clock_hz) {
  Energy sum;
  for (const ImageUse& image : images)
    sum += energy(table, image.activity, image.dram, image.cycles, clock_hz);
  return sum;
}

}  // namespace

Calibration calibrate(const EnergyTable& table, const std::vector<ImageUse>& images,
                      std::int64_t clock_hz, std::int64_t milliwatts,
                      const std::vector<Component>& groups, const std::string& measurement) {
  Calibration fit{table, 0, 0, 0, 0, 0, {}};
  const Energy before = energy_of(table, images, clock_hz);
  fit.before_fj = before.total();
  std::int64_t scalable = 0;
  for (const Component group : groups) {
    if (group == Component::kDram)
      throw InputError("dram", "its energy comes from currents, not from the table");
    scalable += before[group];
  }
  fit.fixed_fj = fit.before_fj - scalable;
  for (const ImageUse& image : images)
    fit.measured_fj += static_cast<std::int64_t>(Wide{milliwatts} * 1'000'000'000'000 *
                                                 image.cycles / clock_hz);
  if (scalable == 0) throw InputError(table.name(), "the groups take no energy in this run");
  if (fit.measured_fj <= fit.fixed_fj)
    throw InputError(table.name(), "the groups that are not scaled take more than the total");
  fit.scale_ppm = static_cast<std::int64_t>(
      (Wide{fit.measured_fj - fit.fixed_fj} * kMillion + scalable / 2) / scalable);
  fit.table = table.scaled(groups, fit.scale_ppm, measurement);
  fit.after_fj = energy_of(fit.table, images, clock_hz).total();
  for (std::size_t i = 0; i < table.rows().size(); ++i) {
    const EnergyRow& row = table.rows()[i];
    const std::int64_t value = fit.table.rows()[i].value;
    if (value < row.low || value > row.high) fit.beyond_band.push_back(row.name);
  }
  return fit;
}

}  // namespace m3sim::cost
