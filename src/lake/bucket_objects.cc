#include <algorithm>
#include <bitset>
#include <set>

#include "aws/hash.h"
#include "base/assert.h"
#include "lake/bucket_store_impl.h"
#include "lake/folder_entries.h"
#include "lake/layout.h"
#include "lake/object_key.h"

namespace ticklake::lake {
namespace {

tl::unexpected<base::Error> no_object(std::string_view key) {
  return base::fail(base::ErrorCode::kNotFound, "there is no object " + std::string(key));
}

tl::unexpected<base::Error> changed(std::string_view key) {
  return base::fail(base::ErrorCode::kFenced,
                    "the object " + std::string(key) + " is not the one that was meant");
}

base::Result<std::shared_lock<std::shared_mutex>> lock_to_read(BucketRoom& room,
                                                               std::string_view key,
                                                               BucketStore::Patience patience) {
  std::shared_mutex& mutex = room.lock_of(key);
  if (patience == BucketStore::Patience::kWaits) return std::shared_lock(mutex);
  std::shared_lock lock(mutex, std::try_to_lock);
  if (lock) return lock;
  return base::fail({base::ErrorCode::kTimeout, "an object is being written", {}, {}, true});
}

bool is_same_file(const IndexedObject& object, const FileIdentity& file) {
  return object.head.bytes == file.bytes && object.file_modified_ns == file.modified_ns;
}

/// What is known of an object whose file somebody else has changed.
ObjectHead head_of_file(std::string_view key, const FileIdentity& file, ObjectPlace place) {
  ObjectHead head;
  static_cast<ObjectEntry&>(head) = entry_of_file(key, file);
  head.place = place;
  return head;
}

}  // namespace

base::Result<void> BucketStore::Impl::check_key(const BucketRoom& room, std::string_view key) {
  if (!is_object_key(key)) {
    return base::fail(base::ErrorCode::kInvalidArgument, "this cannot be the key of an object", {},
                      "take 1 to 1,024 bytes of UTF-8 without NUL");
  }
  return room.check_writable(key);
}

base::Result<void> BucketStore::Impl::check_write(std::string_view bucket,
                                                  std::string_view key) const {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  return check_key(*entered.room, key);
}

base::Result<std::optional<BucketStore::Impl::Found>> BucketStore::Impl::find(
    BucketRoom& room, IndexReader& reader, std::string_view key) {
  TICKLAKE_ASSIGN(std::optional<IndexedObject> indexed, reader.find(room.id(), key));
  const bool may_be_file = room.bucket().is_lake && plain_path(key) && !room.is_hidden(key);
  if (!indexed && !may_be_file) return std::nullopt;
  const ObjectPlace place = indexed ? indexed->head.place : ObjectPlace::kPlain;
  base::Path path = room.path_of(key, place);
  TICKLAKE_ASSIGN(const auto file, identify(path));
  if (!file) return std::nullopt;
  if (indexed && is_same_file(*indexed, *file))
    return Found{std::move(indexed->head), std::move(path)};
  return Found{head_of_file(key, *file, place), std::move(path)};
}

/// An object whose file somebody has removed, so that it can be removed from the index too.
base::Result<std::optional<BucketStore::Impl::Found>> BucketStore::Impl::find_without_file(
    const BucketRoom& room, IndexReader& reader, std::string_view key) {
  TICKLAKE_ASSIGN(std::optional<IndexedObject> indexed, reader.find(room.id(), key));
  if (!indexed) return std::nullopt;
  base::Path path = room.path_of(key, indexed->head.place);
  return Found{std::move(indexed->head), std::move(path)};
}

base::Result<BucketStore::Impl::Found> BucketStore::Impl::get(BucketRoom& room, IndexReader& reader,
                                                              std::string_view key) {
  TICKLAKE_ASSIGN(std::optional<Found> found, find(room, reader, key));
  if (!found) return no_object(key);
  return std::move(*found);
}

base::Result<void> BucketStore::Impl::check_condition(const std::optional<Found>& found,
                                                      std::string_view key,
                                                      const WriteCondition& condition) {
  if (condition.if_absent && found) {
    return base::fail(base::ErrorCode::kAlreadyExists,
                      "there is an object " + std::string(key) + " already");
  }
  if (condition.if_match) {
    if (!found) return no_object(key);
    if (*condition.if_match != "*" && *condition.if_match != found->head.etag) return changed(key);
  }
  if (condition.if_not_match && found && *condition.if_not_match == found->head.etag)
    return changed(key);
  return {};
}

base::Result<base::Path> BucketStore::Impl::new_staged_path(BucketRoom& room) {
  TICKLAKE_TRY(files_.make_folders(room.staging()));
  return room.staging() / random_name();
}

base::Result<std::unique_ptr<ObjectWriter>> BucketStore::Impl::write(std::string_view bucket) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(base::Path path, new_staged_path(*entered.room));
  TICKLAKE_ASSIGN(auto file, files_.open(path, base::OpenMode::kCreateNew));
  return std::make_unique<ObjectWriter>(files_, std::move(path), std::move(file));
}

