#include "model/report/decimal.hpp"

#include <gtest/gtest.h>

namespace m3sim::report {
namespace {

TEST(Ratio, RoundsHalfUpFromIntegers) {
  EXPECT_EQ((Ratio{1, 3}.text(3)), "0.333");
  EXPECT_EQ((Ratio{2, 3}.text(3)), "0.667");
  EXPECT_EQ((Ratio{1, 8}.text(2)), "0.13");
  EXPECT_EQ((Ratio{5, 1000}.text(3)), "0.005") << "zeros stay behind the point";
  EXPECT_EQ((Ratio{1999, 1000}.text(0)), "2");
  EXPECT_EQ((Ratio{12'345'678, 10}.text(1)), "1,234,567.8");
}

TEST(Ratio, HoldsLargeNumerators) {
  // 10^9 MACs at 3 x 10^8 Hz do not fit 64 bits before the division.
  EXPECT_EQ((Ratio{Wide{2'000'000'000} * 300'000'000, Wide{300'000'000} * 1'000'000'000}.text(3)),
            "2.000");
}

TEST(Ratio, OfNothingIsZero) { EXPECT_EQ((Ratio{5, 0}.text(1)), "0.0"); }

TEST(Ratio, ValueIsTheNearestDoubleOfTheDecimal) { EXPECT_EQ((Ratio{1, 3}.value(3)), 0.333); }

TEST(Grouped, SetsOffThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(ThreeDigits, IsScientific) {
  EXPECT_EQ(three_digits(0.0071234), "7.12e-03");
  EXPECT_EQ(three_digits(0), "0");
}

}  // namespace
}  // namespace m3sim::report
