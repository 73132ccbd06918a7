#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "table/memory_guard.h"

namespace ticklake::query {

/// The error of a query that needs more memory, or more disk for what does not fit, than queries
/// may have; `reason` is DuckDB's text or one of ours.
base::Error out_of_memory(std::string_view reason);

/// Does work for a query, which gives a Result: memory that queries may not have is an error of it.
/// `refuses_all` as in table::QueryMemoryScope.
template <typename Work>
std::invoke_result_t<Work> within_query_memory(Work work,
                                               const std::atomic<bool>* refuses_all = nullptr) {
  try {
    const table::QueryMemoryScope scope(refuses_all);
    return work();
  } catch (const std::bad_alloc&) {
    return tl::unexpected(out_of_memory("an allocation was refused"));
  } catch (const std::exception& error) {
    // DuckDB's C API lets its own exceptions of memory out where it expects none.
    return tl::unexpected(out_of_memory(error.what()));
  }
}

}  // namespace ticklake::query
