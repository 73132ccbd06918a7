#include "table/memory_guard.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <string_view>

#include <dlfcn.h>
#include <execinfo.h>
#include <malloc.h>

// DuckDB's default allocator (duckdb::Allocator::Default…), by which all its buffers, vectors and
// arenas come: its own code finds the three functions through the dynamic linker, which prefers a
// definition in the program to the one in the library. They have no header; memory_guard_test.cc
// fails if a new version of DuckDB does not call them.
#define TICKLAKE_DUCKDB_ALLOCATE \
  "_ZN6duckdb9Allocator15DefaultAllocateEPNS_20PrivateAllocatorDataEm"
#define TICKLAKE_DUCKDB_FREE "_ZN6duckdb9Allocator11DefaultFreeEPNS_20PrivateAllocatorDataEPhm"
#define TICKLAKE_DUCKDB_REALLOCATE \
  "_ZN6duckdb9Allocator17DefaultReallocateEPNS_20PrivateAllocatorDataEPhmm"
#define TICKLAKE_DUCKDB_PURGE "_ZN6duckdb9Allocator8FlushAllEv"
// BufferPool::EvictBlocks, which makes room below memory_limit, or fails.
#define TICKLAKE_DUCKDB_EVICT                                                      \
  "_ZN6duckdb10BufferPool11EvictBlocksENS_9MemoryTagEmmPNS_10unique_ptrINS_10File" \
  "BufferESt14default_deleteIS3_ELb1EEE"

namespace ticklake::table {

/// Room is made for an allocation, and the outcome put where the caller wants it: what it consists
/// of is of no interest here, only that it goes there without being copied.
struct EvictionOutcome {
  ~EvictionOutcome();
  bool succeeded;
};
namespace {

using Evict = EvictionOutcome(void*, uint8_t, uint64_t, uint64_t, void*);

/// More at once is refused, whatever room there is: filling it can take many seconds in which
/// DuckDB does not look for an interruption. Sorts, joins and groups that spill need far less.
constexpr uint64_t kAllocationBytesMax = 256 << 20;
/// Who does not work for queries may take so much more of DuckDB's buffers than its memory_limit:
/// the sink must be able to add rows also while queries have all of it, and DuckDB counts what a
/// query only asks for until it has refused it.
constexpr uint64_t kReserveBytes = 2ull << 30;
/// Each thread tells the shared counter only of so many bytes at once.
constexpr int64_t kBatchBytes = 64 * 1024;
/// Small allocations have this much more room, so that they are seldom what is refused: errors are
/// made of them, too.
constexpr uint64_t kSmallBytesMax = 4 * 1024;
constexpr int64_t kSmallRoomBytes = 64 << 20;
/// What a thread may still allocate in small pieces after it was refused one: the way of an error
/// to its reader takes some.
constexpr int64_t kGraceBytes = 1 << 20;
/// Freed pages that the allocators hold are given back when they are more than this.
constexpr int64_t kFreedBytesMax = 256 << 20;
constexpr uint32_t kMeasuresBetweenPurges = 10;

constinit std::atomic<int64_t> counted{0};
constinit std::atomic<int64_t> allowance{std::numeric_limits<int64_t>::max()};

struct ThreadAccount {
  int64_t uncounted = 0;
  int64_t grace = 0;
  bool is_query = false;
  const std::atomic<bool>* refuses_all = nullptr;
};
constinit thread_local ThreadAccount account;

void count(int64_t bytes) {
  account.uncounted += bytes;
  if (account.uncounted < kBatchBytes && account.uncounted > -kBatchBytes) return;
  counted.fetch_add(account.uncounted, std::memory_order_relaxed);
  account.uncounted = 0;
}

bool is_in_destructor(const void* address) {
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || info.dli_sname == nullptr) return false;
  const std::string_view name = info.dli_sname;
  return name.starts_with("_ZN6duckdb") &&
         (name.ends_with("D0Ev") || name.ends_with("D1Ev") || name.ends_with("D2Ev"));
}

/// What was found of addresses, each at a place of its own: shifted by one, the lowest bit is the
/// finding. Among DuckDB's hundred thousand symbols a search takes half a millisecond.
constinit std::array<std::atomic<uintptr_t>, 4096> findings{};

bool is_known_in_destructor(const void* address) {
  const auto key = reinterpret_cast<uintptr_t>(address);
  std::atomic<uintptr_t>& finding = findings[(key ^ (key >> 12)) % findings.size()];
  const uintptr_t found = finding.load(std::memory_order_relaxed);
  if (found >> 1 == key) return (found & 1) != 0;
  const bool is_in = is_in_destructor(address);
  finding.store(key << 1 | uintptr_t{is_in}, std::memory_order_relaxed);
  return is_in;
}

/// Whether one of DuckDB's destructors is on this thread's stack: a refusal there would end the
/// process, since it becomes an exception. (GroupedAggregateHashTable allocates to destroy what its
/// groups hold.)
bool is_below_destructor() {
  std::array<void*, 128> frames{};
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  return std::any_of(frames.begin(), frames.begin() + count, is_known_in_destructor);
}

/// Whether a thread that is to be refused `size` bytes may have them nevertheless; if not, it may
/// have small pieces for a while.
bool takes_grace(uint64_t size) {
  if (size <= kSmallBytesMax && account.grace > 0) {
    account.grace -= static_cast<int64_t>(size);
    return true;
  }
  if (is_below_destructor()) return true;
  account.grace = kGraceBytes;
  return false;
}

/// Whether this thread may have so many bytes more.
bool admits(uint64_t size) {
  if (!account.is_query) return true;
  if (account.refuses_all != nullptr && account.refuses_all->load(std::memory_order_relaxed)) {
    return takes_grace(size);
  }
  const int64_t limit = allowance.load(std::memory_order_relaxed);
  const int64_t there = counted.load(std::memory_order_relaxed) + account.uncounted;
  const bool fits = there <= limit && size <= static_cast<uint64_t>(limit - there);
  if (fits && size <= kAllocationBytesMax) return true;
  if (size <= kSmallBytesMax && there <= limit + kSmallRoomBytes) return true;
  return takes_grace(size);
}

void* allocate(size_t size) noexcept {
  if (!admits(size)) return nullptr;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) count(static_cast<int64_t>(::malloc_usable_size(memory)));
  return memory;
}

