# Planted faults of the whole accelerator: each is one change to a copy of a source file, which stands before the
# library's; within 200 draws the executions must differ, or the oracle from both. See tests/timing/mutants.cmake.
#
# m3sim_accelerator_fault(name path "text" "replacement")
function(m3sim_accelerator_fault name path from to)
  set(target accelerator_fault_${name})
  set(test accelerator_finds_${name})
  m3sim_plant(text ${test} ${path} "${from}" "${to}")
  if(NOT text)
    return()
  endif()
  get_filename_component(file ${path} NAME)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/faults/${name}/${file})
  file(CONFIGURE OUTPUT ${copy} CONTENT "${text}" @ONLY)
  add_executable(${target} ${copy})
  target_link_libraries(${target} PRIVATE differential_objects)
  add_test(NAME ${test} COMMAND ${target} --find 200)
  set_tests_properties(${test} PROPERTIES LABELS slow TIMEOUT 300)
endfunction()

m3sim_accelerator_fault(processes_look_too_far model/accelerator/execution.cpp
  "settle_before(next_event)" "settle_before(next_event + 64)")
m3sim_accelerator_fault(bank_freed_late_where_decoupled model/timing/region.cpp
  "first = std::max(first, stages_[s + 1].ends[k - banks]);"
  "first = std::max(first, stages_[s + 1].ends[k - banks] + (list_ ? 1 : 0));")
# The same in both executions: the oracle finds it.
m3sim_accelerator_fault(bank_freed_a_cycle_early model/timing/region.cpp
  "first = std::max(first, stages_[s + 1].ends[k - banks]);"
  "first = std::max(first, stages_[s + 1].ends[k - banks] - 1);")
# A firing that also writes is taken as one that only reads.
m3sim_accelerator_fault(keys_read_beyond_their_token model/engines/attention_engine.cpp
  "words_of_token(m) - 1 - m.word" "words_of_token(m) - m.word")
