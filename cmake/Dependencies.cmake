# What scripts/setup.sh installed. Each is found once, here, and named in src/*/CMakeLists.txt.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)

function(ticklake_pkg name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  add_library(${name} ALIAS PkgConfig::${name})
endfunction()
ticklake_pkg(rdkafka rdkafka)
ticklake_pkg(rdkafka_cxx rdkafka++)
ticklake_pkg(zstd libzstd)
ticklake_pkg(lz4 liblz4)
ticklake_pkg(editline libedit)
ticklake_pkg(re2 re2)
ticklake_pkg(sqlite3 sqlite3)
ticklake_pkg(expat expat)
ticklake_pkg(protobuf protobuf)
ticklake_pkg(simdjson simdjson)
# Without them a forgotten check of a value does not compile; with them it ends the process.
target_compile_definitions(PkgConfig::simdjson INTERFACE SIMDJSON_EXCEPTIONS=0)

find_library(SNAPPY_LIBRARY snappy REQUIRED)
add_library(snappy_library INTERFACE)
target_link_libraries(snappy_library INTERFACE ${SNAPPY_LIBRARY})
find_library(BZIP2_LIBRARY bz2 REQUIRED)
add_library(bzip2 INTERFACE)
target_link_libraries(bzip2 INTERFACE ${BZIP2_LIBRARY})

# DuckDB: the official library and its C header, from npm (see scripts/setup.sh).
set(TICKLAKE_DEPS "${CMAKE_SOURCE_DIR}/build/deps")
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${TICKLAKE_DEPS}/lib/libduckdb.so"
  IMPORTED_NO_SONAME ON
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${TICKLAKE_DEPS}/include"
  INTERFACE_INCLUDE_DIRECTORIES "${TICKLAKE_DEPS}/include")

# Asio and Beast are header-only; compiled once, in src/base/asio.cc and src/http/beast.cc.
find_path(BOOST_INCLUDE boost/asio.hpp REQUIRED)
file(STRINGS "${BOOST_INCLUDE}/boost/version.hpp" boost_version REGEX "define BOOST_VERSION ")
string(REGEX REPLACE "[^0-9]" "" boost_version "${boost_version}")
if(boost_version LESS 108100)
  message(FATAL_ERROR "Boost in ${BOOST_INCLUDE} is too old (${boost_version}); coroutines need 1.81 or "
                      "later; on Debian 12: apt-get install libboost1.81-dev")
endif()
add_library(boost_headers INTERFACE)
target_include_directories(boost_headers SYSTEM INTERFACE "${BOOST_INCLUDE}")
target_compile_definitions(boost_headers INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)

if(TICKLAKE_TESTS)
  find_package(GTest REQUIRED)
endif()
if(TICKLAKE_BENCH)
  find_package(benchmark REQUIRED)
endif()
