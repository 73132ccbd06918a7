#include "lake/folder_entries.h"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include "aws/hash.h"
#include "lake/object_key.h"

namespace ticklake::lake {
namespace {

/// A link that leads into itself ends here.
constexpr size_t kDepthMax = 64;

FileIdentity identity_of(const struct stat& status) {
  constexpr int64_t kSecond = 1'000'000'000;
  return {static_cast<uint64_t>(status.st_size),
          status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec, status.st_ino};
}

}  // namespace

base::Result<std::optional<FileIdentity>> identify(const base::Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return std::nullopt;
    return base::fail(base::os_error(errno, "cannot look at " + path.string()));
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return identity_of(status);
}

base::Result<FileIdentity> identify(const base::File& file) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) {
    return base::fail(base::os_error(errno, "cannot look at the file of an object"));
  }
  return identity_of(status);
}

ObjectEntry entry_of_file(std::string_view key, const FileIdentity& file) {
  const std::string identity = std::to_string(file.bytes) + " " + std::to_string(file.modified_ns) +
                               " " + std::to_string(file.inode);
  constexpr size_t kMd5Digits = 32;
  return {std::string(key), file.bytes, aws::sha256_hex(identity).substr(0, kMd5Digits) + "-1",
          base::WallTime{std::chrono::nanoseconds(file.modified_ns)}, ObjectPlace::kPlain};
}

base::Result<void> FolderEntries::seek(std::string_view from) {
  from_ = from;
  frames_.clear();
  return enter({});
}

base::Result<void> FolderEntries::enter(std::string prefix) {
  if (frames_.size() >= kDepthMax) return {};
  const base::Path folder = folder_ / prefix;
  auto names = files_.list(folder);
  if (!names) {
    // Removed since its name was seen.
    if (names.error().code == base::ErrorCode::kNotFound) return {};
    return tl::unexpected(std::move(names).error());
  }
  Frame frame{std::move(prefix), {}};
  for (std::string& name : *names) {
    if (frames_.empty() && name == hidden_) continue;
    std::error_code gone;  // then it is no folder, and no file when it is come to
    const bool is_folder = std::filesystem::is_directory(folder / name, gone);
    if (is_folder) name += '/';
    const std::string key = frame.prefix + name;
    if (key < from_ && !(is_folder && from_.starts_with(key))) continue;
    frame.names.push_back(std::move(name));
  }
  // A folder's '/' counts: "a-b" comes before "a/b".
  std::ranges::sort(frame.names, std::ranges::greater());
  frames_.push_back(std::move(frame));
  return {};
}

base::Result<std::optional<ObjectEntry>> FolderEntries::next() {
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.names.empty()) {
      frames_.pop_back();
      continue;
    }
    std::string key = frame.prefix + frame.names.back();
    frame.names.pop_back();
    if (key.ends_with('/')) {
      TICKLAKE_TRY(enter(std::move(key)));
      continue;
    }
    if (!plain_path(key)) continue;
    TICKLAKE_ASSIGN(const auto file, identify(folder_ / key));
    if (file) return entry_of_file(key, *file);
  }
  return std::nullopt;
}

}  // namespace ticklake::lake
