#include <algorithm>

#include "aws/hash.h"
#include "base/base64.h"
#include "lake/bucket_store_impl.h"
#include "lake/folder_entries.h"

namespace ticklake::lake {
namespace {

tl::unexpected<base::Error> no_upload(std::string_view id) {
  return base::fail(base::ErrorCode::kNotFound, "there is no upload " + std::string(id),
                    "it was completed or aborted, or never begun");
}

base::Bytes from_hex(std::string_view hex) {
  base::Bytes bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return bytes;
}

/// The MD5 of the parts' MD5s, and their number.
std::string etag_of(const std::vector<IndexedPart>& parts) {
  aws::Checksum md5(aws::ChecksumAlgorithm::kMd5);
  for (const IndexedPart& part : parts)
    md5.update(from_hex(part.part.etag));
  return aws::to_hex(md5.finish()) + "-" + std::to_string(parts.size());
}

bool have_checksums(const std::vector<IndexedPart>& parts, aws::ChecksumAlgorithm algorithm) {
  return std::ranges::all_of(parts, [&](const IndexedPart& part) {
    return part.part.checksum && part.part.checksum->algorithm == algorithm;
  });
}

std::optional<ObjectChecksum> composite_of(const std::vector<IndexedPart>& parts,
                                           aws::ChecksumAlgorithm algorithm) {
  if (!have_checksums(parts, algorithm)) return std::nullopt;
  aws::Checksum whole(algorithm);
  for (const IndexedPart& part : parts) {
    const auto bytes = base::from_base64(part.part.checksum->base64);
    if (bytes) whole.update(*bytes);
  }
  return ObjectChecksum{algorithm, base::to_base64(whole.finish()), true};
}

}  // namespace

base::Result<MultipartUpload> BucketStore::Impl::begin_upload(std::string_view bucket,
                                                              MultipartUpload upload) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_TRY(check_key(*entered.room, upload.key));
  upload.id = random_name();
  upload.initiated = clock_.wall_now();
  TICKLAKE_TRY(index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) {
    return writer.add_upload(entered.room->id(), upload);
  }));
  return upload;
}

base::Result<MultipartUpload> BucketStore::Impl::get_upload(const BucketRoom& room,
                                                            IndexReader& reader,
                                                            std::string_view key,
                                                            std::string_view id) {
  TICKLAKE_ASSIGN(std::optional<IndexedUpload> found, reader.find_upload(id));
  if (!found || found->bucket != room.id() || found->upload.key != key) return no_upload(id);
  return std::move(found->upload);
}

base::Result<MultipartUpload> BucketStore::Impl::find_upload(std::string_view bucket,
                                                             std::string_view key,
                                                             std::string_view id) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  return get_upload(*entered.room, *reader, key, id);
}

base::Result<std::vector<MultipartUpload>> BucketStore::Impl::uploads(std::string_view bucket) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  return reader->uploads(entered.room->id());
}

base::Result<UploadedPart> BucketStore::Impl::put_part(std::string_view bucket,
                                                       std::string_view key, std::string_view id,
                                                       int number,
                                                       std::unique_ptr<ObjectWriter> written,
                                                       std::optional<ObjectChecksum> checksum) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  BucketRoom& room = *entered.room;
  {
    TICKLAKE_ASSIGN(auto reader, index_->reader());
    TICKLAKE_TRY(get_upload(room, *reader, key, id));
  }
  TICKLAKE_TRY(written->file_->sync_data());
  TICKLAKE_TRY(files_.sync_folder(room.staging()));
  const UploadedPart part{number, written->bytes_, aws::to_hex(written->md5_.finish()),
                          clock_.wall_now(), std::move(checksum)};
  IndexWriter::PartOutcome outcome;
  TICKLAKE_TRY(
      index_->change(BucketIndex::Durability::kNow, [&](IndexWriter& writer) -> base::Result<void> {
        TICKLAKE_ASSIGN(outcome, writer.put_part(id, {part, written->path_.filename()}));
        return {};
      }));
  if (!outcome.has_upload) return no_upload(id);
  written->path_.clear();
  if (!outcome.replaced_file.empty())
    static_cast<void>(files_.remove(room.staging() / outcome.replaced_file));
  return part;
}

base::Result<std::vector<UploadedPart>> BucketStore::Impl::parts(std::string_view bucket,
                                                                 std::string_view key,
                                                                 std::string_view id) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  TICKLAKE_TRY(get_upload(*entered.room, *reader, key, id));
  TICKLAKE_ASSIGN(std::vector<IndexedPart> indexed, reader->parts(id));
  std::vector<UploadedPart> parts;
  for (IndexedPart& part : indexed)
    parts.push_back(std::move(part.part));
  return parts;
}

base::Result<std::vector<IndexedPart>> BucketStore::Impl::choose_parts(
    IndexReader& reader, std::string_view id, const std::vector<ChosenPart>& chosen) {
  TICKLAKE_ASSIGN(std::vector<IndexedPart> indexed, reader.parts(id));
  std::vector<IndexedPart> parts;
  for (const ChosenPart& one : chosen) {
    const auto found = std::ranges::find_if(indexed, [&](const IndexedPart& part) {
      return part.part.number == one.number && part.part.etag == one.etag;
    });
    if (found == indexed.end()) {
      return base::fail(base::ErrorCode::kFenced,
                        "part " + std::to_string(one.number) + " is not the one that was meant");
    }
    parts.push_back(*found);
  }
  return parts;
}

