#include "base/assert.h"
#include "lake/bucket_index.h"
#include "lake/index_columns.h"

namespace ticklake::lake {
namespace {

/// "tkbk" in ASCII. Keys are blobs, so that they come in the order of their bytes.
constexpr base::SqliteSchema kSchema{
    .what = "one of buckets",
    .application_id = 0x746b626b,
    .version = 1,
    .create =
        "CREATE TABLE buckets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
        " created INTEGER NOT NULL) STRICT;"
        "CREATE TABLE objects (bucket INTEGER NOT NULL, key BLOB NOT NULL, bytes INTEGER NOT NULL,"
        " etag TEXT NOT NULL, modified INTEGER NOT NULL, place INTEGER NOT NULL,"
        " content_type TEXT NOT NULL, fields TEXT NOT NULL, checksum TEXT NOT NULL,"
        " parts TEXT NOT NULL, file_modified INTEGER NOT NULL,"
        " PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE staged (id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL,"
        " is_removal INTEGER NOT NULL, inode INTEGER NOT NULL, key BLOB NOT NULL,"
        " bytes INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,"
        " place INTEGER NOT NULL, content_type TEXT NOT NULL, fields TEXT NOT NULL,"
        " checksum TEXT NOT NULL, parts TEXT NOT NULL, file_modified INTEGER NOT NULL) STRICT;"
        "CREATE TABLE uploads (id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key BLOB NOT NULL,"
        " initiated INTEGER NOT NULL, content_type TEXT NOT NULL, fields TEXT NOT NULL,"
        " algorithm TEXT NOT NULL, is_composite INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE parts (upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,"
        " number INTEGER NOT NULL, bytes INTEGER NOT NULL, etag TEXT NOT NULL,"
        " modified INTEGER NOT NULL, checksum TEXT NOT NULL, file TEXT NOT NULL,"
        " PRIMARY KEY (upload, number)) STRICT, WITHOUT ROWID;"};

}  // namespace

base::Result<std::unique_ptr<IndexWriter>> IndexWriter::open(base::FileSystem& files,
                                                             const base::Path& path) {
  TICKLAKE_ASSIGN(auto database, base::SqliteDatabase::open_logged(files, path));
  std::unique_ptr<IndexWriter> writer(new IndexWriter(std::move(database)));
  TICKLAKE_ASSIGN(auto transaction, base::SqliteTransaction::begin(writer->database_));
  TICKLAKE_TRY(writer->database_.take_schema(kSchema));
  TICKLAKE_TRY(transaction.commit());
  TICKLAKE_TRY(writer->prepare());
  return writer;
}

base::Result<void> IndexWriter::prepare() {
  TICKLAKE_ASSIGN(stage_,
                  database_.prepare("INSERT INTO staged (key, bytes, etag, modified, place, "
                                    "content_type, fields, checksum, parts, file_modified, bucket, "
                                    "is_removal, inode) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
                                    "RETURNING id"));
  TICKLAKE_ASSIGN(
      settle_,
      database_.prepare("INSERT OR REPLACE INTO objects (bucket, key, bytes, etag, modified, place,"
                        " content_type, fields, checksum, parts, file_modified) "
                        "SELECT bucket, key, bytes, etag, modified, ?2, content_type, fields,"
                        " checksum, parts, file_modified FROM staged "
                        "WHERE id = ?1 AND is_removal = 0"));
  TICKLAKE_ASSIGN(
      settle_removal_,
      database_.prepare("DELETE FROM objects WHERE (bucket, key) IN "
                        "(SELECT bucket, key FROM staged WHERE id = ?1 AND is_removal)"));
  TICKLAKE_ASSIGN(drop_, database_.prepare("DELETE FROM staged WHERE id = ?"));
  TICKLAKE_ASSIGN(
      put_, database_.prepare("INSERT OR REPLACE INTO objects (key, bytes, etag, modified, place,"
                              " content_type, fields, checksum, parts, file_modified, bucket) "
                              "VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  TICKLAKE_ASSIGN(put_part_, database_.prepare("INSERT OR REPLACE INTO parts (upload, number,"
                                               " bytes, etag, modified, checksum, file) "
                                               "VALUES (?,?,?,?,?,?,?)"));
  TICKLAKE_ASSIGN(find_part_,
                  database_.prepare("SELECT p.file FROM uploads u LEFT JOIN parts p "
                                    "ON p.upload = u.id AND p.number = ?2 WHERE u.id = ?1"));
  return {};
}

base::Result<BucketId> IndexWriter::add_bucket(std::string_view name, base::WallTime created) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare("INSERT INTO buckets (name, created) "
                                                    "VALUES (?, ?) RETURNING id"));
  statement.bind(1, name);
  statement.bind(2, base::to_unix_ns(created));
  TICKLAKE_ASSIGN(const bool has_row, statement.step());
  TICKLAKE_ASSERT(has_row);
  return statement.number(0);
}

