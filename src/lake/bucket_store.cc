#include "lake/bucket_store.h"

#include <algorithm>
#include <unordered_set>

#include "aws/hash.h"
#include "lake/bucket_store_impl.h"
#include "lake/folder_entries.h"
#include "lake/layout.h"
#include "lake/object_key.h"

namespace ticklake::lake {
namespace {

/// Ours, beside the buckets: no bucket's name begins so.
constexpr std::string_view kWorkFolder = ".ticklake";
/// Ours within the lake's `_ticklake`.
constexpr std::string_view kLakeWorkFolder = ".s3";
constexpr std::string_view kIndexName = "index.sqlite";

tl::unexpected<base::Error> no_bucket(std::string_view name) {
  return base::fail(base::ErrorCode::kNotFound, "there is no bucket " + std::string(name));
}

}  // namespace

BucketStore::Impl::Impl(BucketStoreOptions options, base::FileSystem& files,
                        const base::Clock& clock, base::SecretRandom random, base::Logger& logger)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      random_(std::move(random)),
      logger_(logger) {}

base::Path BucketStore::Impl::work_folder(bool is_lake) const {
  return is_lake ? options_.lake_folder / kControlFolder / kLakeWorkFolder
                 : options_.folder / kWorkFolder;
}

base::Result<void> BucketStore::Impl::open() {
  const base::Path staging = work_folder(false) / "staging";
  TICKLAKE_TRY(files_.make_folders(staging));
  TICKLAKE_TRY(files_.sync_folder(work_folder(false)));
  TICKLAKE_TRY(files_.sync_folder(options_.folder));
  TICKLAKE_ASSIGN(index_, BucketIndex::open(files_, work_folder(false) / kIndexName));
  TICKLAKE_TRY(load_buckets());
  TICKLAKE_TRY(recover());
  TICKLAKE_TRY(sweep());
  return adopt_folders();
}

base::Result<void> BucketStore::Impl::load_buckets() {
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(const std::vector<IndexedBucket> indexed, reader->buckets());
  for (const IndexedBucket& one : indexed)
    TICKLAKE_TRY(add_room(one.id, {one.name, one.created, options_.folder / one.name, false}));
  if (options_.lake_folder.empty() || find_room(kLakeBucket)) return {};
  Bucket lake{std::string(kLakeBucket), clock_.wall_now(), options_.lake_folder, true};
  BucketId id = 0;
  TICKLAKE_TRY(
      index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) -> base::Result<void> {
        TICKLAKE_ASSIGN(id, writer.add_bucket(lake.name, lake.created));
        return {};
      }));
  return add_room(id, std::move(lake));
}

base::Result<void> BucketStore::Impl::add_room(BucketId id, Bucket bucket) {
  bucket.is_lake = !options_.lake_folder.empty() && bucket.name == kLakeBucket;
  if (bucket.is_lake) {
    bucket.folder = options_.lake_folder;
  } else {
    TICKLAKE_TRY(files_.make_folders(bucket.folder));
    TICKLAKE_TRY(files_.sync_folder(options_.folder));
  }
  const std::string name = bucket.name;
  const base::Path work = work_folder(bucket.is_lake);
  auto room = std::make_shared<BucketRoom>(files_, id, std::move(bucket), work);
  const std::lock_guard lock(rooms_mutex_);
  rooms_.insert_or_assign(name, std::move(room));
  return {};
}

base::Result<void> BucketStore::Impl::recover() {
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(const std::vector<StagedChange> changes, reader->staged());
  for (const StagedChange& change : changes)
    TICKLAKE_TRY(recover(change));
  return {};
}

/// Whether a change had come to its end is seen by the file: it is the one that was written, or it
/// is gone.
base::Result<void> BucketStore::Impl::recover(const StagedChange& change) {
  std::shared_ptr<BucketRoom> room;
  for (const auto& [name, one] : rooms_) {
    if (one->id() == change.bucket) room = one;
  }
  const ObjectHead& head = change.object.head;
  std::optional<ObjectPlace> place;
  for (const ObjectPlace candidate : {ObjectPlace::kPlain, ObjectPlace::kEncoded}) {
    if (!room || (candidate == ObjectPlace::kPlain && !plain_path(head.key))) continue;
    TICKLAKE_ASSIGN(const auto file, identify(room->path_of(head.key, candidate)));
    const bool is_written = file && file->inode == change.inode && file->bytes == head.bytes &&
                            file->modified_ns == change.object.file_modified_ns;
    if (change.is_removal ? candidate == head.place && !file : is_written) place = candidate;
  }
  return index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) {
    return place ? writer.settle(change.id, *place) : writer.drop(change.id);
  });
}

base::Result<void> BucketStore::Impl::sweep() {
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(const std::vector<std::string> kept, reader->part_files());
  TICKLAKE_TRY(sweep(work_folder(false) / "staging", kept));
  if (options_.lake_folder.empty()) return {};
  return sweep(work_folder(true) / "staging", kept);
}

base::Result<void> BucketStore::Impl::sweep(const base::Path& staging,
                                            const std::vector<std::string>& kept) {
  TICKLAKE_ASSIGN(const bool is_there, files_.exists(staging));
  if (!is_there) return {};
  const std::unordered_set<std::string> kept_names(kept.begin(), kept.end());
  TICKLAKE_ASSIGN(const std::vector<std::string> names, files_.list(staging));
  size_t swept = 0;
  for (const std::string& name : names) {
    if (kept_names.contains(name)) continue;
    TICKLAKE_TRY(files_.remove_all(staging / name));
    ++swept;
  }
  if (swept > 0) logger_.info("swept {} unfinished objects from {}", swept, staging.string());
  return {};
}

