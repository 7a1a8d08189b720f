# Planted faults of the memory path: each is one change to a copy of tlm in the build folder; the chain's tables and
# 100 random jobs in both executions, built against that copy, must find it. See tests/timing/mutants.cmake.
#
# m3sim_memory_fault(name file "text" "replacement")
file(GLOB memory_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tlm/*.hpp ${CMAKE_SOURCE_DIR}/tlm/*.cpp
     ${CMAKE_SOURCE_DIR}/tlm/memory_targets/*.cpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${memory_files})

function(m3sim_memory_fault name file from to)
  set(root ${CMAKE_CURRENT_BINARY_DIR}/faults/${name})
  set(target memory_fault_${name})
  set(test memory_finds_${name})
  m3sim_plant(text ${test} tlm/${file} "${from}" "${to}")
  if(NOT text)
    return()
  endif()
  file(COPY ${CMAKE_SOURCE_DIR}/tlm DESTINATION ${root} PATTERN ${file} EXCLUDE)
  file(CONFIGURE OUTPUT ${root}/tlm/${file} CONTENT "${text}" @ONLY)
  get_target_property(sources m3sim_tlm SOURCES)
  get_target_property(targets m3sim_memory_targets SOURCES)
  list(TRANSFORM sources PREPEND ${root}/tlm/)
  list(TRANSFORM targets PREPEND ${root}/tlm/)
  add_executable(${target} axi_chain_test.cpp axi_random_test.cpp ${sources} ${targets})
  target_include_directories(${target} BEFORE PRIVATE ${root})
  target_link_libraries(${target} PRIVATE m3sim_flags m3sim_ddr m3sim_config m3sim_timing m3sim_systemc
                                          GTest::gmock GTest::gtest_main)
  target_compile_options(${target} PRIVATE -O0)
  # Each file's names in an anonymous namespace are its own; the tests' are left out.
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  set_source_files_properties(axi_chain_test.cpp axi_random_test.cpp
                              PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_test(NAME ${test} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/find_fault.sh $<TARGET_FILE:${target}>)
  set_tests_properties(${test} PROPERTIES LABELS slow TIMEOUT 300)
endfunction()

m3sim_memory_fault(masters_tie_turned axi_reader.cpp
  "channel.front_request().cycle, channel.process(), index" "channel.front_request().cycle, -channel.process(), index")
m3sim_memory_fault(controller_ports_tie_turned ddr_port.cpp
  "std::tuple(head.at, t.route.ps_port," "std::tuple(head.at, -t.route.ps_port,")
m3sim_memory_fault(buffer_room_a_cycle_early axi_reader.cpp
  "nth_take(wanted) + 1" "nth_take(wanted)")
m3sim_memory_fault(command_slot_a_cycle_early ps_port.cpp
  "commands_.give(1, at + 1)" "commands_.give(1, at)")
m3sim_memory_fault(a_beat_more_for_each_word ps_port.cpp
  "data_end_ = start + word_beats - 1;" "data_end_ = start + word_beats;")
