# The Arrow C++ shims: targets forebay_arrow = libforebay_arrow.so (IPC) and forebay_parquet =
# libforebay_parquet.so in the root of the build directory.
#
# Arrow C++ (headers and libarrow.so.<n>00) comes with the pyarrow package of the Python that the
# PySpark client runs on anyway: ${Python3_EXECUTABLE}, by default .venv/bin/python of the source
# directory, else the first Python found. The package is located, not imported. Nothing else of
# Forebay links this library: src/column/arrow_ipc.c loads it at first use.
if(NOT Python3_EXECUTABLE AND EXISTS ${CMAKE_SOURCE_DIR}/.venv/bin/python)
  set(Python3_EXECUTABLE ${CMAKE_SOURCE_DIR}/.venv/bin/python)
endif()
if(NOT Python3_EXECUTABLE)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

string(CONCAT pyarrow_script "import importlib.util, os\n"
  "spec = importlib.util.find_spec('pyarrow')\n"
  "print(os.path.dirname(spec.origin) if spec else '', end='')")
execute_process(COMMAND ${Python3_EXECUTABLE} -c ${pyarrow_script}
  OUTPUT_VARIABLE pyarrow_dir RESULT_VARIABLE pyarrow_result)
set(pyarrow_config ${pyarrow_dir}/include/arrow/util/config.h)
if(NOT pyarrow_result EQUAL 0 OR NOT pyarrow_dir OR NOT EXISTS ${pyarrow_config})
  message(FATAL_ERROR "No pyarrow package for ${Python3_EXECUTABLE}: install it there "
    "(pip install pyarrow==26.*) or name another Python with -DPython3_EXECUTABLE=<path>.")
endif()
file(STRINGS ${pyarrow_config} pyarrow_lines REGEX "define ARROW_(VERSION_STRING|SO_VERSION) ")
string(REGEX MATCH "ARROW_VERSION_STRING \"([^\"]+)\"" _ "${pyarrow_lines}")
set(pyarrow_version ${CMAKE_MATCH_1})
string(REGEX MATCH "ARROW_SO_VERSION \"([^\"]+)\"" _ "${pyarrow_lines}")
set(pyarrow_library ${pyarrow_dir}/libarrow.so.${CMAKE_MATCH_1})
if(NOT EXISTS ${pyarrow_library})
  message(FATAL_ERROR "The pyarrow package in ${pyarrow_dir} has no ${pyarrow_library}.")
endif()
if(NOT pyarrow_version VERSION_GREATER_EQUAL 26 OR pyarrow_version VERSION_GREATER_EQUAL 27)
  message(WARNING "Forebay is tested with pyarrow 26, found ${pyarrow_version} in ${pyarrow_dir}.")
endif()
message(STATUS "Found pyarrow ${pyarrow_version}: ${pyarrow_dir}")

# Only the functions of arrow_shim.h are visible, not the vtables of Arrow's header-only classes.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/arrow_shim.map
  CONTENT "{ global: fb_arrow_*; local: *; };\n")

# libarrow is not instrumented, and containers cross the border between it and a shim: the shims are
# never instrumented either.
function(forebay_shim target map)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_include_directories(${target} SYSTEM PRIVATE ${pyarrow_dir}/include)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror -fvisibility=hidden
    -fvisibility-inlines-hidden -fno-sanitize=all)
  target_link_options(${target} PRIVATE -fno-sanitize=all -Wl,-z,defs
    -Wl,--version-script=${CMAKE_BINARY_DIR}/${map})
  target_link_libraries(${target} PRIVATE ${ARGN})
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}
    BUILD_RPATH ${pyarrow_dir}
    INSTALL_RPATH ${pyarrow_dir})
endfunction()

add_library(forebay_arrow SHARED ${CMAKE_SOURCE_DIR}/src/column/arrow_shim.cc)
forebay_shim(forebay_arrow arrow_shim.map ${pyarrow_library})

# The Parquet shim: target forebay_parquet = libforebay_parquet.so, apart from the one above since
# libparquet exports symbols of OpenSSL and simdjson; src/format/parquet_load.c says how they are
# kept inside.
string(REPLACE "libarrow.so" "libparquet.so" pyarrow_parquet_library ${pyarrow_library})
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/parquet_shim.map
  CONTENT "{ global: fb_parquet_*; local: *; };\n")
add_library(forebay_parquet SHARED ${CMAKE_SOURCE_DIR}/src/format/parquet_shim.cc)
forebay_shim(forebay_parquet parquet_shim.map ${pyarrow_parquet_library} ${pyarrow_library})
