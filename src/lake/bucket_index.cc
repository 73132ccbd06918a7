#include "lake/bucket_index.h"

#include <algorithm>

namespace ticklake::lake {
namespace {

/// Connections that are kept for the next reader.
constexpr size_t kIdleReadersMax = 16;

}  // namespace

base::Result<std::unique_ptr<BucketIndex>> BucketIndex::open(base::FileSystem& files,
                                                             base::Path path) {
  TICKLAKE_ASSIGN(auto writer, IndexWriter::open(files, path));
  return std::unique_ptr<BucketIndex>(new BucketIndex(files, std::move(path), std::move(writer)));
}

base::Result<void> BucketIndex::change(Durability durability, const Change& change) {
  return commits_.run({&change, durability},
                      [this](const auto& changes) { return commit(changes); });
}

base::Result<void> BucketIndex::commit(const std::vector<Asked>& changes) {
  const bool must_wait = std::ranges::any_of(
      changes, [](const Asked& one) { return one.durability == Durability::kNow; });
  if (must_wait != commits_wait_) TICKLAKE_TRY(writer_->database().set_commits_wait(must_wait));
  commits_wait_ = must_wait;
  TICKLAKE_ASSIGN(auto transaction, base::SqliteTransaction::begin(writer_->database()));
  for (const Asked& one : changes)
    TICKLAKE_TRY((*one.change)(*writer_));
  return transaction.commit();
}

BucketIndex::Lease::~Lease() {
  if (!reader_) return;
  const std::lock_guard lock(index_->mutex_);
  if (index_->readers_.size() < kIdleReadersMax) index_->readers_.push_back(std::move(reader_));
}

base::Result<BucketIndex::Lease> BucketIndex::reader() {
  {
    const std::lock_guard lock(mutex_);
    if (!readers_.empty()) {
      Lease lease(*this, std::move(readers_.back()));
      readers_.pop_back();
      return lease;
    }
  }
  TICKLAKE_ASSIGN(auto opened, IndexReader::open(files_, path_));
  return Lease(*this, std::move(opened));
}

}  // namespace ticklake::lake
