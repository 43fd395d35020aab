# Builds what is configured in BUILD with a compiler for each processor. A plain `cmake --build --parallel` starts one for each
# file, which together take more memory than a small machine has.
#   cmake -DBUILD=build -P build.cmake
cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --parallel ${processors} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "The build in ${BUILD} failed")
endif()
