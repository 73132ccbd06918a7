# ticklake_module(NAME LINK lib…): a static library of src/NAME's sources, and one test program of its
# *_test.cc files. A new file is picked up by itself.
include(GoogleTest OPTIONAL)

function(ticklake_module name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc"
       "${CMAKE_CURRENT_SOURCE_DIR}/*.S")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|_bench\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    add_library(ticklake_${name} INTERFACE)
    target_link_libraries(ticklake_${name} INTERFACE ${arg_LINK})
    return()
  endif()
  add_library(ticklake_${name} STATIC ${sources})
  target_include_directories(ticklake_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(ticklake_${name} PUBLIC ${arg_LINK})
  if(TICKLAKE_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ticklake_${name} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
      DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