base::Result<void> IndexWriter::remove_bucket(BucketId bucket) {
  for (const char* const sql :
       {"DELETE FROM uploads WHERE bucket = ?", "DELETE FROM staged WHERE bucket = ?",
        "DELETE FROM objects WHERE bucket = ?", "DELETE FROM buckets WHERE id = ?"}) {
    TICKLAKE_ASSIGN(auto statement, database_.prepare(sql));
    statement.bind(1, bucket);
    TICKLAKE_TRY(statement.run());
  }
  return {};
}

base::Result<int64_t> IndexWriter::stage(const StagedChange& change) {
  const int after = kHeadColumns + 1;
  bind_head(*stage_, 1, change.object.head);
  stage_->bind(after, change.object.file_modified_ns);
  stage_->bind(after + 1, change.bucket);
  stage_->bind(after + 2, int64_t{change.is_removal});
  stage_->bind(after + 3, static_cast<int64_t>(change.inode));
  const auto stepped = stage_->step();
  const int64_t id = stepped && *stepped ? stage_->number(0) : 0;
  stage_->reset();
  if (!stepped) return tl::unexpected(stepped.error());
  return id;
}

base::Result<void> IndexWriter::settle(int64_t id, ObjectPlace place) {
  settle_->bind(1, id);
  settle_->bind(2, int64_t{place == ObjectPlace::kEncoded});
  TICKLAKE_TRY(settle_->run());
  settle_removal_->bind(1, id);
  TICKLAKE_TRY(settle_removal_->run());
  return drop(id);
}

base::Result<void> IndexWriter::drop(int64_t id) {
  drop_->bind(1, id);
  return drop_->run();
}

base::Result<void> IndexWriter::put(BucketId bucket, const IndexedObject& object) {
  bind_head(*put_, 1, object.head);
  put_->bind(kHeadColumns + 1, object.file_modified_ns);
  put_->bind(kHeadColumns + 2, bucket);
  return put_->run();
}

base::Result<void> IndexWriter::add_upload(BucketId bucket, const MultipartUpload& upload) {
  TICKLAKE_ASSIGN(auto statement,
                  database_.prepare("INSERT INTO uploads (id, bucket, key, initiated, content_type,"
                                    " fields, algorithm, is_composite) VALUES (?,?,?,?,?,?,?,?)"));
  statement.bind(1, upload.id);
  statement.bind(2, bucket);
  statement.bind(3, base::as_bytes(upload.key));
  statement.bind(4, base::to_unix_ns(upload.initiated));
  statement.bind(5, upload.metadata.content_type);
  statement.bind(6, fields_text(upload.metadata.fields));
  statement.bind(
      7, upload.checksum_algorithm ? aws::name_of(*upload.checksum_algorithm) : std::string_view());
  statement.bind(8, int64_t{upload.is_checksum_composite});
  return statement.run();
}

base::Result<void> IndexWriter::remove_upload(std::string_view id) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare("DELETE FROM uploads WHERE id = ?"));
  statement.bind(1, id);
  return statement.run();
}

base::Result<IndexWriter::PartOutcome> IndexWriter::put_part(std::string_view upload,
                                                             const IndexedPart& part) {
  find_part_->bind(1, upload);
  find_part_->bind(2, int64_t{part.part.number});
  const auto stepped = find_part_->step();
  PartOutcome outcome{stepped && *stepped};
  if (outcome.has_upload) outcome.replaced_file = find_part_->text(0);
  find_part_->reset();
  if (!stepped) return tl::unexpected(stepped.error());
  if (!outcome.has_upload) return outcome;
  put_part_->bind(1, upload);
  put_part_->bind(2, int64_t{part.part.number});
  put_part_->bind(3, static_cast<int64_t>(part.part.bytes));
  put_part_->bind(4, part.part.etag);
  put_part_->bind(5, base::to_unix_ns(part.part.modified));
  put_part_->bind(6, checksum_text(part.part.checksum));
  put_part_->bind(7, part.file);
  TICKLAKE_TRY(put_part_->run());
  return outcome;
}

}  // namespace ticklake::lake
