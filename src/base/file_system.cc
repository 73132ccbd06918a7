#include "base/file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/assert.h"

namespace ticklake::base {
namespace {

constexpr size_t kPartsPerCall = 64;

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, Path path) : descriptor_(descriptor), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done,
                                  static_cast<off_t>(position + done));
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read");
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Result<void> write_at(uint64_t position, ByteView bytes) override {
    const std::array<ByteView, 1> parts{bytes};
    return write_parts_at(position, parts);
  }

  Result<void> write_parts_at(uint64_t position, std::span<const ByteView> parts) override {
    size_t skip = 0;  // bytes of parts.front() that are written already
    while (!parts.empty()) {
      std::array<iovec, kPartsPerCall> vectors{};
      const size_t count = std::min(parts.size(), kPartsPerCall);
      for (size_t i = 0; i < count; ++i) {
        const ByteView part = i == 0 ? parts[i].subspan(skip) : parts[i];
        vectors[i] = {const_cast<std::byte*>(part.data()), part.size()};
      }
      const ssize_t got = ::pwritev(descriptor_, vectors.data(), static_cast<int>(count),
                                    static_cast<off_t>(position));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("write");
      position += static_cast<uint64_t>(got);
      skip += static_cast<size_t>(got);
      while (!parts.empty() && skip >= parts.front().size()) {
        skip -= parts.front().size();
        parts = parts.subspan(1);
      }
    }
    return {};
  }

  Result<uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return failed("stat");
    return static_cast<uint64_t>(status.st_size);
  }

  Result<void> truncate(uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failed("truncate");
    return {};
  }

  Result<void> reserve(uint64_t size) override {
    if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) != 0 &&
        errno != EOPNOTSUPP && errno != ENOSYS) {
      return failed("reserve room for");
    }
    return {};
  }

  Result<void> sync_data() override {
    if (::fdatasync(descriptor_) != 0) return failed("sync");
    return {};
  }

  int descriptor() const override { return descriptor_; }

 private:
  tl::unexpected<Error> failed(const char* operation) const {
    return fail(os_error(errno, std::string("cannot ") + operation + " " + path_.string()));
  }

  const int descriptor_;
  const Path path_;
};

tl::unexpected<Error> failed(const char* operation, const Path& path) {
  return fail(os_error(errno, std::string("cannot ") + operation + " " + path.string()));
}

tl::unexpected<Error> failed(const char* operation, const Path& path, std::error_code error) {
  return fail(os_error(error.value(), std::string("cannot ") + operation + " " + path.string()));
}

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead: return O_RDONLY;
    case OpenMode::kReadWrite: return O_RDWR;
    case OpenMode::kCreate:
    case OpenMode::kCreateSecret: return O_RDWR | O_CREAT;
    case OpenMode::kCreateNew: return O_RDWR | O_CREAT | O_EXCL;
  }
  TICKLAKE_ASSERT(false);
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::open(const Path& path, OpenMode mode) {
  const int descriptor = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC,
                                mode == OpenMode::kCreateSecret ? 0600 : 0644);
  if (descriptor < 0) return failed("open", path);
  return std::make_unique<PosixFile>(descriptor, path);
}

Result<bool> PosixFileSystem::exists(const Path& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (error) return failed("look for", path, error);
  return found;
}

Result<std::vector<std::string>> PosixFileSystem::list(const Path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().string());
  }
  if (error) return failed("list", folder, error);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> PosixFileSystem::make_folders(const Path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failed("make the folder", folder, error);
  return {};
}

Result<void> PosixFileSystem::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to);
  return {};
}

Result<void> PosixFileSystem::link(const Path& from, const Path& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return failed("link to", to);
  return {};
}

Result<void> PosixFileSystem::remove(const Path& path) {
  if (::remove(path.c_str()) != 0) return failed("remove", path);
  return {};
}

Result<void> PosixFileSystem::remove_all(const Path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) return failed("remove", folder, error);
  return {};
}

Result<void> PosixFileSystem::sync_folder(const Path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", folder);
  const int status = ::fsync(descriptor);
  const int saved_errno = errno;
  ::close(descriptor);
  errno = saved_errno;
  if (status != 0) return failed("sync", folder);
  return {};
}

Result<uint64_t> PosixFileSystem::bytes_available(const Path& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return failed("ask for the free space of", path);
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<std::string> read_text(FileSystem& files, const Path& path, uint64_t bytes_max) {
  TICKLAKE_ASSIGN(const std::unique_ptr<File> file, files.open(path, OpenMode::kRead));
  TICKLAKE_ASSIGN(const uint64_t size, file->size());
  if (size > bytes_max) {
    return fail(
        ErrorCode::kInvalidData, path.string() + " is too large",
        std::to_string(size) + " bytes, at most " + std::to_string(bytes_max) + " expected");
  }
  std::string text(size, '\0');
  TICKLAKE_ASSIGN(const size_t got,
                  file->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  text.resize(got);
  return text;
}

Result<std::optional<std::string>> read_text_if_there(FileSystem& files, const Path& path,
                                                      uint64_t bytes_max) {
  TICKLAKE_ASSIGN(const bool is_there, files.exists(path));
  if (!is_there) return std::nullopt;
  TICKLAKE_ASSIGN(std::string text, read_text(files, path, bytes_max));
  return text;
}

namespace {

Result<void> replace(FileSystem& files, const Path& path, std::string_view text, OpenMode mode) {
  Path beside = path;
  beside += ".tmp";
  {
    TICKLAKE_ASSIGN(const std::unique_ptr<File> file, files.open(beside, mode));
    TICKLAKE_TRY(file->truncate(0));
    TICKLAKE_TRY(file->write_at(0, as_bytes(text)));
    TICKLAKE_TRY(file->sync_data());
  }
  TICKLAKE_TRY(files.rename(beside, path));
  return files.sync_folder(path.parent_path());
}

}  // namespace

Result<void> replace_text(FileSystem& files, const Path& path, std::string_view text) {
  return replace(files, path, text, OpenMode::kCreate);
}

Result<void> replace_secret_text(FileSystem& files, const Path& path, std::string_view text) {
  return replace(files, path, text, OpenMode::kCreateSecret);
}

}  // namespace ticklake::base
