# Planted faults: each is one change to a copy of model/timing in the build folder; find_fault.cpp, built against that
# copy, must find it within 200 random regions. The product itself holds no trace of them.
#
# m3sim_planted_fault(name file "text" "replacement" ["text" "replacement" ...])
set(M3SIM_TIMING_SOURCES ${CMAKE_SOURCE_DIR}/model/timing)
file(GLOB timing_files CONFIGURE_DEPENDS ${M3SIM_TIMING_SOURCES}/*.hpp ${M3SIM_TIMING_SOURCES}/*.cpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${timing_files})

function(m3sim_planted_fault name file)
  set(root ${CMAKE_CURRENT_BINARY_DIR}/faults/${name})
  set(target timing_fault_${name})
  set(test timing_finds_${name})
  # One by one: a list would be split at the texts' semicolons.
  m3sim_plant(text ${test} model/timing/${file} "${ARGV2}" "${ARGV3}" "${ARGV4}" "${ARGV5}")
  if(NOT text)
    return()
  endif()
  file(COPY ${M3SIM_TIMING_SOURCES} DESTINATION ${root}/model PATTERN ${file} EXCLUDE)
  file(CONFIGURE OUTPUT ${root}/model/timing/${file} CONTENT "${text}" @ONLY)
  add_executable(${target} find_fault.cpp ${root}/model/timing/deadlock.cpp ${root}/model/timing/process.cpp
                           ${root}/model/timing/region.cpp)
  target_include_directories(${target} BEFORE PRIVATE ${root})
  target_link_libraries(${target} PRIVATE m3sim_flags m3sim_kernels m3sim_config)
  target_compile_options(${target} PRIVATE -O0)  # built ten times, run for a moment
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
  add_test(NAME ${test} COMMAND ${target} 200)
  set_tests_properties(${test} PROPERTIES LABELS slow TIMEOUT 120)
endfunction()

m3sim_planted_fault(stream_readable_in_the_same_cycle stream.hpp
  "written_[reads_ & cycle_mask_] + 1;" "written_[reads_ & cycle_mask_];")
m3sim_planted_fault(slot_freed_a_cycle_early stream.hpp
  "freed_[reads_++ & cycle_mask_] = cycle + 1;" "freed_[reads_++ & cycle_mask_] = cycle;")
m3sim_planted_fault(bank_freed_a_cycle_early region.cpp
  "stages_[s + 1].ends[k - banks])" "stages_[s + 1].ends[k - banks] - 1)")
m3sim_planted_fault(restart_cycles_ignored region.cpp
  "stage.ends[k - 1] + restart_cycles_" "stage.ends[k - 1]")
m3sim_planted_fault(write_one_stage_too_deep pipeline.hpp
  "tau + timing_.depth - 1" "tau + timing_.depth")
m3sim_planted_fault(interval_counted_while_held pipeline.hpp
  "shift_ += cycles;" "shift_ += cycles; next_issue_ -= cycles;")
m3sim_planted_fault(posted_write_settled_late pipeline.hpp
  "out_[k]->write(cycle);" "out_[k]->write(cycle + 1);")
m3sim_planted_fault(stalling_treated_as_flushing pipeline.hpp
  "fires_(data || Actor::kControl) {" "fires_(data || Actor::kControl) { timing_.stalling = false;")
m3sim_planted_fault(response_waited_twice pipeline.hpp
  "tau + timing_.response_stage)" "tau + 2 * timing_.response_stage - timing_.put_stage)")
m3sim_planted_fault(request_wait_missing pipeline.hpp
  "busy_until_ = timing_.request_wait;" "busy_until_ = 0;"
  "account_[Cause::kMemoryRead] += timing_.request_wait;" "")