base::Result<BucketStore::Impl::StagedObject> BucketStore::Impl::join_parts(
    BucketRoom& room, const MultipartUpload& upload, const std::vector<IndexedPart>& parts) {
  TICKLAKE_ASSIGN(base::Path path, new_staged_path(room));
  StagedObject staged{path};
  const auto algorithm = upload.checksum_algorithm;
  const bool is_whole = algorithm && !upload.is_checksum_composite;
  if (parts.size() == 1) {
    // No copy, and the part stays for another attempt, should this one be the last before a crash.
    TICKLAKE_TRY(files_.link(room.staging() / parts[0].file, path));
    staged.head.bytes = parts[0].part.bytes;
    if (is_whole && have_checksums(parts, *algorithm))
      staged.head.checksum = parts[0].part.checksum;
  } else {
    TICKLAKE_ASSIGN(auto file, files_.open(path, base::OpenMode::kCreateNew));
    ObjectWriter joined(files_, path, std::move(file));
    joined.hashes_ = false;
    std::optional<aws::Checksum> whole;
    if (is_whole) whole.emplace(*algorithm);
    for (const IndexedPart& part : parts) {
      TICKLAKE_ASSIGN(const auto part_file,
                      files_.open(room.staging() / part.file, base::OpenMode::kRead));
      TICKLAKE_TRY(joined.append_from(*part_file, 0, part.part.bytes, [&](base::ByteView bytes) {
        if (whole) whole->update(bytes);
      }));
    }
    TICKLAKE_TRY(joined.file_->sync_data());
    staged.head.bytes = joined.bytes_;
    joined.path_.clear();
    if (whole)
      staged.head.checksum = ObjectChecksum{*algorithm, base::to_base64(whole->finish()), false};
  }
  if (algorithm && !is_whole) staged.head.checksum = composite_of(parts, *algorithm);
  staged.head.key = upload.key;
  staged.head.etag = etag_of(parts);
  staged.head.metadata = upload.metadata;
  for (const IndexedPart& part : parts)
    staged.head.part_bytes.push_back(part.part.bytes);
  return staged;
}

base::Result<ObjectHead> BucketStore::Impl::complete_upload(std::string_view bucket,
                                                            std::string_view key,
                                                            std::string_view id,
                                                            const std::vector<ChosenPart>& chosen,
                                                            const WriteCondition& condition,
                                                            std::string_view expected) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  BucketRoom& room = *entered.room;
  TICKLAKE_TRY(check_key(room, key));
  std::vector<IndexedPart> all;
  std::vector<IndexedPart> parts;
  MultipartUpload upload;
  {
    TICKLAKE_ASSIGN(auto reader, index_->reader());
    TICKLAKE_ASSIGN(upload, get_upload(room, *reader, key, id));
    TICKLAKE_ASSIGN(parts, choose_parts(*reader, id, chosen));
  }
  TICKLAKE_ASSIGN(StagedObject staged, join_parts(room, upload, parts));
  if (!expected.empty() && staged.head.checksum && staged.head.checksum->base64 != expected) {
    static_cast<void>(files_.remove(staged.path));
    return base::fail(base::ErrorCode::kInvalidData, "the object's checksum is another one");
  }
  // Aborted or completed meanwhile, or a part was sent again: it is as if this had come after.
  staged.check = [&](IndexReader& reader) -> base::Result<void> {
    TICKLAKE_TRY(get_upload(room, reader, key, id));
    TICKLAKE_TRY(choose_parts(reader, id, chosen));
    TICKLAKE_ASSIGN(all, reader.parts(id));
    return {};
  };
  staged.also = [&](IndexWriter& writer) { return writer.remove_upload(id); };
  TICKLAKE_ASSIGN(ObjectHead head, install(room, std::move(staged), condition));
  remove_staged(room, all);
  return head;
}

base::Result<void> BucketStore::Impl::abort_upload(std::string_view bucket, std::string_view key,
                                                   std::string_view id) {
  TICKLAKE_ASSIGN(const Entered entered, enter(bucket));
  BucketRoom& room = *entered.room;
  TICKLAKE_ASSIGN(auto reader, index_->reader());
  const std::lock_guard lock(room.lock_of(key));
  TICKLAKE_TRY(get_upload(room, *reader, key, id));
  TICKLAKE_ASSIGN(const std::vector<IndexedPart> all, reader->parts(id));
  TICKLAKE_TRY(index_->change(BucketIndex::Durability::kNow,
                              [&](IndexWriter& writer) { return writer.remove_upload(id); }));
  remove_staged(room, all);
  return {};
}

void BucketStore::Impl::remove_staged(BucketRoom& room, const std::vector<IndexedPart>& parts) {
  // What stays is swept by the next start.
  for (const IndexedPart& part : parts)
    static_cast<void>(files_.remove(room.staging() / part.file));
}

}  // namespace ticklake::lake
