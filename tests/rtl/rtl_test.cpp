// The tracer: what it folds, in which stages it puts things, what it refuses.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <type_traits>

#include "model/config/config.hpp"
#include "model/rtl/design.hpp"

namespace m3sim::rtl {
namespace {

static_assert(!std::is_convertible_v<Symbolic::Bool, bool>, "no branch on a truth value");
static_assert(!std::is_constructible_v<bool, Symbolic::Bool>, "no branch on a truth value");
static_assert(!std::is_convertible_v<int, Symbolic::I32>, "literals are typed");
static_assert(!std::is_convertible_v<Symbolic::Index, Symbolic::I32>, "indexes are not values");

AcceleratorConfig config_of(const std::vector<std::string>& assignments) {
  ConfigSources sources;
  sources.assignments = assignments;
  return load_config(sources).values;
}

std::string refusal(const std::string& kernel, const std::vector<std::string>& assignments) {
  try {
    make_design(kernel, config_of(assignments));
  } catch (const BuildError& error) {
    return error.what();
  }
  return "accepted";
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Graph, EqualExpressionsAreOneNodeAndConstantsFold) {
  Graph graph(16);
  const Graph::Use use(graph);
  const Symbolic::I32 x(graph.leaf(Op::kInput, 32, true, 0, 0)),
      y(graph.leaf(Op::kInput, 32, true, 0, 1));
  EXPECT_EQ(Symbolic::add_wrap(x, y).node(), Symbolic::add_wrap(x, y).node());
  EXPECT_NE(Symbolic::add_wrap(x, y).node(), Symbolic::sub_wrap(x, y).node());
  const auto value = [](Symbolic::I32 v) { return sign_extended(v.node()->value, 32); };
  using I32 = Symbolic::I32;
  EXPECT_EQ(value(Symbolic::mul_floor<14>(I32(-5), I32(3))), -1) << "products are floored";
  EXPECT_EQ(value(Symbolic::add_wrap(I32(2147483647), I32(1))), -2147483648LL) << "sums wrap";
  EXPECT_EQ(Symbolic::add_wrap(x, I32(0)).node(), x.node());
  EXPECT_EQ(Symbolic::select(Symbolic::yes(), x, y).node(), x.node());
}

/// The arithmetic units on constants: the tracer's folding is the simulation's arithmetic.
TEST(Graph, FoldedArithmeticIsThatOfTheSimulation) {
  Graph graph(24);
  const Graph::Use use(graph);
  using kernels::Ints;
  std::uint32_t state = 12345;
  for (int i = 0; i < 300; ++i) {
    state = state * 1664525u + 1013904223u;
    const auto raw = static_cast<std::int32_t>(state) >> (i % 20);
    const Symbolic::I32 x(raw);
    const auto equal = [&](Symbolic::I32 traced, std::int32_t simulated, const char* what) {
      ASSERT_TRUE(is_constant(traced.node())) << what;
      EXPECT_EQ(sign_extended(traced.node()->value, 32), simulated) << what << " of " << raw;
    };
    equal(kernels::gelu<Symbolic>(x), kernels::gelu<Ints>(raw), "gelu");
    equal(kernels::exponential<Symbolic>(x), kernels::exponential<Ints>(raw), "exp");
    equal(kernels::reciprocal<Symbolic>(x), kernels::reciprocal<Ints>(raw), "reciprocal");
    equal(kernels::square_root<Symbolic>(x), kernels::square_root<Ints>(raw), "square root");
  }
}

TEST(Schedule, StagesFollowMemoriesAndResponses) {
  const AcceleratorConfig config = config_of({});
  // A word of the weight buffer comes a stage after its address; nothing else takes a stage.
  EXPECT_EQ(make_design("linear_compute", config).schedule.last_stage, 1);
  // Read data is taken at the scheduled latency.
  EXPECT_EQ(make_design("read_rotated", config).schedule.last_stage, config.port.scheduled_latency);
  EXPECT_EQ(make_design("prepare", config).schedule.last_stage, 0);
}

TEST(Schedule, ARequestThatNeedsAQueueReadsItOneFiringEarly) {
  const Design d = make_design("read_indirect", config_of({}));
  ASSERT_EQ(d.schedule.early.size(), 1u);
  EXPECT_TRUE(d.schedule.early[0]);
  EXPECT_NE(write_module(d).text.find("queues_read_address = start ? "), std::string::npos);
}

TEST(Refused, WhatCannotBeBuilt) {
  EXPECT_EQ(refusal("linear_compute",
                    {"loops.linear_compute.depth=1", "loops.linear_gelu_function.depth=1"}),
            "linear_compute: depth 1 is smaller than the last stage 1 that memory latencies "
            "force, plus 1");
  EXPECT_EQ(refusal("linear_compute", {"loops.linear_compute.depth=5"}),
            "linear_compute: depth 5 is smaller than what lies in one firing "
            "(linear_gelu_function 6 = 6)");
  EXPECT_EQ(refusal("finalize", {"loops.attention_finalize.depth=60"}),
            "finalize: depth 60 is smaller than what lies in one firing "
            "(attention_exp_function 19 + attention_recip_function 50 = 69)");
  EXPECT_EQ(refusal("linear_compute", {}), "accepted");
}

TEST(Module, IsTheSameEveryTime) {
  const AcceleratorConfig config = config_of({"linear.in_tile=8", "linear.out_tile=8"});
  const std::string first = write_module(make_design("linear_compute", config)).text;
  EXPECT_EQ(first, write_module(make_design("linear_compute", config)).text);
  EXPECT_EQ(count(first, " >>> 14;"), 64) << "a product for every weight of the tile";
  EXPECT_NE(first.find("tiles of 8 x 8"), std::string::npos) << "the head says the parameters";
  EXPECT_NE(first.find("interval 1, depth 16, flushing"), std::string::npos);
}

/// Names that a module declares more than once.
std::string declared_twice(const std::string& text) {
  static const std::regex kDeclaration(
      "\n  (?:wire|logic)(?: signed)?(?: \\[[^\\]]*\\])? (\\w+)(?= =|;)");
  std::set<std::string> names;
  std::string twice;
  for (std::sregex_iterator m(text.begin(), text.end(), kDeclaration), end; m != end; ++m)
    if (!names.insert((*m)[1]).second) twice += (*m)[1].str() + " ";
  return names.empty() ? "nothing is declared" : twice;
}

TEST(Module, EveryKernelOfEveryNetworkCanBeWritten) {
  for (const char* file : {"accelerator/edge-moe-zcu102.cfg", "network/tiny.cfg"}) {
    ConfigSources sources;
    sources.files = {file};
    const AcceleratorConfig config = load_config(sources).values;
    for (const KernelName& k : kernel_names()) {
      const Module module = write_module(make_design(k.name, config));
      EXPECT_EQ(count(module.text, "endmodule"), 1) << k.name;
      EXPECT_GT(count(module.text, "always_ff"), 0) << k.name;
      EXPECT_EQ(declared_twice(module.text), "") << k.name;
    }
  }
}

}  // namespace
}  // namespace m3sim::rtl
