# Compiler flags and third-party targets, used by every folder.

find_program(M3SIM_CCACHE ccache)
if(M3SIM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${M3SIM_CCACHE})
endif()

option(M3SIM_WERROR "Treat warnings as errors" ON)
set(M3SIM_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

add_library(m3sim_flags INTERFACE)
target_compile_options(m3sim_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${M3SIM_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of overlaps inside std::string (its bug 105651), whatever the code does.
  target_compile_options(m3sim_flags INTERFACE -Wno-restrict)
endif()
target_include_directories(m3sim_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(M3SIM_SANITIZE)
  target_compile_options(m3sim_flags INTERFACE -fsanitize=${M3SIM_SANITIZE} -fno-sanitize-recover=all
                                               -fno-omit-frame-pointer)
  target_link_options(m3sim_flags INTERFACE -fsanitize=${M3SIM_SANITIZE})
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
# Debian builds SystemC as C++17; the define keeps its ABI check content under C++20.
add_library(m3sim_systemc INTERFACE)
target_link_libraries(m3sim_systemc INTERFACE PkgConfig::SYSTEMC)
target_compile_definitions(m3sim_systemc INTERFACE SC_CPLUSPLUS=201703L)

find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(SQLite3 REQUIRED)

# m3sim_library(NAME folder-target SOURCES... ): a folder's static library with the common flags.
function(m3sim_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC m3sim_flags ${ARG_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE m3sim_flags ${ARG_LINKS})
  endif()
endfunction()
