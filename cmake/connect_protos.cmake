# Generated protobuf-c code of Spark Connect: target connect_protos.
#
# The protos come out of the PySpark client that Python3_EXECUTABLE has installed (pyspark[connect]
# or pyspark-client, 4.2 or later): tools/connect_descriptors.py says how. Nothing generated is
# kept in the repository. Include as "spark/connect/base.pb-c.h", "google/rpc/status.pb-c.h"; who
# uses a message that not every version has compares CONNECT_PROTOS_VERSION (40300 for 4.3.0).
if(NOT DEFINED Python3_EXECUTABLE AND EXISTS ${CMAKE_SOURCE_DIR}/.venv/bin/python)
  set(Python3_EXECUTABLE ${CMAKE_SOURCE_DIR}/.venv/bin/python CACHE FILEPATH
      "The Python that has PySpark installed")
endif()
find_package(Python3 COMPONENTS Interpreter REQUIRED)
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_GEN_C protoc-gen-c REQUIRED)

set(connect_dir ${CMAKE_BINARY_DIR}/connect_protos)
set(connect_script ${CMAKE_SOURCE_DIR}/tools/connect_descriptors.py)
set(connect_set ${connect_dir}/connect.binpb)
file(MAKE_DIRECTORY ${connect_dir})
execute_process(
  COMMAND ${Python3_EXECUTABLE} ${connect_script} ${connect_set}
  OUTPUT_VARIABLE connect_found ERROR_VARIABLE connect_trouble RESULT_VARIABLE connect_failed)
if(connect_failed)
  message(FATAL_ERROR "Can't read Spark Connect's protos: ${connect_trouble}"
    "Say -DPython3_EXECUTABLE=<a python that has pyspark[connect] or pyspark-client>.")
endif()
list(POP_FRONT connect_found connect_version connect_version_file)
if(connect_version VERSION_LESS 4.2)
  message(FATAL_ERROR "PySpark ${connect_version} is too old to build with: 4.2 is the first.")
endif()
message(STATUS "Spark Connect protos of PySpark ${connect_version}, from ${connect_version_file}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${connect_script} ${connect_version_file})

set(connect_sources "")
set(connect_headers "")
foreach(proto IN LISTS connect_found)
  string(REGEX REPLACE "\\.proto$" ".pb-c" stem ${proto})
  list(APPEND connect_sources ${connect_dir}/${stem}.c)
  list(APPEND connect_headers ${connect_dir}/${stem}.h)
endforeach()
add_custom_command(
  OUTPUT ${connect_sources} ${connect_headers}
  COMMAND ${PROTOC} --plugin=protoc-gen-c=${PROTOC_GEN_C} --descriptor_set_in=${connect_set}
          --c_out=${connect_dir} ${connect_found}
  DEPENDS ${connect_set} ${PROTOC} ${PROTOC_GEN_C}
  COMMENT "Generating C code for Spark Connect's protos"
  VERBATIM)

string(REGEX MATCH "^([0-9]+)\\.([0-9]+)\\.([0-9]+)" connect_match ${connect_version})
math(EXPR connect_number "${CMAKE_MATCH_1} * 10000 + ${CMAKE_MATCH_2} * 100 + ${CMAKE_MATCH_3}")
add_library(connect_protos STATIC ${connect_sources} ${connect_headers})
target_include_directories(connect_protos SYSTEM PUBLIC ${connect_dir})
target_compile_definitions(connect_protos PUBLIC CONNECT_PROTOS_VERSION=${connect_number})
target_compile_options(connect_protos PRIVATE -O1 -w) # 40,000 lines of tables
target_link_libraries(connect_protos PUBLIC PkgConfig::PROTOBUF_C)
