#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace ticklake::table {

/// Keeps this process's resident memory below a limit while it runs other people's queries.
///
/// DuckDB's memory_limit counts its buffers, and neither the text of vectors (`repeat('x', 2e9)`),
/// nor values at planning time (`range(1e9)`), nor what it keeps in C++ containers (`median`). So
/// this program defines C++'s operator new and the three functions behind DuckDB's default
/// allocator. Both count what they give out, and in threads that work for queries they refuse what
/// would pass the allowance, or is more than 256 MiB at once: DuckDB reports that as an ordinary
/// out-of-memory error. Threads that do not work for queries (broker, sink, network) are never
/// refused anything; they may even pass memory_limit, so that no query keeps the sink from adding
/// rows.
///
/// The allowance is the limit less what is resident for other reasons (code, stacks, C libraries,
/// freed pages that the allocators keep), which measure() takes from the kernel. It is one for the
/// process: where there are several guards, the one that measured last decides.
class MemoryGuard {
 public:
  using ResidentBytes = std::function<uint64_t()>;

  /// `resident` tells the resident memory of the process; 0 means unknown.
  MemoryGuard(uint64_t resident_bytes_max, ResidentBytes resident);
  MemoryGuard(const MemoryGuard&) = delete;
  MemoryGuard& operator=(const MemoryGuard&) = delete;
  /// Nothing is refused any more.
  ~MemoryGuard();

  /// Brings the allowance up to date, and gives freed pages back to the system where they are
  /// many. To be called a few dozen times a second while queries run, from one thread at a time.
  /// False if the limit is passed all the same: a query must end.
  bool measure();

  uint64_t resident_bytes_max() const { return resident_bytes_max_; }

 private:
  const uint64_t resident_bytes_max_;
  const ResidentBytes resident_;
  int64_t other_bytes_min_;  ///< resident for other reasons before there was a query
  uint32_t measures_until_purge_ = 0;
};

/// While it lives, the thread that made it works for queries and may be refused memory, in which
/// case operator new throws std::bad_alloc. May be nested.
class QueryMemoryScope {
 public:
  /// Once `refuses_all` is true the thread gets nothing any more: what ends a query that looks for
  /// no interruption, as DuckDB while it plans. It must outlive the scope; null: never.
  explicit QueryMemoryScope(const std::atomic<bool>* refuses_all = nullptr);
  QueryMemoryScope(const QueryMemoryScope&) = delete;
  QueryMemoryScope& operator=(const QueryMemoryScope&) = delete;
  ~QueryMemoryScope();

 private:
  const bool was_query_;
  const std::atomic<bool>* const refused_all_;
};

/// Bytes that C++ and DuckDB hold now, give or take 64 KiB a thread.
int64_t allocated_bytes();

}  // namespace ticklake::table