base::Result<void> BucketStore::Impl::adopt_folders() {
  TICKLAKE_ASSIGN(const std::vector<std::string> names, files_.list(options_.folder));
  for (const std::string& name : names) {
    std::error_code gone;
    const bool is_folder = std::filesystem::is_directory(options_.folder / name, gone);
    if (is_folder && is_bucket_name(name) && !find_room(name)) TICKLAKE_TRY(adopt(name));
  }
  return {};
}

/// Makes a bucket of a folder that the index does not know: its user put it there, or the index was
/// lost.
base::Result<void> BucketStore::Impl::adopt(const std::string& name) {
  const Bucket bucket{name, clock_.wall_now(), options_.folder / name, false};
  FolderEntries entries(files_, bucket.folder);
  TICKLAKE_TRY(entries.seek({}));
  BucketId id = 0;
  size_t adopted = 0;
  // In one transaction: half of it would pass for all of it at the next start.
  const auto adopt_all = [&](IndexWriter& writer) -> base::Result<void> {
    TICKLAKE_ASSIGN(id, writer.add_bucket(name, bucket.created));
    while (true) {
      TICKLAKE_ASSIGN(auto entry, entries.next());
      if (!entry) return {};
      const int64_t modified_ns = base::to_unix_ns(entry->modified);
      TICKLAKE_TRY(writer.put(id, {{std::move(*entry), {}}, modified_ns}));
      ++adopted;
    }
  };
  TICKLAKE_TRY(index_->change(BucketIndex::Durability::kNow, adopt_all));
  logger_.info("made the folder {} a bucket with {} objects", bucket.folder.string(), adopted);
  return add_room(id, bucket);
}

base::Result<void> BucketStore::Impl::create_bucket(std::string_view name) {
  if (!is_bucket_name(name)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "a bucket cannot be called " + std::string(name), {},
                      "take 3 to 63 of a-z, 0-9, '-' and '.'");
  }
  const std::lock_guard lock(rooms_mutex_);
  if (rooms_.contains(name)) {
    return base::fail(base::ErrorCode::kAlreadyExists,
                      "there is a bucket " + std::string(name) + " already");
  }
  Bucket bucket{std::string(name), clock_.wall_now(), options_.folder / name, false};
  TICKLAKE_TRY(files_.make_folders(bucket.folder));
  TICKLAKE_TRY(files_.sync_folder(options_.folder));
  BucketId id = 0;
  TICKLAKE_TRY(
      index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) -> base::Result<void> {
        TICKLAKE_ASSIGN(id, writer.add_bucket(name, bucket.created));
        return {};
      }));
  rooms_.emplace(name, std::make_shared<BucketRoom>(files_, id, bucket, work_folder(false)));
  return {};
}

base::Result<void> BucketStore::Impl::delete_bucket(std::string_view name) {
  const std::shared_ptr<BucketRoom> room = find_room(name);
  if (!room) return no_bucket(name);
  if (room->bucket().is_lake) {
    return base::fail(base::ErrorCode::kUnsupported, "the lake cannot be deleted",
                      "it is the bucket " + std::string(kLakeBucket));
  }
  const std::lock_guard stay(room->life);
  if (room->is_deleted) return no_bucket(name);
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_ASSIGN(bool is_full, reader->has_objects(room->id()));
  FolderEntries strangers(files_, room->bucket().folder);
  TICKLAKE_TRY(strangers.seek({}));
  TICKLAKE_ASSIGN(const auto stranger, strangers.next());
  is_full = is_full || stranger;
  if (is_full) {
    return base::fail(base::ErrorCode::kUnsupported,
                      "cannot delete the bucket " + room->bucket().name, "it is not empty",
                      "delete what is in it first");
  }
  TICKLAKE_ASSIGN(const auto abandoned, reader->uploads(room->id()));
  for (const MultipartUpload& upload : abandoned) {
    TICKLAKE_ASSIGN(const auto its_parts, reader->parts(upload.id));
    remove_staged(*room, its_parts);
  }
  TICKLAKE_TRY(index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) {
    return writer.remove_bucket(room->id());
  }));
  room->is_deleted = true;
  // Nobody can make it again before its folder is gone.
  TICKLAKE_TRY(files_.remove_all(room->bucket().folder));
  TICKLAKE_TRY(files_.sync_folder(options_.folder));
  const std::lock_guard lock(rooms_mutex_);
  rooms_.erase(room->bucket().name);
  return {};
}

std::shared_ptr<BucketRoom> BucketStore::Impl::find_room(std::string_view name) const {
  const std::shared_lock lock(rooms_mutex_);
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : found->second;
}

std::vector<Bucket> BucketStore::Impl::buckets() const {
  const std::shared_lock lock(rooms_mutex_);
  std::vector<Bucket> buckets;
  for (const auto& [name, room] : rooms_)
    buckets.push_back(room->bucket());
  return buckets;
}

base::Result<BucketStore::Impl::Entered> BucketStore::Impl::enter(std::string_view bucket) const {
  Entered entered{find_room(bucket), {}};
  if (!entered.room) return no_bucket(bucket);
  entered.stay = std::shared_lock(entered.room->life);
  if (entered.room->is_deleted) return no_bucket(bucket);
  return entered;
}

std::string BucketStore::Impl::random_name() const {
  std::array<std::byte, 16> bytes{};
  random_(bytes);
  return aws::to_hex(bytes);
}

}  // namespace ticklake::lake
