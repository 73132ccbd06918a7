#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sqlite.h"
#include "lake/bucket_object.h"
#include "lake/entry_source.h"
#include "lake/shared_work.h"

namespace ticklake::lake {

using BucketId = int64_t;

/// A file as the system tells it apart from others.
struct FileIdentity {
  uint64_t bytes = 0;
  int64_t modified_ns = 0;
  uint64_t inode = 0;  ///< does not outlive a copy of the data folder
};

/// What the index knows of an object.
struct IndexedObject {
  ObjectHead head;
  int64_t file_modified_ns = 0;
};

/// A write or removal whose file was, or was not, put in place before a crash.
struct StagedChange {
  int64_t id = 0;
  BucketId bucket = 0;
  bool is_removal = false;
  IndexedObject object;  ///< of a removal only its key and place
  uint64_t inode = 0;
};

struct IndexedBucket {
  BucketId id = 0;
  std::string name;
  base::WallTime created{};
};

struct IndexedUpload {
  BucketId bucket = 0;
  MultipartUpload upload;
};

struct IndexedPart {
  UploadedPart part;
  std::string file;  ///< its name in the staging folder
};

/// Reads of one connection; one thread at a time.
class IndexReader {
 public:
  static base::Result<std::unique_ptr<IndexReader>> open(base::FileSystem& files,
                                                         const base::Path& path);

  base::Result<std::vector<IndexedBucket>> buckets();
  base::Result<bool> has_objects(BucketId bucket);
  base::Result<std::optional<IndexedObject>> find(BucketId bucket, std::string_view key);
  base::Result<std::vector<StagedChange>> staged();
  base::Result<std::optional<IndexedUpload>> find_upload(std::string_view id);
  base::Result<std::vector<MultipartUpload>> uploads(BucketId bucket);
  base::Result<std::vector<IndexedPart>> parts(std::string_view upload);
  /// Names of all parts' files.
  base::Result<std::vector<std::string>> part_files();

 private:
  friend class IndexedEntries;
  explicit IndexReader(base::SqliteDatabase database) : database_(std::move(database)) {}
  base::Result<void> prepare();

  base::SqliteDatabase database_;
  std::optional<base::SqliteStatement> find_, scan_, find_upload_, parts_;
};

/// The objects of a bucket by key, as the index has them. Holds the reader's only scan.
class IndexedEntries final : public EntrySource {
 public:
  IndexedEntries(IndexReader& reader, BucketId bucket) : reader_(reader), bucket_(bucket) {}
  ~IndexedEntries() override;
  base::Result<void> seek(std::string_view from) override;
  base::Result<std::optional<ObjectEntry>> next() override;

 private:
  IndexReader& reader_;
  const BucketId bucket_;
};

/// Writes, within one transaction.
class IndexWriter {
 public:
  static base::Result<std::unique_ptr<IndexWriter>> open(base::FileSystem& files,
                                                         const base::Path& path);

  base::Result<BucketId> add_bucket(std::string_view name, base::WallTime created);
  base::Result<void> remove_bucket(BucketId bucket);
  /// Gives the id of the change.
  base::Result<int64_t> stage(const StagedChange& change);
  /// The change has happened; `place`: where.
  base::Result<void> settle(int64_t id, ObjectPlace place);
  /// It has not.
  base::Result<void> drop(int64_t id);
  base::Result<void> put(BucketId bucket, const IndexedObject& object);
  base::Result<void> add_upload(BucketId bucket, const MultipartUpload& upload);
  /// Its parts too.
  base::Result<void> remove_upload(std::string_view id);
  struct PartOutcome {
    bool has_upload = false;  ///< else it is not there any more
    std::string replaced_file = {};
  };
  base::Result<PartOutcome> put_part(std::string_view upload, const IndexedPart& part);

  base::SqliteDatabase& database() { return database_; }

 private:
  explicit IndexWriter(base::SqliteDatabase database) : database_(std::move(database)) {}
  base::Result<void> prepare();

  base::SqliteDatabase database_;
  std::optional<base::SqliteStatement> stage_, settle_, settle_removal_, drop_, put_, put_part_,
      find_part_;
};

/// What is known of the objects of all buckets, in an SQLite file. Safe from any thread.
class BucketIndex {
 public:
  enum class Durability : uint8_t {
    kNow,    ///< on disk when it returns
    kLater,  ///< with the next one; survives the end of the process
  };
  using Change = std::function<base::Result<void>(IndexWriter&)>;

  static base::Result<std::unique_ptr<BucketIndex>> open(base::FileSystem& files, base::Path path);

  /// Changes that come at the same time share one transaction and one wait for the disk. One that
  /// fails takes the others with it, since what fails is the disk.
  base::Result<void> change(Durability durability, const Change& change);

  /// A connection for reading, given back at the end of scope.
  class Lease {
   public:
    Lease(BucketIndex& index, std::unique_ptr<IndexReader> reader)
        : index_(&index), reader_(std::move(reader)) {}
    Lease(Lease&&) = default;
    ~Lease();
    IndexReader* operator->() { return reader_.get(); }
    IndexReader& operator*() { return *reader_; }

   private:
    BucketIndex* index_;
    std::unique_ptr<IndexReader> reader_;
  };
  base::Result<Lease> reader();

 private:
  struct Asked {
    const Change* change;
    Durability durability;
  };

  BucketIndex(base::FileSystem& files, base::Path path, std::unique_ptr<IndexWriter> writer)
      : files_(files), path_(std::move(path)), writer_(std::move(writer)) {}
  base::Result<void> commit(const std::vector<Asked>& changes);

  base::FileSystem& files_;
  const base::Path path_;
  std::unique_ptr<IndexWriter> writer_;  ///< of whoever commits
  bool commits_wait_ = true;             ///< likewise
  SharedWork<Asked> commits_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<IndexReader>> readers_;
};

}  // namespace ticklake::lake
