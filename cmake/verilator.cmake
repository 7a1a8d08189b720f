# Kernels as Verilated C++: m3sim_verilated(TARGET PREFIX KERNEL... CONFIG file-or-key=value ...)
#
# Writes the modules of a configuration at build time, Verilates each into C++ classes and links them
# with their registration into the object library TARGET. Compiled at -O1.
find_program(M3SIM_VERILATOR verilator REQUIRED)
find_program(M3SIM_MAKE make REQUIRED)
# What every Verilation has in common; -C FOLDER -f CLASS.mk CLASS__ALL.a follow the make.
set(M3SIM_VERILATE ${M3SIM_VERILATOR} --cc -O3 --x-assign 0 --x-initial 0 -Wno-fatal -Wno-lint -Wno-style
                   --output-split 20000)
set(M3SIM_VERILATED_MAKE ${M3SIM_MAKE} -s "OPT_FAST=-O1 -fPIC" "OPT_SLOW=-O0 -fPIC")
if(M3SIM_CCACHE)
  list(APPEND M3SIM_VERILATED_MAKE "OBJCACHE=${M3SIM_CCACHE}")
endif()

include_guard(GLOBAL)  # The above are variables of each folder, what follows is of the whole build.
execute_process(COMMAND ${M3SIM_VERILATOR} --getenv VERILATOR_ROOT OUTPUT_VARIABLE M3SIM_VERILATOR_ROOT
                OUTPUT_STRIP_TRAILING_WHITESPACE)
find_path(M3SIM_VERILATOR_INCLUDE verilated.h
          PATHS ${M3SIM_VERILATOR_ROOT}/include /usr/share/verilator/include REQUIRED)

add_library(m3sim_verilator_runtime STATIC ${M3SIM_VERILATOR_INCLUDE}/verilated.cpp
                                           ${M3SIM_VERILATOR_INCLUDE}/verilated_threads.cpp)
target_include_directories(m3sim_verilator_runtime SYSTEM PUBLIC ${M3SIM_VERILATOR_INCLUDE}
                                                                 ${M3SIM_VERILATOR_INCLUDE}/vltstd)
target_compile_options(m3sim_verilator_runtime PRIVATE -w)
target_link_libraries(m3sim_verilator_runtime PUBLIC Threads::Threads)

function(m3sim_verilated target prefix)
  cmake_parse_arguments(ARG "" "MODULES" "KERNELS;CONFIG" ${ARGN})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target})
  string(REPLACE ";" "," list "${ARG_KERNELS}")
  set(configs)
  foreach(item IN LISTS ARG_CONFIG)
    if(EXISTS ${item})
      list(APPEND configs ${item})
    endif()
  endforeach()
  set(texts ${folder}/m3sim_modules.sv)
  foreach(kernel IN LISTS ARG_KERNELS)
    list(APPEND texts ${folder}/${kernel}.sv ${folder}/${kernel}_socket.sv ${folder}/${kernel}_register.cpp)
  endforeach()
  add_custom_command(
    OUTPUT ${texts}
    COMMAND m3sim_rtl_generate ${folder} ${prefix} ${list} ${ARG_CONFIG}
    DEPENDS m3sim_rtl_generate ${configs}
    COMMENT "RTL of ${target}")
  set(sources)
  set(archives)
  foreach(kernel IN LISTS ARG_KERNELS)
    set(class V${prefix}${kernel}_socket)
    set(objects ${folder}/${kernel}_objects)
    set(archive ${objects}/${class}__ALL.a)
    add_custom_command(
      OUTPUT ${archive} ${objects}/${class}.h
      COMMAND ${M3SIM_VERILATE} --prefix ${class} --top-module ${kernel}_socket --Mdir ${objects}
              ${folder}/${kernel}_socket.sv ${folder}/${kernel}.sv ${folder}/m3sim_modules.sv
      COMMAND ${M3SIM_VERILATED_MAKE} -C ${objects} -f ${class}.mk ${class}__ALL.a
      DEPENDS ${folder}/${kernel}_socket.sv ${folder}/${kernel}.sv ${folder}/m3sim_modules.sv
      COMMENT "Verilator: ${kernel} of ${target}")
    list(APPEND archives ${archive})
    set_source_files_properties(${folder}/${kernel}_register.cpp PROPERTIES
      OBJECT_DEPENDS ${objects}/${class}.h
      COMPILE_OPTIONS "-w;-isystem${objects}")
    list(APPEND sources ${folder}/${kernel}_register.cpp)
  endforeach()
  add_custom_target(${target}_archives DEPENDS ${archives})
  # The registrations are objects: nothing else refers to them.
  add_library(${target} OBJECT ${sources})
  add_dependencies(${target} ${target}_archives)
  target_link_libraries(${target} PUBLIC m3sim_rtl ${archives} m3sim_verilator_runtime)
endfunction()
