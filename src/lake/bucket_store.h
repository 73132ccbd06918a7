#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/secret_random.h"
#include "lake/bucket_object.h"

namespace ticklake::lake {

class ObjectWriter;

/// The name under which the lake is a bucket.
inline constexpr std::string_view kLakeBucket = "lake";

struct BucketStoreOptions {
  base::Path folder;            ///< `<data>/buckets`; made if it is not there
  base::Path lake_folder = {};  ///< the lake; empty: there is no bucket of it
};

/// Buckets with objects, as S3 has them, in folders of this machine: `<folder>/<bucket>/<key>`
/// wherever a file system can hold that; other keys stand encoded in a folder of our own, and
/// what is known of an object besides its bytes in SQLite beside it (docs/formats/buckets.md).
///
/// A write is atomic, and on disk when it returns: whoever reads sees all of one object or of
/// another. Writes of one key come one after the other, so that of several with a condition only
/// one finds it true. After a crash each object is whole, and what was left half written is swept
/// at the next start. One process has a folder at a time. Safe from any thread; every call may
/// block on the disk.
///
/// The bucket `lake` is the lake itself: what a sink writes is read as objects, and only as such;
/// what is in `_ticklake` is not there.
///
/// Errors: kNotFound (the bucket, the object, the upload), kAlreadyExists (a bucket to be made; an
/// object under if_absent), kFenced (if_match or if_not_match does not hold; a part is not the one
/// that was meant), kUnsupported (to change a table of a sink), kInvalidArgument (a name or key
/// that cannot be), kNoSpace, kIo.
class BucketStore {
 public:
  /// What is passed by reference must outlive the store.
  static base::Result<std::unique_ptr<BucketStore>> open(BucketStoreOptions options,
                                                         base::FileSystem& files,
                                                         const base::Clock& clock,
                                                         base::SecretRandom random,
                                                         base::Logger& logger);
  ~BucketStore();

  // Buckets.

  base::Result<void> create_bucket(std::string_view name);
  /// kUnsupported while it holds objects, and for the lake. Uploads that were not completed go with
  /// it.
  base::Result<void> delete_bucket(std::string_view name);
  /// None if there is no such bucket; touches no disk.
  std::optional<Bucket> find_bucket(std::string_view name) const;
  /// By name.
  std::vector<Bucket> buckets() const;

  // Objects.

  /// Whether there could be an object `key` in that bucket, so that nobody sends its bytes in vain.
  base::Result<void> check_write(std::string_view bucket, std::string_view key) const;
  /// Begins an object, or a part; its bytes follow. Nothing is seen of it before put().
  base::Result<std::unique_ptr<ObjectWriter>> write(std::string_view bucket);
  /// What was written becomes the object `key`, with the MD5 as its ETag.
  base::Result<ObjectHead> put(std::string_view bucket, std::string_view key,
                               std::unique_ptr<ObjectWriter> written, ObjectMetadata metadata = {},
                               std::optional<ObjectChecksum> checksum = {},
                               const WriteCondition& condition = {});
  base::Result<ObjectHead> put_text(std::string_view bucket, std::string_view key,
                                    std::string_view content, ObjectMetadata metadata = {},
                                    const WriteCondition& condition = {});
  /// A new path on this machine at which DuckDB may write a file for put_file().
  base::Result<base::Path> stage(std::string_view bucket);
  /// Makes a file at a path of stage() the object `key`; the file is consumed.
  base::Result<ObjectHead> put_file(std::string_view bucket, std::string_view key,
                                    const base::Path& staged, ObjectMetadata metadata = {},
                                    const WriteCondition& condition = {});

  /// For those who may not wait: kTimeout where a write of a key is just being put in place.
  enum class Patience : uint8_t { kWaits, kNone };
  /// Makes `key` another name of the bytes of `source`, which costs nothing whatever their size; as
  /// objects never change, both are as copies are. All but the metadata is as with the source. None
  /// where that cannot be (another file system, too many names): then its bytes are to be copied.
  /// kFenced if it is no longer the object with the ETag `source_etag`.
  base::Result<std::optional<ObjectHead>> copy(std::string_view source_bucket,
                                               std::string_view source_key,
                                               std::string_view source_etag,
                                               std::string_view bucket, std::string_view key,
                                               ObjectMetadata metadata,
                                               const WriteCondition& condition = {});

  base::Result<OpenObject> open_object(std::string_view bucket, std::string_view key,
                                       Patience patience = Patience::kWaits);
  base::Result<ObjectHead> head(std::string_view bucket, std::string_view key,
                                Patience patience = Patience::kWaits);
  /// kInvalidData if it is larger than `bytes_max`.
  base::Result<std::string> get_text(std::string_view bucket, std::string_view key,
                                     uint64_t bytes_max);
  /// In the order of their bytes.
  base::Result<Listing> list(std::string_view bucket, const ListRequest& request);
  /// Where the object's file is, to be read only.
  base::Result<base::Path> local_path(std::string_view bucket, std::string_view key);
  /// The same of an entry of list(), without looking at the disk.
  base::Path local_path(const Bucket& bucket, const ObjectEntry& entry) const;

  /// No error if there is no such object.
  base::Result<void> remove(std::string_view bucket, std::string_view key,
                            const WriteCondition& condition = {});
  /// The same of many, with fewer waits for the disk; an outcome a key.
  std::vector<base::Result<void>> remove_all(std::string_view bucket,
                                             const std::vector<std::string>& keys);

  // Uploads in parts.

  base::Result<MultipartUpload> begin_upload(std::string_view bucket, MultipartUpload upload);
  base::Result<MultipartUpload> find_upload(std::string_view bucket, std::string_view key,
                                            std::string_view id);
  /// By key, then by time.
  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket);
  /// Replaces a part of that number.
  base::Result<UploadedPart> put_part(std::string_view bucket, std::string_view key,
                                      std::string_view id, int number,
                                      std::unique_ptr<ObjectWriter> written,
                                      std::optional<ObjectChecksum> checksum = {});
  /// By number.
  base::Result<std::vector<UploadedPart>> parts(std::string_view bucket, std::string_view key,
                                                std::string_view id);
  /// Makes the object of `chosen`, which are in order; kFenced if a part is not there with that
  /// ETag. `expected`: in base64, what the checksum of the whole must be, else kInvalidData.
  base::Result<ObjectHead> complete_upload(std::string_view bucket, std::string_view key,
                                           std::string_view id,
                                           const std::vector<ChosenPart>& chosen,
                                           const WriteCondition& condition = {},
                                           std::string_view expected = {});
  base::Result<void> abort_upload(std::string_view bucket, std::string_view key,
                                  std::string_view id);

 private:
  class Impl;
  explicit BucketStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticklake::lake