base::Result<BucketStore::Impl::StagedObject> BucketStore::Impl::finish(ObjectWriter& written,
                                                                        std::string_view key) {
  TICKLAKE_TRY(written.file_->sync_data());
  StagedObject staged{std::exchange(written.path_, {})};
  staged.head.key = key;
  staged.head.bytes = written.bytes_;
  staged.head.etag = aws::to_hex(written.md5_.finish());
  return staged;
}

base::Result<ObjectHead> BucketStore::Impl::put(std::string_view bucket, std::string_view key,
                                                std::unique_ptr<ObjectWriter> written,
                                                ObjectMetadata metadata,
                                                std::optional<ObjectChecksum> checksum,
                                                const WriteCondition& condition) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_TRY(check_key(*entered.room, key));
  TICKLAKE_ASSIGN(StagedObject staged, finish(*written, key));
  staged.head.metadata = std::move(metadata);
  staged.head.checksum = std::move(checksum);
  return install(*entered.room, std::move(staged), condition);
}

base::Result<base::Path> BucketStore::Impl::stage(std::string_view bucket) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  return new_staged_path(*entered.room);
}

base::Result<ObjectHead> BucketStore::Impl::put_file(std::string_view bucket, std::string_view key,
                                                     const base::Path& staged,
                                                     ObjectMetadata metadata,
                                                     const WriteCondition& condition) {
  TICKLAKE_ASSIGN(auto file, files_.open(staged, base::OpenMode::kReadWrite));
  TICKLAKE_ASSIGN(const uint64_t bytes, file->size());
  auto written = std::make_unique<ObjectWriter>(files_, staged, std::move(file));
  TICKLAKE_TRY(written->take_over(bytes));
  return put(bucket, key, std::move(written), std::move(metadata), {}, condition);
}

base::Result<std::optional<ObjectHead>> BucketStore::Impl::copy(
    std::string_view source_bucket, std::string_view source_key, std::string_view source_etag,
    std::string_view bucket, std::string_view key, ObjectMetadata metadata,
    const WriteCondition& condition) {
  TICKLAKE_ASSIGN(const Entered target, enter(bucket));
  Entered source{target.room, {}};
  if (source_bucket != bucket) {
    TICKLAKE_ASSIGN(source, enter(source_bucket));
  }
  TICKLAKE_TRY(check_key(*target.room, key));
  TICKLAKE_ASSIGN(base::Path path, new_staged_path(*target.room));
  StagedObject staged{std::move(path)};
  {
    TICKLAKE_ASSIGN(auto reader, index_->reader());
    const std::shared_lock lock(source.room->lock_of(source_key));
    TICKLAKE_ASSIGN(Found found, get(*source.room, *reader, source_key));
    if (found.head.etag != source_etag) return changed(source_key);
    if (!files_.link(found.path, staged.path)) return std::nullopt;
    staged.head = std::move(found.head);
    staged.is_link = true;
  }
  staged.head.key = key;
  staged.head.metadata = std::move(metadata);
  TICKLAKE_ASSIGN(ObjectHead head, install(*target.room, std::move(staged), condition));
  return head;
}