void* allocate_or_throw(size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  count(-static_cast<int64_t>(::malloc_usable_size(memory)));
  std::free(memory);
}

/// DuckDB's own definition of a function that this program defines, too.
template <typename Function>
Function* in_duckdb(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

using Allocate = unsigned char*(void*, uint64_t);
using Free = void(void*, unsigned char*, uint64_t);
using Reallocate = unsigned char*(void*, unsigned char*, uint64_t, uint64_t);

void give_freed_pages_back() {
  static auto* const purge = in_duckdb<void()>(TICKLAKE_DUCKDB_PURGE);
  if (purge != nullptr) purge();
  ::malloc_trim(0);
}

}  // namespace

// Nobody calls these but DuckDB.
unsigned char* duckdb_allocate(void* owner, uint64_t size) asm(TICKLAKE_DUCKDB_ALLOCATE);
void duckdb_release(void* owner, unsigned char* memory, uint64_t size) asm(TICKLAKE_DUCKDB_FREE);
unsigned char* duckdb_reallocate(void* owner, unsigned char* memory, uint64_t old_size,
                                 uint64_t size) asm(TICKLAKE_DUCKDB_REALLOCATE);
EvictionOutcome duckdb_evict(void* pool, uint8_t tag, uint64_t size, uint64_t limit,
                             void* buffer) asm(TICKLAKE_DUCKDB_EVICT);

unsigned char* duckdb_allocate(void* owner, uint64_t size) {
  static Allocate* const next = in_duckdb<Allocate>(TICKLAKE_DUCKDB_ALLOCATE);
  if (!admits(size)) return nullptr;
  unsigned char* const memory = next(owner, size);
  if (memory != nullptr) count(static_cast<int64_t>(size));
  return memory;
}

