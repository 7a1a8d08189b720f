#include "model/cost/energy_table.hpp"

#include <gmock/gmock.h>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::cost {
namespace {

using testing::HasSubstr;

std::string line(std::string_view name, const std::string& unit) {
  return std::string(name) + "," + unit + ",10,5,20,compute,38,a paper, table 1\n";
}

/// A table in which every row is 10, from 5 to 20.
std::string plain_table() {
  std::string text = "# a comment\nrow,unit,value,low,high,group,toggle,source\n";
  for (const auto name : timing::kEventNames) text += line(name, "fJ");
  for (const auto name : kSupplyNames) {
    text += line(name, name == "pl_cycle" || name == "dram_byte" ? "fJ" : "mW");
  }
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::string fault(const std::string& text) {
  test::ScratchFolder folder;
  try {
    EnergyTable::read(folder.write("table.csv", text));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no fault";
}

TEST(EnergyTable, ReadsEveryRowWithItsBandAndSource) {
  test::ScratchFolder folder;
  const EnergyTable table = EnergyTable::read(folder.write("table.csv", plain_table()));
  EXPECT_EQ(table.rows().size(), timing::kEventCount + kSupplyCount);
  const EnergyRow& row = table[timing::Event::kDivide];
  EXPECT_EQ(row.name, "divide");
  EXPECT_EQ(row.at(Bound::kLow), 5);
  EXPECT_EQ(row.at(Bound::kNominal), 10);
  EXPECT_EQ(row.at(Bound::kHigh), 20);
  EXPECT_EQ(row.toggle_percent, 38);
  EXPECT_EQ(row.source, "a paper, table 1") << "the source may hold commas";
  EXPECT_EQ(table[Supply::kPs].unit, "mW");
}

TEST(EnergyTable, NamesFileAndLineOfAFault) {
  const std::string text = plain_table();
  EXPECT_THAT(fault(replaced(text, "multiply_32x16,fJ,10", "multiply_32x16,fJ,ten")),
              HasSubstr("table.csv:3: value = ten: must be a whole number"));
  EXPECT_THAT(fault(replaced(text, "add,fJ,10,5", "add,fJ,10,11")),
              HasSubstr("table.csv:6: must have low <= value <= high, has 11, 10, 20"));
  EXPECT_THAT(fault(replaced(text, "\nadd,fJ", "\nadd,mW")), HasSubstr("unit of add must be fJ"));
  EXPECT_THAT(fault(replaced(text, "\nadd,", "\nsubtract,")), HasSubstr("unknown row subtract"));
  EXPECT_THAT(fault(replaced(text, "compute,38,a paper, table 1", "heat,38,a paper")),
              HasSubstr("unknown group heat"));
  EXPECT_THAT(fault(replaced(text, "38,a paper, table 1", "38,")),
              HasSubstr("must name its source"));
  EXPECT_THAT(fault(replaced(text, "20,compute,38,a paper, table 1", "20")),
              HasSubstr("has 5 columns"));
  EXPECT_THAT(fault(text + line("add", "fJ")), HasSubstr("row add stands twice"));
  EXPECT_THAT(fault(replaced(text, line("pl_static", "mW"), "")),
              HasSubstr("has no row pl_static"));
  EXPECT_THAT(fault(replaced(text, "row,unit", "name,unit")),
              HasSubstr("table.csv:2: must be the"));
}

TEST(EnergyTable, MissingFileIsNamed) {
  EXPECT_THROW(EnergyTable::read("no/such/table.csv"), InputError);
}

TEST(EnergyTable, PresetOfTheBoardIsReadAndSaysItsSources) {
  const EnergyTable table = EnergyTable::read("energy/zcu102.csv");
  EXPECT_EQ(table.name(), "energy/zcu102.csv");
  for (const EnergyRow& row : table.rows()) {
    EXPECT_LT(row.low, row.high) << row.name << " is an estimate and must have a band";
    EXPECT_GT(row.source.size(), 10u) << row.name;
  }
  EXPECT_EQ(table[timing::Event::kStreamBits].group, Component::kStreams);
}

}  // namespace
}  // namespace m3sim::cost