/// The change is known to the index before the file is moved, and holds after: what the file is
/// tells, after a crash, which of both it was.
base::Result<ObjectHead> BucketStore::Impl::install(BucketRoom& room, StagedObject staged,
                                                    const WriteCondition& condition) {
  TICKLAKE_ASSIGN(const auto file, identify(staged.path));
  if (!file) return base::fail(base::ErrorCode::kCorrupt, "a staged object is not there");
  staged.head.modified = clock_.wall_now();
  int64_t id = 0;
  auto installed =
      index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) -> base::Result<void> {
        const StagedChange change{
            0, room.id(), false, {staged.head, file->modified_ns}, file->inode};
        TICKLAKE_ASSIGN(id, writer.stage(change));
        return {};
      });
  if (installed) {
    const std::lock_guard lock(room.lock_of(staged.head.key));
    auto head = install_locked(room, staged, id, condition);
    if (head && staged.is_link) {
      // Of two names of one file rename(2) leaves both: where it was copied onto itself.
      static_cast<void>(files_.remove(staged.path));
    }
    if (head) return head;
    installed = tl::unexpected(std::move(head).error());
  }
  static_cast<void>(files_.remove(staged.path));  // swept by the next start if it stays
  return tl::unexpected(std::move(installed).error());
}

base::Result<ObjectHead> BucketStore::Impl::install_locked(BucketRoom& room, StagedObject& staged,
                                                           int64_t id,
                                                           const WriteCondition& condition) {
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  const std::string& key = staged.head.key;
  TICKLAKE_ASSIGN(const std::optional<Found> found, find(room, *reader, key));
  base::Result<void> allowed = check_condition(found, key, condition);
  if (allowed && staged.check) allowed = staged.check(*reader);
  if (!allowed) {
    TICKLAKE_TRY(index_->change(BucketIndex::Durability::kLater,
                                [&](IndexWriter& writer) { return writer.drop(id); }));
    return tl::unexpected(std::move(allowed).error());
  }
  staged.head.place = found ? found->head.place : BucketRoom::place_of(key);
  TICKLAKE_TRY(room.install(staged.path, key, staged.head.place));
  TICKLAKE_TRY(index_->change(BucketIndex::Durability::kLater, [&](IndexWriter& writer) {
    auto settled = writer.settle(id, staged.head.place);
    return settled && staged.also ? staged.also(writer) : settled;
  }));
  return std::move(staged.head);
}

base::Result<OpenObject> BucketStore::Impl::open_object(std::string_view bucket,
                                                        std::string_view key, Patience patience) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(const auto lock, lock_to_read(*entered.room, key, patience));
  TICKLAKE_ASSIGN(Found found, get(*entered.room, *reader, key));
  auto opened = files_.open(found.path, base::OpenMode::kRead);
  if (!opened && opened.error().code == base::ErrorCode::kNotFound) return no_object(key);
  if (!opened) return tl::unexpected(std::move(opened).error());
  return OpenObject{std::move(found.head), std::move(*opened)};
}

base::Result<ObjectHead> BucketStore::Impl::head(std::string_view bucket, std::string_view key,
                                                 Patience patience) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(const auto lock, lock_to_read(*entered.room, key, patience));
  TICKLAKE_ASSIGN(Found found, get(*entered.room, *reader, key));
  return std::move(found.head);
}

base::Result<base::Path> BucketStore::Impl::local_path(std::string_view bucket,
                                                       std::string_view key) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  const std::shared_lock lock(entered.room->lock_of(key));
  TICKLAKE_ASSIGN(Found found, get(*entered.room, *reader, key));
  return std::move(found.path);
}

base::Path BucketStore::Impl::local_path(const Bucket& bucket, const ObjectEntry& entry) const {
  if (entry.place == ObjectPlace::kPlain) return bucket.folder / base::Path(entry.key);
  return work_folder(bucket.is_lake) / "encoded" / bucket.name / encoded_path(entry.key);
}

