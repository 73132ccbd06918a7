#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ticklake::base {

using Path = std::filesystem::path;

/// An open file. Positions are bytes from its start. Not safe for concurrent use, except that
/// sync_data() may run beside write_at() from another thread.
class File {
 public:
  virtual ~File() = default;
  /// Up to `into.size()` bytes from `position`; fewer only at the end of the file.
  virtual Result<size_t> read_at(uint64_t position, std::span<std::byte> into) = 0;
  /// All of `bytes`, or an error; what a failed write left behind is unspecified.
  virtual Result<void> write_at(uint64_t position, ByteView bytes) = 0;
  /// All of `parts`, one after the other, from `position`.
  virtual Result<void> write_parts_at(uint64_t position, std::span<const ByteView> parts) = 0;
  virtual Result<uint64_t> size() = 0;
  virtual Result<void> truncate(uint64_t size) = 0;
  /// Reserves room up to `size` without changing what size() says (fallocate, KEEP_SIZE). A file
  /// system that cannot is no error; kNoSpace is.
  virtual Result<void> reserve(uint64_t size) = 0;
  /// fdatasync(2): the data and the size are on disk when it returns.
  virtual Result<void> sync_data() = 0;
  /// The descriptor, for sendfile(2) and mmap(2); -1 where there is none.
  virtual int descriptor() const = 0;
};

enum class OpenMode : uint8_t {
  kRead,          ///< must exist
  kReadWrite,     ///< must exist
  kCreate,        ///< read and write; made if it is not there
  kCreateSecret,  ///< likewise, and only for this user
  kCreateNew,     ///< read and write; kAlreadyExists if it is there
};

/// The only way to the disk. Implementations are safe to call from any thread.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode) = 0;
  virtual Result<bool> exists(const Path& path) = 0;
  /// Names (not paths) of what stands in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const Path& folder) = 0;
  /// Makes the folder and its parents; one that exists is no error.
  virtual Result<void> make_folders(const Path& folder) = 0;
  virtual Result<void> rename(const Path& from, const Path& to) = 0;
  /// link(2): kAlreadyExists if `to` is there. The local store's conditional create.
  virtual Result<void> link(const Path& from, const Path& to) = 0;
  virtual Result<void> remove(const Path& path) = 0;
  virtual Result<void> remove_all(const Path& folder) = 0;
  /// fsync(2) of a folder: names made, renamed or removed in it are on disk when it returns.
  virtual Result<void> sync_folder(const Path& folder) = 0;
  /// Bytes that this user can still write to the file system that holds `path`.
  virtual Result<uint64_t> bytes_available(const Path& path) = 0;
};

/// The machine's disks.
class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode) override;
  Result<bool> exists(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& folder) override;
  Result<void> make_folders(const Path& folder) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> link(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> remove_all(const Path& folder) override;
  Result<void> sync_folder(const Path& folder) override;
  Result<uint64_t> bytes_available(const Path& path) override;
};

/// The whole of a file; kInvalidData if it is larger than `bytes_max`.
Result<std::string> read_text(FileSystem& files, const Path& path, uint64_t bytes_max);

/// As read_text(); none if there is no such file.
Result<std::optional<std::string>> read_text_if_there(FileSystem& files, const Path& path,
                                                      uint64_t bytes_max);

/// Puts `text` at `path` so that after a crash either the old or the new content stands there:
/// written beside, synced, renamed, folder synced.
Result<void> replace_text(FileSystem& files, const Path& path, std::string_view text);

/// As replace_text(), and only this user may read it.
Result<void> replace_secret_text(FileSystem& files, const Path& path, std::string_view text);

}  // namespace ticklake::base
