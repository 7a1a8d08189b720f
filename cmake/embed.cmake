# m3sim_embed(OUTPUT FILE...): a source file that defines page_asset() over the files' bytes, by name.
function(m3sim_embed output)
  set(symbols)
  set(table)
  set(number 0)
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    string(APPEND symbols "__asm__(\".section .rodata\\n\"\n        \"m3sim_asset_${number}:\\n\"\n"
                          "        \".incbin \\\"${file}\\\"\\n\"\n        \"m3sim_asset_${number}_end:\\n\"\n"
                          "        \".text\\n\");\n"
                          "extern \"C\" const char m3sim_asset_${number}[], m3sim_asset_${number}_end[];\n")
    string(APPEND table "  if (name == \"${name}\") return between(m3sim_asset_${number}, m3sim_asset_${number}_end);\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${output} CONTENT "#include \"model/explore/page_assets.hpp\"\n
#include <stdexcept>\n#include <string>\n\n${symbols}
namespace m3sim::explore {
namespace {
std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}
}  // namespace

std::string_view page_asset(std::string_view name) {
${table}  throw std::out_of_range(\"no page asset \" + std::string(name));
}

}  // namespace m3sim::explore
" @ONLY)
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${ARGN}")
endfunction()