base::Result<Listing> BucketStore::Impl::list(std::string_view bucket, const ListRequest& request) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  IndexedEntries indexed(*reader, entered.room->id());
  if (!entered.room->bucket().is_lake) return list_entries(indexed, request);
  FolderEntries files(files_, entered.room->bucket().folder, kControlFolder);
  MergedEntries both(indexed, files);
  return list_entries(both, request);
}

/// The removals are known to the index before the files go. The keys must be locked.
base::Result<void> BucketStore::Impl::remove_found(BucketRoom& room,
                                                   const std::vector<Found>& found) {
  std::vector<int64_t> ids;
  TICKLAKE_TRY(
      index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) -> base::Result<void> {
        for (const Found& one : found) {
          TICKLAKE_ASSIGN(const int64_t id, writer.stage({0, room.id(), true, {one.head, 0}, 0}));
          ids.push_back(id);
        }
        return {};
      }));
  std::set<base::Path> folders;
  for (const Found& one : found) {
    TICKLAKE_TRY(room.unlink(one.path));
    folders.insert(one.path.parent_path());
  }
  for (const base::Path& folder : folders) {
    auto synced = files_.sync_folder(folder);
    // Gone already, as an empty one.
    if (!synced && synced.error().code != base::ErrorCode::kNotFound) return synced;
    room.remove_empty_folders(folder);
  }
  return index_->change(BucketIndex::Durability::kLater,
                        [&](IndexWriter& writer) -> base::Result<void> {
                          for (size_t i = 0; i < ids.size(); ++i)
                            TICKLAKE_TRY(writer.settle(ids[i], found[i].head.place));
                          return {};
                        });
}

base::Result<void> BucketStore::Impl::remove(std::string_view bucket, std::string_view key,
                                             const WriteCondition& condition) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_TRY(check_key(*entered.room, key));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  const std::lock_guard lock(entered.room->lock_of(key));
  TICKLAKE_ASSIGN(std::optional<Found> found, find(*entered.room, *reader, key));
  TICKLAKE_TRY(check_condition(found, key, condition));
  if (!found) {
    TICKLAKE_ASSIGN(found, find_without_file(*entered.room, *reader, key));
  }
  if (!found) return {};
  std::vector<Found> all;
  all.push_back(std::move(*found));
  return remove_found(*entered.room, all);
}

std::vector<base::Result<void>> BucketStore::Impl::remove_all(
    std::string_view bucket, const std::vector<std::string>& keys) {
  std::vector<base::Result<void>> outcomes(keys.size());
  const auto fail_all = [&](const base::Error& error) {
    for (auto& outcome : outcomes)
      if (outcome) outcome = tl::unexpected(error);
    return outcomes;
  };
  const auto entered = enter(bucket);
  if (!entered) return fail_all(entered.error());
  BucketRoom& room = *entered->room;
  auto reader = index_->reader();
  if (!reader) return fail_all(reader.error());
  std::bitset<BucketRoom::kLocks> needed;
  for (const std::string& key : keys)
    needed.set(room.lock_number(key));
  // Always in one order, so that two of these do not wait for each other.
  std::vector<std::unique_lock<std::shared_mutex>> locks;
  for (size_t i = 0; i < BucketRoom::kLocks; ++i) {
    if (needed[i]) locks.emplace_back(room.lock_at(i));
  }
  std::vector<Found> all;
  std::set<std::string_view> seen;
  for (size_t i = 0; i < keys.size(); ++i) {
    outcomes[i] = check_key(room, keys[i]);
    if (!outcomes[i] || !seen.insert(keys[i]).second) continue;
    auto found = find(room, **reader, keys[i]);
    if (found && !*found) found = find_without_file(room, **reader, keys[i]);
    if (!found) {
      outcomes[i] = tl::unexpected(std::move(found).error());
    } else if (*found) {
      all.push_back(std::move(**found));
    }
  }
  if (all.empty()) return outcomes;
  const auto removed = remove_found(room, all);
  return removed ? outcomes : fail_all(removed.error());
}

}  // namespace ticklake::lake
