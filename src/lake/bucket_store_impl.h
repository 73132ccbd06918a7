#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>

#include "lake/bucket_index.h"
#include "lake/bucket_room.h"
#include "lake/bucket_store.h"
#include "lake/object_writer.h"

namespace ticklake::lake {

/// BucketStore's insides, in three files: bucket_store.cc (buckets, and what a start does),
/// bucket_objects.cc, bucket_uploads.cc.
class BucketStore::Impl {
 public:
  Impl(BucketStoreOptions options, base::FileSystem& files, const base::Clock& clock,
       base::SecretRandom random, base::Logger& logger);

  base::Result<void> open();
  base::Result<void> create_bucket(std::string_view name);
  base::Result<void> delete_bucket(std::string_view name);
  std::shared_ptr<BucketRoom> find_room(std::string_view name) const;
  std::vector<Bucket> buckets() const;

  base::Result<void> check_write(std::string_view bucket, std::string_view key) const;
  base::Result<std::unique_ptr<ObjectWriter>> write(std::string_view bucket);
  base::Result<ObjectHead> put(std::string_view bucket, std::string_view key,
                               std::unique_ptr<ObjectWriter> written, ObjectMetadata metadata,
                               std::optional<ObjectChecksum> checksum,
                               const WriteCondition& condition);
  base::Result<base::Path> stage(std::string_view bucket);
  base::Result<ObjectHead> put_file(std::string_view bucket, std::string_view key,
                                    const base::Path& staged, ObjectMetadata metadata,
                                    const WriteCondition& condition);
  base::Result<std::optional<ObjectHead>> copy(std::string_view source_bucket,
                                               std::string_view source_key,
                                               std::string_view source_etag,
                                               std::string_view bucket, std::string_view key,
                                               ObjectMetadata metadata,
                                               const WriteCondition& condition);
  base::Result<OpenObject> open_object(std::string_view bucket, std::string_view key,
                                       Patience patience);
  base::Result<ObjectHead> head(std::string_view bucket, std::string_view key, Patience patience);
  base::Result<Listing> list(std::string_view bucket, const ListRequest& request);
  base::Result<base::Path> local_path(std::string_view bucket, std::string_view key);
  base::Path local_path(const Bucket& bucket, const ObjectEntry& entry) const;
  base::Result<void> remove(std::string_view bucket, std::string_view key,
                            const WriteCondition& condition);
  std::vector<base::Result<void>> remove_all(std::string_view bucket,
                                             const std::vector<std::string>& keys);

  base::Result<MultipartUpload> begin_upload(std::string_view bucket, MultipartUpload upload);
  base::Result<MultipartUpload> find_upload(std::string_view bucket, std::string_view key,
                                            std::string_view id);
  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket);
  base::Result<UploadedPart> put_part(std::string_view bucket, std::string_view key,
                                      std::string_view id, int number,
                                      std::unique_ptr<ObjectWriter> written,
                                      std::optional<ObjectChecksum> checksum);
  base::Result<std::vector<UploadedPart>> parts(std::string_view bucket, std::string_view key,
                                                std::string_view id);
  base::Result<ObjectHead> complete_upload(std::string_view bucket, std::string_view key,
                                           std::string_view id,
                                           const std::vector<ChosenPart>& chosen,
                                           const WriteCondition& condition,
                                           std::string_view expected);
  base::Result<void> abort_upload(std::string_view bucket, std::string_view key,
                                  std::string_view id);

 private:
  /// A bucket that stays while this lives.
  struct Entered {
    std::shared_ptr<BucketRoom> room;
    std::shared_lock<std::shared_mutex> stay;
  };
  struct Found {
    ObjectHead head;
    base::Path path;
  };
  /// Bytes that wait in the staging folder, on disk, to become an object.
  struct StagedObject {
    base::Path path;
    ObjectHead head = {};  ///< all but place and time
    bool is_link = false;  ///< its file has another name
    /// What else is to be found true of the key under its lock, and to be written with it.
    std::function<base::Result<void>(IndexReader&)> check = {};
    BucketIndex::Change also = {};
  };

  // Of a start.
  base::Result<void> load_buckets();
  base::Result<void> add_room(BucketId id, Bucket bucket);
  base::Result<void> adopt_folders();
  base::Result<void> adopt(const std::string& name);
  base::Result<void> recover();
  base::Result<void> recover(const StagedChange& change);
  base::Result<void> sweep();
  base::Result<void> sweep(const base::Path& staging, const std::vector<std::string>& kept);
  base::Path work_folder(bool is_lake) const;

  base::Result<Entered> enter(std::string_view bucket) const;
  static base::Result<void> check_key(const BucketRoom& room, std::string_view key);
  base::Result<std::optional<Found>> find(BucketRoom& room, IndexReader& reader,
                                          std::string_view key);
  static base::Result<std::optional<Found>> find_without_file(const BucketRoom& room,
                                                              IndexReader& reader,
                                                              std::string_view key);
  base::Result<Found> get(BucketRoom& room, IndexReader& reader, std::string_view key);
  base::Result<base::Path> new_staged_path(BucketRoom& room);
  base::Result<StagedObject> finish(ObjectWriter& written, std::string_view key);
  base::Result<ObjectHead> install(BucketRoom& room, StagedObject staged,
                                   const WriteCondition& condition);
  base::Result<ObjectHead> install_locked(BucketRoom& room, StagedObject& staged, int64_t id,
                                          const WriteCondition& condition);
  static base::Result<void> check_condition(const std::optional<Found>& found, std::string_view key,
                                            const WriteCondition& condition);
  base::Result<void> remove_found(BucketRoom& room, const std::vector<Found>& found);

  base::Result<MultipartUpload> get_upload(const BucketRoom& room, IndexReader& reader,
                                           std::string_view key, std::string_view id);
  base::Result<std::vector<IndexedPart>> choose_parts(IndexReader& reader, std::string_view id,
                                                      const std::vector<ChosenPart>& chosen);
  base::Result<StagedObject> join_parts(BucketRoom& room, const MultipartUpload& upload,
                                        const std::vector<IndexedPart>& parts);
  void remove_staged(BucketRoom& room, const std::vector<IndexedPart>& parts);
  std::string random_name() const;

  const BucketStoreOptions options_;
  base::FileSystem& files_;
  const base::Clock& clock_;
  const base::SecretRandom random_;
  base::Logger& logger_;
  std::unique_ptr<BucketIndex> index_;
  mutable std::shared_mutex rooms_mutex_;
  std::map<std::string, std::shared_ptr<BucketRoom>, std::less<>> rooms_;
};

}  // namespace ticklake::lake
