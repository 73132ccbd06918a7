#include "lake/object_writer.h"

#include <algorithm>

namespace ticklake::lake {
namespace {

constexpr size_t kCopyBytes = 1024 * 1024;

}  // namespace

ObjectWriter::ObjectWriter(base::FileSystem& files, base::Path path,
                           std::unique_ptr<base::File> file)
    : files_(files), path_(std::move(path)), file_(std::move(file)) {}

ObjectWriter::~ObjectWriter() {
  // What stays is swept by the next start.
  if (!path_.empty()) static_cast<void>(files_.remove(path_));
}

base::Result<void> ObjectWriter::append(base::ByteView bytes) {
  TICKLAKE_TRY(file_->write_at(bytes_, bytes));
  bytes_ += bytes.size();
  if (hashes_) md5_.update(bytes);
  return {};
}

base::Result<void> ObjectWriter::take_over(uint64_t bytes) {
  base::Bytes buffer(std::min<uint64_t>(bytes, kCopyBytes));
  while (bytes_ < bytes) {
    TICKLAKE_ASSIGN(const size_t got, file_->read_at(bytes_, buffer));
    if (got == 0) break;
    md5_.update(base::ByteView(buffer).first(got));
    bytes_ += got;
  }
  return {};
}

base::Result<void> ObjectWriter::append_from(base::File& file, uint64_t position, uint64_t bytes,
                                             const std::function<void(base::ByteView)>& seen) {
  base::Bytes buffer(std::min<uint64_t>(bytes, kCopyBytes));
  while (bytes > 0) {
    const size_t step = std::min<uint64_t>(bytes, buffer.size());
    TICKLAKE_ASSIGN(const size_t got, file.read_at(position, std::span(buffer).first(step)));
    if (got < step) {
      return base::fail(base::ErrorCode::kCorrupt, "cannot copy an object",
                        "its file is shorter than it was");
    }
    TICKLAKE_TRY(append(base::ByteView(buffer).first(step)));
    if (seen) seen(base::ByteView(buffer).first(step));
    position += step;
    bytes -= step;
  }
  return {};
}

}  // namespace ticklake::lake
