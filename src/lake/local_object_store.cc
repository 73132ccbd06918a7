#include "lake/local_object_store.h"

#include <algorithm>

#include "base/assert.h"

namespace ticklake::lake {
namespace {

/// The dot keeps it apart from the chains of a table: no table's name has one.
constexpr std::string_view kStagingFolder = "_ticklake/.tmp";
/// Deeper than any layout of ours; a link that leads into itself ends here.
constexpr int kListDepthMax = 16;

base::Result<void> sync_file(base::FileSystem& files, const base::Path& path) {
  TICKLAKE_ASSIGN(const std::unique_ptr<base::File> file,
                  files.open(path, base::OpenMode::kReadWrite));
  return file->sync_data();
}

base::Result<void> list_below(base::FileSystem& files, const base::Path& folder,
                              const std::string& prefix, int depth, std::vector<ObjectInfo>& into) {
  if (depth > kListDepthMax) return {};
  auto names = files.list(folder);
  if (!names) {
    if (names.error().code == base::ErrorCode::kNotFound) return {};
    return tl::unexpected(std::move(names).error());
  }
  for (const std::string& name : *names) {
    std::error_code error;  // a name that vanished since the listing is simply not there
    const base::Path path = folder / name;
    if (std::filesystem::is_directory(path, error)) {
      TICKLAKE_TRY(list_below(files, path, prefix + name + "/", depth + 1, into));
    } else {
      const uintmax_t bytes = std::filesystem::file_size(path, error);
      if (!error) into.push_back({prefix + name, bytes});
    }
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<LocalObjectStore>> LocalObjectStore::open(base::FileSystem& files,
                                                                       base::Path root,
                                                                       Access access,
                                                                       uint64_t nonce) {
  root = std::filesystem::absolute(root).lexically_normal();
  if (access == Access::kReadOnly) {
    TICKLAKE_ASSIGN(const bool found, files.exists(root));
    if (!found) {
      return base::fail(base::ErrorCode::kNotFound, "there is no lake at " + root.string(), {},
                        "check the folder that --lake or --data names");
    }
    return std::unique_ptr<LocalObjectStore>(
        new LocalObjectStore(files, std::move(root), base::Path()));
  }
  base::Path staging = root / kStagingFolder / std::to_string(nonce);
  if (auto made = files.make_folders(staging); !made) {
    return tl::unexpected(std::move(made).error().within("open the lake at " + root.string()));
  }
  TICKLAKE_TRY(files.sync_folder(root));
  std::unique_ptr<LocalObjectStore> store(
      new LocalObjectStore(files, std::move(root), std::move(staging)));
  store->remove_stale_staging();
  return store;
}

LocalObjectStore::~LocalObjectStore() {
  // Best effort: what stays is removed by the next start.
  if (!staging_.empty()) static_cast<void>(files_.remove_all(staging_));
}

base::Result<base::Path> LocalObjectStore::stage(std::string_view name) {
  TICKLAKE_ASSERT(!staging_.empty());
  TICKLAKE_TRY(files_.make_folders(staging_));
  return staging_ / (std::to_string(staged_++) + "-" + std::string(name));
}

base::Result<base::Path> LocalObjectStore::write_staged(std::string_view content) {
  TICKLAKE_ASSIGN(base::Path path, stage("object"));
  TICKLAKE_ASSIGN(const std::unique_ptr<base::File> file,
                  files_.open(path, base::OpenMode::kCreate));
  TICKLAKE_TRY(file->truncate(0));
  TICKLAKE_TRY(file->write_at(0, base::as_bytes(content)));
  TICKLAKE_TRY(file->sync_data());
  return path;
}

base::Result<void> LocalObjectStore::make_folder_of(const base::Path& path) {
  const base::Path folder = path.parent_path();
  TICKLAKE_ASSIGN(const bool found, files_.exists(folder));
  if (found) return {};
  if (folder != root_) TICKLAKE_TRY(make_folder_of(folder));
  TICKLAKE_TRY(files_.make_folders(folder));
  return files_.sync_folder(folder.parent_path());
}

base::Result<void> LocalObjectStore::put_if_absent(std::string_view key, std::string_view content) {
  const base::Path path = path_of(key);
  TICKLAKE_TRY(make_folder_of(path));
  TICKLAKE_ASSIGN(const base::Path staged, write_staged(content));
  auto linked = files_.link(staged, path);
  static_cast<void>(files_.remove(staged));
  if (!linked) return linked;
  return files_.sync_folder(path.parent_path());
}

base::Result<void> LocalObjectStore::put(std::string_view key, std::string_view content) {
  TICKLAKE_ASSIGN(const base::Path staged, write_staged(content));
  return put_file(key, staged);
}

base::Result<void> LocalObjectStore::put_file(std::string_view key, const base::Path& staged) {
  const base::Path path = path_of(key);
  TICKLAKE_TRY(make_folder_of(path));
  TICKLAKE_TRY(sync_file(files_, staged));
  TICKLAKE_TRY(files_.rename(staged, path));
  return files_.sync_folder(path.parent_path());
}

base::Result<std::string> LocalObjectStore::get(std::string_view key, uint64_t bytes_max) {
  return base::read_text(files_, path_of(key), bytes_max);
}

base::Result<std::vector<ObjectInfo>> LocalObjectStore::list(std::string_view prefix) {
  std::vector<ObjectInfo> objects;
  TICKLAKE_TRY(list_below(files_, path_of(prefix), std::string(prefix) + "/", 0, objects));
  std::ranges::sort(objects, {}, &ObjectInfo::key);
  return objects;
}

base::Result<std::vector<std::string>> LocalObjectStore::list_names(std::string_view prefix) {
  auto names = files_.list(path_of(prefix));
  if (!names && names.error().code == base::ErrorCode::kNotFound) {
    return std::vector<std::string>();
  }
  return names;
}

base::Result<bool> LocalObjectStore::exists(std::string_view key) {
  return files_.exists(path_of(key));
}

std::string LocalObjectStore::read_location(std::string_view key) const {
  return path_of(key).string();
}

void LocalObjectStore::remove_stale_staging() {
  const auto names = list_names(kStagingFolder);
  if (!names) return;
  std::error_code error;  // best effort: what cannot be told or removed stays for the next start
  const auto now = std::filesystem::last_write_time(staging_, error);
  for (const std::string& name : *names) {
    const base::Path folder = path_of(kStagingFolder) / name;
    const auto last_used = std::filesystem::last_write_time(folder, error);
    if (!error && now - last_used > kStagingAgeMax) static_cast<void>(files_.remove_all(folder));
  }
}

base::Result<base::Path> local_lake_path(std::string_view text) {
  constexpr std::string_view kScheme = "file://";
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  if (text.find("://") != std::string_view::npos) {
    return base::fail(base::ErrorCode::kUnsupported, "cannot keep a lake at " + std::string(text),
                      "only local folders are supported by this version",
                      "give a path or a file:// URL");
  }
  if (text.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the lake's location is empty", {},
                      "give a path or a file:// URL");
  }
  return base::Path(text);
}

}  // namespace ticklake::lake
