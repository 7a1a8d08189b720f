#include "model/cost/calibration.hpp"

#include <gmock/gmock.h>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::cost {
namespace {

using testing::HasSubstr;
using timing::Event;

const EnergyTable& board() {
  static const EnergyTable table = EnergyTable::read("energy/zcu102.csv");
  return table;
}

/// A millisecond of a 300 MHz clock in which 10^9 products are made.
ImageUse image() {
  ImageUse use;
  use.activity[Event::kMultiply32x16] = 1'000'000'000;
  use.dram = {.counted = true, .counted_fj = 500'000'000'000, .bytes = 0};
  use.cycles = 300'000;
  return use;
}

TEST(Calibration, ScalesTheNamedGroupsToTheMeasuredTotal) {
  const Calibration fit = calibrate(board(), {image(), image()}, 300'000'000, 14'540,
                                    {Component::kCompute}, "a test");
  // 14.54 W for two milliseconds; products take 3.3 uJ each image before.
  EXPECT_EQ(fit.measured_fj, 2 * 14'540'000'000'000);
  EXPECT_EQ(fit.before_fj - fit.fixed_fj, 2 * 3'300'000'000'000);
  EXPECT_NEAR(static_cast<double>(fit.after_fj), static_cast<double>(fit.measured_fj),
              static_cast<double>(fit.measured_fj) * 1e-4);
  EXPECT_EQ(fit.table[Supply::kPs].value, board()[Supply::kPs].value) << "not named";
  EXPECT_THAT(fit.table[Event::kMultiply32x16].source, HasSubstr("fitted: a test"));
}

TEST(Calibration, SaysWhichRowsLeaveTheirBand) {
  const Calibration fit =
      calibrate(board(), {image()}, 300'000'000, 14'540, {Component::kCompute}, "a test");
  EXPECT_THAT(fit.beyond_band, testing::Contains("multiply_32x16"));
}

TEST(Calibration, TheScaledTableCanBeRead) {
  const Calibration fit =
      calibrate(board(), {image()}, 300'000'000, 14'540, {Component::kCompute}, "a test");
  test::ScratchFolder folder;
  const EnergyTable again = EnergyTable::read(folder.write("t.csv", fit.table.text()));
  for (std::size_t i = 0; i < again.rows().size(); ++i) {
    EXPECT_EQ(again.rows()[i].value, fit.table.rows()[i].value);
    EXPECT_EQ(again.rows()[i].toggle_percent, board().rows()[i].toggle_percent);
  }
}

TEST(Calibration, RefusesWhatCannotBeFitted) {
  EXPECT_THROW(calibrate(board(), {image()}, 300'000'000, 14'540, {Component::kDram}, ""),
               InputError);
  EXPECT_THROW(calibrate(board(), {image()}, 300'000'000, 100, {Component::kCompute}, ""),
               InputError)
      << "the processing system alone takes more";
  EXPECT_THROW(calibrate(board(), {image()}, 300'000'000, 14'540, {Component::kStreams}, ""),
               InputError);
}

}  // namespace
}  // namespace m3sim::cost
