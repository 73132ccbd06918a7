#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "lake/object_store.h"

namespace ticklake::lake {

/// A lake in a local folder. Every object is written under `_ticklake/.tmp/<unique>/`, synced, then
/// linked (put_if_absent: link(2) fails if the name is taken, rename(2) would not) or renamed into
/// place, and its folder synced.
class LocalObjectStore final : public ObjectStore {
 public:
  static constexpr std::chrono::minutes kStagingAgeMax{10};
  enum class Access : uint8_t { kReadOnly, kReadWrite };

  /// Opens the lake at `root`; kReadWrite makes the folder and a staging folder of its own, named
  /// by `nonce` (any number no other process uses), and removes those in which nothing was staged
  /// for kStagingAgeMax: processes that crashed left them.
  static base::Result<std::unique_ptr<LocalObjectStore>> open(base::FileSystem& files,
                                                              base::Path root, Access access,
                                                              uint64_t nonce = 0);
  ~LocalObjectStore() override;

  base::Result<void> put_if_absent(std::string_view key, std::string_view content) override;
  base::Result<void> put(std::string_view key, std::string_view content) override;
  base::Result<base::Path> stage(std::string_view name) override;
  base::Result<void> put_file(std::string_view key, const base::Path& staged) override;
  base::Result<std::string> get(std::string_view key, uint64_t bytes_max) override;
  base::Result<std::vector<ObjectInfo>> list(std::string_view prefix) override;
  base::Result<std::vector<std::string>> list_names(std::string_view prefix) override;
  base::Result<bool> exists(std::string_view key) override;
  std::string read_location(std::string_view key) const override;
  std::string location() const override { return root_.string(); }

 private:
  LocalObjectStore(base::FileSystem& files, base::Path root, base::Path staging)
      : files_(files), root_(std::move(root)), staging_(std::move(staging)) {}

  base::Path path_of(std::string_view key) const { return root_ / key; }
  void remove_stale_staging();
  base::Result<base::Path> write_staged(std::string_view content);
  /// Makes the folder of `path` if need be, with each new name on disk.
  base::Result<void> make_folder_of(const base::Path& path);

  base::FileSystem& files_;
  const base::Path root_;
  const base::Path staging_;  ///< empty when read-only
  std::atomic<uint64_t> staged_ = 0;
};

/// The folder that `text` names: a path, or a file:// URL. kUnsupported for other schemes.
base::Result<base::Path> local_lake_path(std::string_view text);

}  // namespace ticklake::lake
