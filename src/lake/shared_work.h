#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <utility>
#include <variant>
#include <vector>

#include "base/file_system.h"

namespace ticklake::lake {

/// Work that costs the same for one and for many: who finds nobody at it does it for all who came
/// until then; who comes while it lasts is served by the next one, which begins after he came, and
/// so after all that he did before. Safe from any thread; an item lives until run() returns.
template <typename Item>
class SharedWork {
 public:
  using Work = std::function<base::Result<void>(const std::vector<Item>&)>;

  /// Returns when `item` was among those that somebody's `work` was done for: all callers' is the
  /// same. What fails fails for all of them.
  base::Result<void> run(Item item, const Work& work) {
    Caller caller{std::move(item)};
    bool must_wait = false;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&caller);
      must_wait = std::exchange(is_led_, true);
    }
    if (must_wait) caller.woken.acquire();
    return caller.is_served ? std::move(caller.result) : lead(work);
  }

 private:
  /// Woken by nothing but what concerns him: a lock that all of them need again would cost more
  /// than the work.
  struct Caller {
    Item item;
    std::binary_semaphore woken{0};
    bool is_served = false;  ///< else, when he is woken, he leads
    base::Result<void> result = {};
  };

  base::Result<void> lead(const Work& work) {
    std::vector<Caller*> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(waiting_);
    }
    std::vector<Item> items;
    for (const Caller* one : batch)
      items.push_back(one->item);
    auto result = work(items);
    Caller* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        is_led_ = false;
      } else {
        next = waiting_.front();
      }
    }
    if (next) next->woken.release();
    // The first of them is the leader himself.
    for (size_t i = 1; i < batch.size(); ++i) {
      batch[i]->result = result;
      batch[i]->is_served = true;
      batch[i]->woken.release();
    }
    return result;
  }

  std::mutex mutex_;
  std::vector<Caller*> waiting_;  ///< whoever leads next is the first
  bool is_led_ = false;
};

/// FileSystem::sync_folder(), shared by those who have changed names in one folder at the same
/// time.
class SharedFolderSync {
 public:
  explicit SharedFolderSync(base::FileSystem& files) : files_(files) {}
  base::Result<void> sync(const base::Path& folder);

 private:
  using Syncs = SharedWork<std::monostate>;

  base::FileSystem& files_;
  std::mutex mutex_;
  std::map<base::Path, std::shared_ptr<Syncs>> folders_;  ///< that somebody syncs now
};

}  // namespace ticklake::lake
