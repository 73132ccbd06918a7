# Flags that every target shares. Third-party code is included as SYSTEM and so is not judged by ours.
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these for its own headers and for Asio's coroutines when it inlines.
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-restrict
                      -Wno-array-bounds -Wno-dangling-pointer)
endif()

if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-msse4.2 -mpclmul)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  add_compile_options(-march=armv8-a+crc)
endif()

if(TICKLAKE_SANITIZE)
  # -Og keeps the tests quick and compiles in two thirds of the time of -O1; the line tables are
  # enough for a report that can be read.
  add_compile_options(-fsanitize=${TICKLAKE_SANITIZE} -fno-omit-frame-pointer -Og -g1)
  if(TICKLAKE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
  if(TICKLAKE_SANITIZE STREQUAL "thread")
    # It does not know fences; Asio does without them.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    add_compile_options(-Wno-tsan)
    add_library(c11_threads OBJECT "${CMAKE_SOURCE_DIR}/tests/tsan/c11_threads.cc")
    link_libraries($<TARGET_OBJECTS:c11_threads>)
  endif()
  if(TICKLAKE_FUZZ)
    # All of the code tells libFuzzer where an input got to, not the targets' own files alone.
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
  add_link_options(-fsanitize=${TICKLAKE_SANITIZE})
else()
  add_compile_options($<$<CONFIG:Release>:-O2> $<$<CONFIG:Release>:-g1>)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the sources are taken as relative ones, so that every clone and every preset with the
  # same flags shares what was compiled once.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
