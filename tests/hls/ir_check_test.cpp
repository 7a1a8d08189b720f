// The LLVM IR of every top, as Debian's clang makes it: what an HLS tool would refuse is not there,
// and is found where it is planted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/hls/ir_check.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::hls_test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path kSource = M3SIM_SOURCE_DIR;

std::string slurp(const fs::path& file) {
  std::ifstream from(file);
  std::stringstream text;
  text << from.rdbuf();
  return text.str();
}

struct Module {
  std::string ir, counts;
  IrFindings check(const std::string& top) const { return check_ir(ir, counts, top); }
};

Module compile(const fs::path& file, const std::string& flags, const fs::path& scratch) {
  const std::string ir = (scratch / "module.ll").string(), counts = (scratch / "counts").string();
  const std::string command =
      std::string(M3SIM_CLANGXX) + " -std=c++14 -O1 -fno-exceptions -fno-rtti -S -emit-llvm " +
      flags + " -I" + kSource.string() + " -I" M3SIM_HLS_SHAPES " -o " + ir + " " + file.string() +
      " && " M3SIM_OPT " -disable-output -passes='print<scalar-evolution>' " + ir + " 2> " + counts;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return {slurp(ir), slurp(counts)};
}

/// Names of the tops that a source defines.
std::vector<std::string> tops_of(const std::string& source) {
  std::vector<std::string> tops;
  std::istringstream text(source);
  for (std::string line; std::getline(text, line);)
    if (line.rfind("void ", 0) == 0 && line.find("_") != std::string::npos)
      tops.push_back(line.substr(5, line.find('(') - 5));
  return tops;
}

class IrCheck : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(M3SIM_CLANGXX).find("NOTFOUND") != std::string::npos ||
        std::string(M3SIM_OPT).find("NOTFOUND") != std::string::npos)
      GTEST_SKIP() << "clang++ or opt is missing";
  }
  /// Faults of a top with something planted into it.
  std::vector<std::string> planted(const std::string& code) {
    return compile(scratch_.write("planted.cpp", code), "", scratch_.path()).check("top").faults;
  }
  void every_top(const std::string& flags) {
    const std::string header = slurp(kSource / "model/hls/tops.hpp");
    int tops = 0, loops = 0;
    for (const auto& entry : fs::directory_iterator(kSource / "model/hls/tops")) {
      const Module module = compile(entry.path(), flags, scratch_.path());
      for (const std::string& top : tops_of(slurp(entry.path()))) {
        if (header.find("X(" + top + ")") == std::string::npos) continue;
        const IrFindings found = module.check(top);
        EXPECT_THAT(found.faults, IsEmpty()) << top;
        EXPECT_GE(found.loops, 1) << top << ": its firings are a loop";
        ++tops;
        loops += found.loops;
      }
    }
    int listed = 0;
    for (std::size_t at = 0; (at = header.find("\n  X(", at + 1)) != std::string::npos;) ++listed;
    EXPECT_EQ(tops, listed) << "every top of the list is defined in one of the sources";
    RecordProperty("tops", tops);
    std::printf("%d tops, %d loops with a bound\n", tops, loops);
  }
  test::ScratchFolder scratch_;
};

TEST_F(IrCheck, EveryTopWithStreamsAndBursts) { every_top(""); }
TEST_F(IrCheck, EveryTopWithArrays) { every_top("-DM3SIM_HLS_ARRAYS"); }

TEST_F(IrCheck, ACleanLoopPasses) {
  EXPECT_THAT(planted("extern \"C\" int top(const int* x, int n) {"
                      "  int s = 0; for (int i = 0; i < n; ++i) s ^= x[i] * s; return s; }"),
              IsEmpty());
}

TEST_F(IrCheck, FindsAPlantedNew) {
  EXPECT_THAT(planted("void use(int*) __asm__(\"m3sim_bench_use\");"
                      "extern \"C\" int top(int n) {"
                      "  int* a = new int[n]; use(a); int r = a[0]; delete[] a; return r; }"),
              Contains(HasSubstr("_Znam")));
}

TEST_F(IrCheck, FindsAPlantedRecursion) {
  EXPECT_THAT(planted("extern \"C\" void m3sim_bench_use(int);"
                      "__attribute__((noinline)) static int down(int n) {"
                      "  m3sim_bench_use(n); return n < 1 ? 0 : down(n / 2) ^ down(n - 1); }"
                      "extern \"C\" int top(int n) { return down(n); }"),
              Contains(HasSubstr("recursion")));
}

TEST_F(IrCheck, FindsAPlantedMutualRecursion) {
  EXPECT_THAT(planted("extern \"C\" void m3sim_bench_use(int); int odd(int);"
                      "__attribute__((noinline)) int even(int n) {"
                      "  m3sim_bench_use(n); return n < 1 ? 1 : 3 * odd(n - 2); }"
                      "__attribute__((noinline)) int odd(int n) {"
                      "  m3sim_bench_use(n); return n < 1 ? 0 : 5 * even(n / 3); }"
                      "extern \"C\" int top(int n) { return even(n); }"),
              Contains(HasSubstr("recursion")));
}

TEST_F(IrCheck, FindsAPlantedDouble) {
  EXPECT_THAT(planted("extern \"C\" int top(int x) { return static_cast<int>(x * 0.3); }"),
              Contains(HasSubstr("floating point")));
}

TEST_F(IrCheck, FindsAPlantedIndirectCall) {
  EXPECT_THAT(planted("extern \"C\" int top(int (*f)(int), int x) { return f(x) + 1; }"),
              Contains(HasSubstr("names no function")));
}

TEST_F(IrCheck, FindsAPlantedVirtualCall) {
  EXPECT_THAT(planted("struct Unit { virtual int of(int) = 0; };"
                      "extern \"C\" int top(Unit& unit, int x) { return unit.of(x); }"),
              Contains(HasSubstr("names no function")));
}

TEST_F(IrCheck, FindsPlantedAssembler) {
  EXPECT_THAT(planted("extern \"C\" int top(int x) { __asm__(\"nop\" : \"+r\"(x)); return x; }"),
              Contains(HasSubstr("names no function")));
}

TEST_F(IrCheck, FindsAPlantedLibraryCall) {
  EXPECT_THAT(planted("#include <cstdlib>\n"
                      "extern \"C\" int top(int x) { return std::rand() % x; }"),
              Contains(HasSubstr("calls rand")));
}

TEST_F(IrCheck, FindsAPlantedLoopWithoutBound) {
  EXPECT_THAT(planted("extern \"C\" int top(const volatile int* x) {"
                      "  int n = 0; while (*x != 0) n += *x; return n; }"),
              Contains(HasSubstr("no bound")));
}

TEST_F(IrCheck, FindsAPlantedEndlessLoop) {
  EXPECT_THAT(planted("extern \"C\" void top(volatile int* x) { for (;;) *x = *x + 1; }"),
              Contains(HasSubstr("no bound")));
}

TEST_F(IrCheck, FindsPlantedStackSpaceOfVariableSize) {
  EXPECT_THAT(
      planted("void use(int*) __asm__(\"m3sim_bench_use\");"
              "extern \"C\" int top(int n) {"
              "  int* a = static_cast<int*>(__builtin_alloca(4 * n)); use(a); return a[0]; }"),
      Contains(HasSubstr("variable size")));
}

}  // namespace
}  // namespace m3sim::hls_test
