# Co-simulation of the kernels, each against its simulated twin.
add_library(rtl_cosim_main OBJECT cosim.cpp)
target_compile_options(rtl_cosim_main PRIVATE -O0)  # a template for every kernel
target_link_libraries(rtl_cosim_main PRIVATE m3sim_flags m3sim_rtl)
set(rtl_programs)

# rtl_cosim(NAME VERILATED): the program over one set of Verilated kernels.
function(rtl_cosim name verilated)
  add_executable(${name})
  target_link_libraries(${name} PRIVATE rtl_cosim_main ${verilated})
  set(rtl_programs ${rtl_programs} ${name} PARENT_SCOPE)
endfunction()

# rtl_cosim_test(NAME PROGRAM ARGUMENTS...)
function(rtl_cosim_test name program)
  add_test(NAME ${name} COMMAND ${program} --seeds 50 ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS slow TIMEOUT 600)
endfunction()

set(small ${CMAKE_CURRENT_SOURCE_DIR}/small.cfg)
m3sim_verilated(rtl_small small_ CONFIG ${small} KERNELS
  weight_load bias_load read_direct write_direct read_indirect linear_compute write_indirect
  read_tokens read_rotated q_times_k finalize write_scores write_softmax_info read_scores
  read_softmax_info prepare attention_times_v write_tokens task_embedding gate_weight_load
  gate_read mat_vec softmax_update top_k exp_divide write_results meta_queue write_zeros load_norms
  norm_accumulate norm_output patch_bias_load patch_weight_load read_pixels patch_accumulate
  patch_output class_token residual_add)
rtl_cosim(rtl_cosim rtl_small)
rtl_cosim_test(rtl_cosim_small rtl_cosim --config ${small})

# Pipelines that stall, other intervals, requests in bursts.
set(stalling ${CMAKE_CURRENT_SOURCE_DIR}/stalling.cfg)
set(stalling_kernels linear_compute write_indirect attention_times_v)
m3sim_verilated(rtl_stalling stalling_ CONFIG ${small} ${stalling} KERNELS ${stalling_kernels})
rtl_cosim(rtl_cosim_stalling rtl_stalling)
rtl_cosim_test(rtl_cosim_stalling rtl_cosim_stalling --config ${small} --config ${stalling}
               ${stalling_kernels})

# At full size (tiles of 16 x 16, four rows in flight): the kernels that m3sim run --rtl has.
rtl_cosim(rtl_cosim_full m3sim_rtl_regions)
rtl_cosim_test(rtl_cosim_full_size rtl_cosim_full --config ${M3SIM_RTL_CONFIG} linear_compute q_times_k)

# The waveform of model/rtl/README.md; `rtl-waveform` renews it.
add_executable(rtl_waveform waveform.cpp)
set(waveform_objects ${CMAKE_CURRENT_BINARY_DIR}/rtl_small/linear_compute_objects)
set_source_files_properties(waveform.cpp PROPERTIES
  OBJECT_DEPENDS ${waveform_objects}/Vsmall_linear_compute_socket.h)
target_include_directories(rtl_waveform SYSTEM PRIVATE ${waveform_objects})
target_link_libraries(rtl_waveform PRIVATE m3sim_flags
                      ${waveform_objects}/Vsmall_linear_compute_socket__ALL.a
                      m3sim_verilator_runtime)
set(waveform ${CMAKE_SOURCE_DIR}/model/rtl/linear_compute.svg)
add_custom_target(rtl-waveform COMMAND rtl_waveform > ${waveform} DEPENDS rtl_waveform VERBATIM)
add_test(NAME rtl_waveform_is_of_todays_module
         COMMAND sh -c "$<TARGET_FILE:rtl_waveform> | cmp - ${waveform}")
set_tests_properties(rtl_waveform_is_of_todays_module PROPERTIES TIMEOUT 60)
