# Faults planted in the SystemVerilog that co-simulation must find.
set(modules ${CMAKE_CURRENT_BINARY_DIR}/rtl_small/m3sim_modules.sv)

# rtl_finds(FAULT KERNEL [SED program] [CONFIG KEY=VALUE...]): the kernel at small parameters, with its
# text changed, or generated for another configuration, runs as if it were that of small.cfg.
function(rtl_finds fault kernel)
  cmake_parse_arguments(ARG "" "SED" "CONFIG" ${ARGN})
  set(sound ${CMAKE_CURRENT_BINARY_DIR}/rtl_small)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/faults/${fault})
  set(class Vsmall_${kernel}_socket)
  set(archive ${folder}/${class}__ALL.a)
  add_custom_command(
    OUTPUT ${archive} ${folder}/register.cpp
    COMMAND m3sim_rtl_generate ${folder} small_ ${kernel} ${small} ${ARG_CONFIG}
    COMMAND sed -i "${ARG_SED}" ${folder}/${kernel}.sv
    COMMAND sh -c "! cmp -s ${sound}/${kernel}.sv ${folder}/${kernel}.sv"  # the fault is there
    COMMAND ${M3SIM_VERILATE} --prefix ${class} --top-module ${kernel}_socket --Mdir ${folder}
            ${sound}/${kernel}_socket.sv ${folder}/${kernel}.sv ${modules}
    COMMAND ${M3SIM_VERILATED_MAKE} -C ${folder} -f ${class}.mk ${class}__ALL.a
    COMMAND ${CMAKE_COMMAND} -E copy ${sound}/${kernel}_register.cpp ${folder}/register.cpp
    DEPENDS m3sim_rtl_generate ${small} ${modules} ${sound}/${kernel}.sv
            ${sound}/${kernel}_socket.sv ${sound}/${kernel}_register.cpp
    COMMENT "Verilator: ${kernel} with a fault: ${fault}" VERBATIM)
  set_source_files_properties(${folder}/register.cpp PROPERTIES COMPILE_OPTIONS "-w;-isystem${folder}")
  add_library(rtl_${fault} OBJECT ${folder}/register.cpp)
  target_link_libraries(rtl_${fault} PUBLIC m3sim_rtl ${archive} m3sim_verilator_runtime)
  rtl_cosim(rtl_cosim_${fault} rtl_${fault})
  set(rtl_programs ${rtl_programs} PARENT_SCOPE)
  rtl_cosim_test(rtl_finds_${fault} rtl_cosim_${fault} --config ${small} ${kernel})
  set_tests_properties(rtl_finds_${fault} PROPERTIES
    PASS_REGULAR_EXPRESSION "[1-9][0-9]* of 50 seeds differ.*1 kernels differ")
endfunction()

rtl_finds(depth_one_less linear_compute CONFIG loops.linear_compute.depth=15)
rtl_finds(depth_one_more linear_compute CONFIG loops.linear_compute.depth=17)
rtl_finds(product_truncated_towards_zero linear_compute SED "s: >>> 14: / 16384:")

# The FIFO module against the simulated stream, as it is and freeing a slot early.
set(fifo_classes)
set(fifo_archives)
function(rtl_fifo class depth sed)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/fifos/${class})
  add_custom_command(
    OUTPUT ${folder}/${class}__ALL.a ${folder}/${class}.h
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND sed "${sed}" ${modules} > ${folder}/fifo.sv
    COMMAND ${M3SIM_VERILATE} -GDEPTH=${depth} --prefix ${class} --top-module m3sim_fifo
            --Mdir ${folder} ${folder}/fifo.sv
    COMMAND ${M3SIM_VERILATED_MAKE} -C ${folder} -f ${class}.mk ${class}__ALL.a
    DEPENDS ${modules}
    COMMENT "Verilator: FIFO ${class}" VERBATIM)
  list(APPEND fifo_archives ${folder}/${class}__ALL.a)
  list(APPEND fifo_classes ${folder}/${class}.h)
  set(fifo_archives ${fifo_archives} PARENT_SCOPE)
  set(fifo_classes ${fifo_classes} PARENT_SCOPE)
endfunction()
rtl_fifo(Vfifo1 1 "")
rtl_fifo(Vfifo2 2 "")
rtl_fifo(Vfifo5 5 "")
rtl_fifo(Vearly1 1 "s/assign in_ready = /assign in_ready = out_ready | /")
rtl_fifo(Vearly2 2 "s/assign in_ready = /assign in_ready = out_ready | /")

add_executable(rtl_fifo fifo.cpp)
set_source_files_properties(fifo.cpp PROPERTIES OBJECT_DEPENDS "${fifo_classes}")
foreach(class Vfifo1 Vfifo2 Vfifo5 Vearly1 Vearly2)
  target_include_directories(rtl_fifo SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/fifos/${class})
endforeach()
target_link_libraries(rtl_fifo PRIVATE m3sim_flags m3sim_timing ${fifo_archives}
                                       m3sim_verilator_runtime)
list(APPEND rtl_programs rtl_fifo)
add_test(NAME rtl_fifo COMMAND rtl_fifo)
add_test(NAME rtl_finds_fifo_that_frees_a_slot_early COMMAND rtl_fifo early)
set_tests_properties(rtl_finds_fifo_that_frees_a_slot_early PROPERTIES
  PASS_REGULAR_EXPRESSION "depth 1: 50 seeds of 400 cycles, [1-9].*depth 2: 50 seeds of 400 cycles, [1-9]")
set_tests_properties(rtl_fifo rtl_finds_fifo_that_frees_a_slot_early PROPERTIES TIMEOUT 60)
