#include "lake/bucket_store_impl.h"

namespace ticklake::lake {

base::Result<std::unique_ptr<BucketStore>> BucketStore::open(BucketStoreOptions options,
                                                             base::FileSystem& files,
                                                             const base::Clock& clock,
                                                             base::SecretRandom random,
                                                             base::Logger& logger) {
  options.folder = std::filesystem::absolute(options.folder).lexically_normal();
  if (!options.lake_folder.empty())
    options.lake_folder = std::filesystem::absolute(options.lake_folder).lexically_normal();
  auto impl = std::make_unique<Impl>(std::move(options), files, clock, std::move(random), logger);
  if (auto opened = impl->open(); !opened)
    return tl::unexpected(std::move(opened).error().within("open the buckets"));
  return std::unique_ptr<BucketStore>(new BucketStore(std::move(impl)));
}

BucketStore::BucketStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BucketStore::~BucketStore() = default;

base::Result<void> BucketStore::create_bucket(std::string_view name) {
  return impl_->create_bucket(name);
}

base::Result<void> BucketStore::delete_bucket(std::string_view name) {
  return impl_->delete_bucket(name);
}

std::optional<Bucket> BucketStore::find_bucket(std::string_view name) const {
  const auto room = impl_->find_room(name);
  if (!room) return std::nullopt;
  return room->bucket();
}

std::vector<Bucket> BucketStore::buckets() const { return impl_->buckets(); }

base::Result<void> BucketStore::check_write(std::string_view bucket, std::string_view key) const {
  return impl_->check_write(bucket, key);
}

base::Result<std::unique_ptr<ObjectWriter>> BucketStore::write(std::string_view bucket) {
  return impl_->write(bucket);
}

base::Result<ObjectHead> BucketStore::put(std::string_view bucket, std::string_view key,
                                          std::unique_ptr<ObjectWriter> written,
                                          ObjectMetadata metadata,
                                          std::optional<ObjectChecksum> checksum,
                                          const WriteCondition& condition) {
  return impl_->put(bucket, key, std::move(written), std::move(metadata), std::move(checksum),
                    condition);
}

base::Result<ObjectHead> BucketStore::put_text(std::string_view bucket, std::string_view key,
                                               std::string_view content, ObjectMetadata metadata,
                                               const WriteCondition& condition) {
  TICKLAKE_ASSIGN(auto written, impl_->write(bucket));
  TICKLAKE_TRY(written->append(base::as_bytes(content)));
  return impl_->put(bucket, key, std::move(written), std::move(metadata), {}, condition);
}

base::Result<base::Path> BucketStore::stage(std::string_view bucket) {
  return impl_->stage(bucket);
}

base::Result<ObjectHead> BucketStore::put_file(std::string_view bucket, std::string_view key,
                                               const base::Path& staged, ObjectMetadata metadata,
                                               const WriteCondition& condition) {
  return impl_->put_file(bucket, key, staged, std::move(metadata), condition);
}

base::Result<std::optional<ObjectHead>> BucketStore::copy(
    std::string_view source_bucket, std::string_view source_key, std::string_view source_etag,
    std::string_view bucket, std::string_view key, ObjectMetadata metadata,
    const WriteCondition& condition) {
  return impl_->copy(source_bucket, source_key, source_etag, bucket, key, std::move(metadata),
                     condition);
}

base::Result<OpenObject> BucketStore::open_object(std::string_view bucket, std::string_view key,
                                                  Patience patience) {
  return impl_->open_object(bucket, key, patience);
}

base::Result<ObjectHead> BucketStore::head(std::string_view bucket, std::string_view key,
                                           Patience patience) {
  return impl_->head(bucket, key, patience);
}

base::Result<std::string> BucketStore::get_text(std::string_view bucket, std::string_view key,
                                                uint64_t bytes_max) {
  TICKLAKE_ASSIGN(const OpenObject object, impl_->open_object(bucket, key, Patience::kWaits));
  if (object.head.bytes > bytes_max) {
    return base::fail(base::ErrorCode::kInvalidData,
                      "the object " + object.head.key + " is too large",
                      std::to_string(object.head.bytes) + " bytes, at most " +
                          std::to_string(bytes_max) + " expected");
  }
  std::string text(object.head.bytes, '\0');
  TICKLAKE_ASSIGN(const size_t got,
                  object.file->read_at(0, std::as_writable_bytes(std::span(text))));
  text.resize(got);
  return text;
}

base::Result<Listing> BucketStore::list(std::string_view bucket, const ListRequest& request) {
  return impl_->list(bucket, request);
}

base::Result<base::Path> BucketStore::local_path(std::string_view bucket, std::string_view key) {
  return impl_->local_path(bucket, key);
}

base::Path BucketStore::local_path(const Bucket& bucket, const ObjectEntry& entry) const {
  return impl_->local_path(bucket, entry);
}

base::Result<void> BucketStore::remove(std::string_view bucket, std::string_view key,
                                       const WriteCondition& condition) {
  return impl_->remove(bucket, key, condition);
}

std::vector<base::Result<void>> BucketStore::remove_all(std::string_view bucket,
                                                        const std::vector<std::string>& keys) {
  return impl_->remove_all(bucket, keys);
}

base::Result<MultipartUpload> BucketStore::begin_upload(std::string_view bucket,
                                                        MultipartUpload upload) {
  return impl_->begin_upload(bucket, std::move(upload));
}

base::Result<MultipartUpload> BucketStore::find_upload(std::string_view bucket,
                                                       std::string_view key, std::string_view id) {
  return impl_->find_upload(bucket, key, id);
}

base::Result<std::vector<MultipartUpload>> BucketStore::uploads(std::string_view bucket) {
  return impl_->uploads(bucket);
}

base::Result<UploadedPart> BucketStore::put_part(std::string_view bucket, std::string_view key,
                                                 std::string_view id, int number,
                                                 std::unique_ptr<ObjectWriter> written,
                                                 std::optional<ObjectChecksum> checksum) {
  return impl_->put_part(bucket, key, id, number, std::move(written), std::move(checksum));
}

base::Result<std::vector<UploadedPart>> BucketStore::parts(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) {
  return impl_->parts(bucket, key, id);
}

base::Result<ObjectHead> BucketStore::complete_upload(std::string_view bucket, std::string_view key,
                                                      std::string_view id,
                                                      const std::vector<ChosenPart>& chosen,
                                                      const WriteCondition& condition,
                                                      std::string_view expected) {
  return impl_->complete_upload(bucket, key, id, chosen, condition, expected);
}

base::Result<void> BucketStore::abort_upload(std::string_view bucket, std::string_view key,
                                             std::string_view id) {
  return impl_->abort_upload(bucket, key, id);
}

}  // namespace ticklake::lake
