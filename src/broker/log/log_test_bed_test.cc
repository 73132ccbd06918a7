#include "broker/log/log_test_bed.h"

#include <algorithm>
#include <cerrno>

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

class FailingFile final : public base::File {
 public:
  FailingFile(FailingFileSystem& files, std::unique_ptr<base::File> file)
      : files_(files), file_(std::move(file)) {
    ++files_.open_count;
  }
  FailingFile(const FailingFile&) = delete;
  FailingFile& operator=(const FailingFile&) = delete;
  ~FailingFile() override { --files_.open_count; }

  base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    files_.largest_read_bytes = std::max(files_.largest_read_bytes, into.size());
    return file_->read_at(position, into);
  }
  base::Result<void> write_at(uint64_t position, base::ByteView bytes) override {
    if (files_.is_full && !bytes.empty()) return full();
    if (files_.torn_write_bytes >= 0) {
      const auto kept = static_cast<size_t>(std::exchange(files_.torn_write_bytes, -1));
      TICKLAKE_TRY(file_->write_at(position, bytes.first(std::min(kept, bytes.size()))));
      return base::fail(base::os_error(EIO, "cannot write"));
    }
    return file_->write_at(position, bytes);
  }
  base::Result<void> write_parts_at(uint64_t position,
                                    std::span<const base::ByteView> parts) override {
    return file_->write_parts_at(position, parts);
  }
  base::Result<uint64_t> size() override { return file_->size(); }
  base::Result<void> truncate(uint64_t size) override { return file_->truncate(size); }
  base::Result<void> reserve(uint64_t size) override {
    if (files_.is_full) return full();
    return file_->reserve(size);
  }
  base::Result<void> sync_data() override {
    if (files_.is_sync_failing) return base::fail(base::os_error(EIO, "cannot sync"));
    return file_->sync_data();
  }
  int descriptor() const override { return file_->descriptor(); }

 private:
  static tl::unexpected<base::Error> full() {
    return base::fail(base::os_error(ENOSPC, "cannot write"));
  }

  FailingFileSystem& files_;
  std::unique_ptr<base::File> file_;
};

}  // namespace

base::Result<std::unique_ptr<base::File>> FailingFileSystem::open(const base::Path& path,
                                                                  base::OpenMode mode) {
  TICKLAKE_ASSIGN(auto file, disk_.open(path, mode));
  return std::make_unique<FailingFile>(*this, std::move(file));
}

base::Bytes make_batch(const BatchSpec& spec) {
  const std::string value(spec.value_bytes, 'v');
  std::vector<kafka::RecordToWrite> records(static_cast<size_t>(spec.count));
  for (kafka::RecordToWrite& record : records) {
    record.timestamp_ms = spec.timestamp_ms;
    record.value = value;
  }
  kafka::BatchToWrite batch;
  batch.producer_id = spec.producer_id;
  batch.producer_epoch = spec.producer_epoch;
  batch.base_sequence = spec.base_sequence;
  batch.codec = spec.codec;
  batch.is_transactional = spec.is_transactional;
  batch.records = records;
  auto bytes = kafka::write_batch(batch);
  EXPECT_TRUE(bytes.has_value());
  return *bytes;
}

void LogTestBed::ASSERT_OK(const base::Result<void>& result) {
  ASSERT_TRUE(result.has_value()) << base::to_text(result.error());
}

void LogTestBed::open(bool was_clean, int64_t recovery_point) {
  log.reset();
  auto opened = PartitionLog::open(
      files, folder, {settings, "trades-0", leader_epoch, was_clean, recovery_point, 0}, *logger);
  ASSERT_TRUE(opened.has_value()) << base::to_text(opened.error());
  log = std::move(*opened);
}

LogResult<PartitionLog::Appended> LogTestBed::append(const BatchSpec& spec, int64_t now_ms) {
  base::Bytes batch = make_batch(spec);
  const auto header = check_batch(batch, 1 << 24);
  if (!header) return tl::unexpected(header.error());
  return log->append(batch, *header, now_ms);
}

int64_t LogTestBed::append_ok(const BatchSpec& spec) {
  const auto appended = append(spec);
  EXPECT_TRUE(appended.has_value()) << appended.error().message;
  return appended ? appended->base_offset : -1;
}

int64_t LogTestBed::append_transactional(int64_t producer_id, int32_t sequence, int16_t epoch) {
  return append_ok({.producer_id = producer_id,
                    .producer_epoch = epoch,
                    .base_sequence = sequence,
                    .is_transactional = true});
}

int64_t LogTestBed::end_transaction(int64_t producer_id, bool is_commit, int16_t epoch) {
  const auto appended = log->append_marker(producer_id, epoch, {is_commit, leader_epoch}, 5000);
  EXPECT_TRUE(appended.has_value()) << appended.error().message;
  return appended ? appended->base_offset : -1;
}

std::vector<kafka::BatchHeader> LogTestBed::read(int64_t offset, size_t bytes_max) {
  std::vector<kafka::BatchHeader> headers;
  const auto buffer = log->read(offset, log->end_offset(), bytes_max, true);
  EXPECT_TRUE(buffer.has_value()) << buffer.error().message;
  if (!buffer) return headers;
  for (base::ByteView rest = buffer->view(); !rest.empty();) {
    const auto header = kafka::parse_batch_header(rest);
    EXPECT_TRUE(header && header->size() <= rest.size()) << "only whole batches are given";
    if (!header || header->size() > rest.size()) break;
    EXPECT_TRUE(kafka::batch_crc_matches(rest, *header));
    headers.push_back(*header);
    rest = rest.subspan(header->size());
  }
  return headers;
}

std::string LogTestBed::content(const base::Path& path) {
  auto text = base::read_text(files, path, uint64_t{1} << 30);
  EXPECT_TRUE(text.has_value()) << path;
  return text.value_or("");
}

void LogTestBed::overwrite(const base::Path& path, uint64_t position, std::string_view bytes) {
  auto file = files.open(path, base::OpenMode::kReadWrite);
  ASSERT_TRUE(file.has_value());
  ASSERT_OK((*file)->write_at(position, base::as_bytes(bytes)));
}

}  // namespace ticklake::broker