void duckdb_release(void* owner, unsigned char* memory, uint64_t size) {
  static Free* const next = in_duckdb<Free>(TICKLAKE_DUCKDB_FREE);
  count(-static_cast<int64_t>(size));
  next(owner, memory, size);
}

unsigned char* duckdb_reallocate(void* owner, unsigned char* memory, uint64_t old_size,
                                 uint64_t size) {
  static Reallocate* const next = in_duckdb<Reallocate>(TICKLAKE_DUCKDB_REALLOCATE);
  // For the time of the copy there may be both.
  if (size > old_size && !admits(size)) return nullptr;
  unsigned char* const moved = next(owner, memory, old_size, size);
  if (moved != nullptr) count(static_cast<int64_t>(size) - static_cast<int64_t>(old_size));
  return moved;
}

EvictionOutcome duckdb_evict(void* pool, uint8_t tag, uint64_t size, uint64_t limit, void* buffer) {
  static Evict* const next = in_duckdb<Evict>(TICKLAKE_DUCKDB_EVICT);
  if (account.is_query) {
    if (size > kAllocationBytesMax) throw std::bad_alloc();
    // A stack is looked at only where this may fail.
    const uint64_t held = static_cast<uint64_t>(std::max<int64_t>(0, counted.load()));
    const bool may_fail = held + size > limit - limit / 8;
    if (!may_fail || !is_below_destructor()) return next(pool, tag, size, limit, buffer);
  }
  const uint64_t reserve = std::min(kReserveBytes, std::numeric_limits<uint64_t>::max() - limit);
  return next(pool, tag, size, limit + reserve, buffer);
}

MemoryGuard::MemoryGuard(uint64_t resident_bytes_max, ResidentBytes resident)
    : resident_bytes_max_(resident_bytes_max), resident_(std::move(resident)) {
  other_bytes_min_ = std::max<int64_t>(0, static_cast<int64_t>(resident_()) - allocated_bytes());
  measure();
}

MemoryGuard::~MemoryGuard() { allowance = std::numeric_limits<int64_t>::max(); }

bool MemoryGuard::measure() {
  const auto limit = static_cast<int64_t>(resident_bytes_max_);
  const auto resident = static_cast<int64_t>(resident_());
  // What is allocated and not yet touched hides what is resident for other reasons.
  const int64_t other = std::max(other_bytes_min_, resident - allocated_bytes());
  allowance.store(limit - other, std::memory_order_relaxed);
  if (measures_until_purge_ > 0) --measures_until_purge_;
  const bool has_freed = other - other_bytes_min_ > kFreedBytesMax;
  if (has_freed && resident > limit / 2 && measures_until_purge_ == 0) {
    measures_until_purge_ = kMeasuresBetweenPurges;
    give_freed_pages_back();
  }
  return resident <= limit + kSmallRoomBytes;
}

QueryMemoryScope::QueryMemoryScope(const std::atomic<bool>* refuses_all)
    : was_query_(account.is_query), refused_all_(account.refuses_all) {
  account.is_query = true;
  if (refuses_all != nullptr) account.refuses_all = refuses_all;
}

QueryMemoryScope::~QueryMemoryScope() {
  account.is_query = was_query_;
  account.refuses_all = refused_all_;
}

int64_t allocated_bytes() { return counted.load(std::memory_order_relaxed) + account.uncounted; }

}  // namespace ticklake::table

// All of operator new and delete that does not ask for an alignment, as [new.delete] allows a
// program to define them; together, since AddressSanitizer would take a mixture for a mistake.
void* operator new(size_t size) { return ticklake::table::allocate_or_throw(size); }
void* operator new[](size_t size) { return ticklake::table::allocate_or_throw(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return ticklake::table::allocate(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return ticklake::table::allocate(size);
}
void operator delete(void* memory) noexcept { ticklake::table::release(memory); }
void operator delete[](void* memory) noexcept { ticklake::table::release(memory); }
void operator delete(void* memory, size_t) noexcept { ticklake::table::release(memory); }
void operator delete[](void* memory, size_t) noexcept { ticklake::table::release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  ticklake::table::release(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  ticklake::table::release(memory);
}
