#include "lake/bucket_index.h"
#include "lake/index_columns.h"

namespace ticklake::lake {
namespace {

/// Ends what a statement reads, so that it holds no old state of the file.
class Reset {
 public:
  explicit Reset(base::SqliteStatement& statement) : statement_(statement) {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() { statement_.reset(); }

 private:
  base::SqliteStatement& statement_;
};

base::WallTime time_of(int64_t ns) { return base::WallTime{std::chrono::nanoseconds(ns)}; }

constexpr std::string_view kUploadColumns =
    "id, key, initiated, content_type, fields, algorithm, is_composite, bucket";

IndexedUpload read_upload(const base::SqliteStatement& row) {
  MultipartUpload upload;
  upload.id = row.text(0);
  upload.key = base::as_text(row.blob(1));
  upload.initiated = time_of(row.number(2));
  upload.metadata = {std::string(row.text(3)), parse_fields(row.text(4))};
  upload.checksum_algorithm = aws::find_checksum_algorithm(row.text(5));
  upload.is_checksum_composite = row.number(6) != 0;
  return {row.number(7), std::move(upload)};
}

}  // namespace

base::Result<std::unique_ptr<IndexReader>> IndexReader::open(base::FileSystem& files,
                                                             const base::Path& path) {
  TICKLAKE_ASSIGN(auto database, base::SqliteDatabase::open_logged(files, path));
  std::unique_ptr<IndexReader> reader(new IndexReader(std::move(database)));
  TICKLAKE_TRY(reader->prepare());
  return reader;
}

base::Result<void> IndexReader::prepare() {
  TICKLAKE_TRY(database_.execute("PRAGMA query_only=ON"));
  TICKLAKE_ASSIGN(find_,
                  database_.prepare(
                      "SELECT key, bytes, etag, modified, place, content_type, fields, "
                      "checksum, parts, file_modified FROM objects WHERE bucket = ? AND key = ?"));
  TICKLAKE_ASSIGN(scan_, database_.prepare("SELECT key, bytes, etag, modified, place FROM objects "
                                           "WHERE bucket = ? AND key >= ? ORDER BY key"));
  TICKLAKE_ASSIGN(find_upload_, database_.prepare("SELECT " + std::string(kUploadColumns) +
                                                  " FROM uploads WHERE id = ?"));
  TICKLAKE_ASSIGN(parts_, database_.prepare("SELECT number, bytes, etag, modified, checksum, file "
                                            "FROM parts WHERE upload = ? ORDER BY number"));
  return {};
}

base::Result<std::vector<IndexedBucket>> IndexReader::buckets() {
  TICKLAKE_ASSIGN(auto statement, database_.prepare("SELECT id, name, created FROM buckets"));
  std::vector<IndexedBucket> buckets;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return buckets;
    buckets.push_back(
        {statement.number(0), std::string(statement.text(1)), time_of(statement.number(2))});
  }
}

base::Result<bool> IndexReader::has_objects(BucketId bucket) {
  const Reset reset(*scan_);
  scan_->bind(1, bucket);
  scan_->bind(2, base::ByteView{});
  return scan_->step();
}

base::Result<std::optional<IndexedObject>> IndexReader::find(BucketId bucket,
                                                             std::string_view key) {
  const Reset reset(*find_);
  find_->bind(1, bucket);
  find_->bind(2, base::as_bytes(key));
  TICKLAKE_ASSIGN(const bool has_row, find_->step());
  if (!has_row) return std::nullopt;
  return IndexedObject{read_head(*find_, 0), find_->number(kHeadColumns)};
}

base::Result<std::vector<StagedChange>> IndexReader::staged() {
  TICKLAKE_ASSIGN(auto statement,
                  database_.prepare("SELECT key, bytes, etag, modified, place, content_type, "
                                    "fields, checksum, parts, file_modified, id, bucket, "
                                    "is_removal, inode FROM staged ORDER BY id"));
  std::vector<StagedChange> changes;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return changes;
    const int after = kHeadColumns + 1;
    changes.push_back({statement.number(after),
                       statement.number(after + 1),
                       statement.number(after + 2) != 0,
                       {read_head(statement, 0), statement.number(kHeadColumns)},
                       static_cast<uint64_t>(statement.number(after + 3))});
  }
}

base::Result<std::optional<IndexedUpload>> IndexReader::find_upload(std::string_view id) {
  const Reset reset(*find_upload_);
  find_upload_->bind(1, id);
  TICKLAKE_ASSIGN(const bool has_row, find_upload_->step());
  if (!has_row) return std::nullopt;
  return read_upload(*find_upload_);
}

base::Result<std::vector<MultipartUpload>> IndexReader::uploads(BucketId bucket) {
  TICKLAKE_ASSIGN(auto statement,
                  database_.prepare("SELECT " + std::string(kUploadColumns) +
                                    " FROM uploads WHERE bucket = ? ORDER BY key, initiated, id"));
  statement.bind(1, bucket);
  std::vector<MultipartUpload> uploads;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return uploads;
    uploads.push_back(read_upload(statement).upload);
  }
}

base::Result<std::vector<IndexedPart>> IndexReader::parts(std::string_view upload) {
  const Reset reset(*parts_);
  parts_->bind(1, upload);
  std::vector<IndexedPart> parts;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, parts_->step());
    if (!has_row) return parts;
    parts.push_back({{static_cast<int>(parts_->number(0)), static_cast<uint64_t>(parts_->number(1)),
                      std::string(parts_->text(2)), time_of(parts_->number(3)),
                      parse_checksum_text(parts_->text(4))},
                     std::string(parts_->text(5))});
  }
}

base::Result<std::vector<std::string>> IndexReader::part_files() {
  TICKLAKE_ASSIGN(auto statement, database_.prepare("SELECT file FROM parts"));
  std::vector<std::string> files;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, statement.step());
    if (!has_row) return files;
    files.emplace_back(statement.text(0));
  }
}

IndexedEntries::~IndexedEntries() { reader_.scan_->reset(); }

base::Result<void> IndexedEntries::seek(std::string_view from) {
  reader_.scan_->reset();
  reader_.scan_->bind(1, bucket_);
  reader_.scan_->bind(2, base::as_bytes(from));
  return {};
}

base::Result<std::optional<ObjectEntry>> IndexedEntries::next() {
  TICKLAKE_ASSIGN(const bool has_row, reader_.scan_->step());
  if (!has_row) {
    reader_.scan_->reset();
    return std::nullopt;
  }
  return read_entry(*reader_.scan_, 0);
}

}  // namespace ticklake::lake
