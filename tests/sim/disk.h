#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/random.h"

namespace ticklake::sim {

/// A disk in memory that fails as disks do. What was written is in the page cache until its file is
/// synced; names that were made, renamed or removed are, until a folder is: a file system with a
/// journal writes them in their order, so that after a crash some first part of them stands.
///
/// Between two calls of the broker or in the midst of one the machine or the process may die: from
/// then on every call fails, until restart().
class Disk final : public base::FileSystem {
 public:
  explicit Disk(base::Random& random) : random_(random) {}

  // Faults.

  /// The process (or the machine) dies in the midst of the `calls`-th call that changes something.
  void die_after(int calls) { calls_to_live_ = calls; }
  bool is_dead() const { return is_dead_; }
  void die() { is_dead_ = true; }
  /// Writes take what still fits, and fail, while it is full.
  void set_full(bool is_full) { is_full_ = is_full; }
  /// The next sync fails, and what it was for never reaches the disk.
  void fail_next_sync() { is_next_sync_failing_ = true; }
  bool has_failed_sync() const { return has_failed_sync_; }
  /// A planted bug: one sync in twenty says that it worked and does nothing.
  void set_lying(bool is_lying) { is_lying_ = is_lying; }

  /// After the process died: the page cache is still there.
  void restart_process();
  /// After the machine died: of what was not synced some is there, some is not, some is torn.
  void restart_machine();

  base::Result<std::unique_ptr<base::File>> open(const base::Path& path,
                                                 base::OpenMode mode) override;
  base::Result<bool> exists(const base::Path& path) override;
  base::Result<std::vector<std::string>> list(const base::Path& folder) override;
  base::Result<void> make_folders(const base::Path& folder) override;
  base::Result<void> rename(const base::Path& from, const base::Path& to) override;
  base::Result<void> link(const base::Path& from, const base::Path& to) override;
  base::Result<void> remove(const base::Path& path) override;
  base::Result<void> remove_all(const base::Path& folder) override;
  base::Result<void> sync_folder(const base::Path& folder) override;
  base::Result<uint64_t> bytes_available(const base::Path& path) override;

 private:
  struct Change {
    uint64_t position = 0;
    base::Bytes bytes;
    bool is_truncate = false;  ///< to `position`
  };
  struct Content {
    base::Bytes cached;
    base::Bytes durable;
    std::vector<Change> unsynced;  ///< what makes `cached` of `durable`
  };
  struct Names {
    std::map<std::string, std::shared_ptr<Content>> files;
    std::set<std::string> folders;
  };
  class OpenFile;

  base::Result<void> begin_change();
  base::Result<void> check_alive() const;
  void names_changed() { unsynced_names_.push_back(names_); }
  static void apply(const Change& change, base::Bytes& to);
  void tear(Content& content);

  base::Random& random_;
  Names names_;
  Names durable_names_;
  std::vector<Names> unsynced_names_;  ///< as they were after each change since the last sync
  int calls_to_live_ = 0;              ///< 0: no death is set
  bool is_dead_ = false;
  bool is_full_ = false;
  bool is_lying_ = false;
  bool is_next_sync_failing_ = false;
  bool has_failed_sync_ = false;
};

}  // namespace ticklake::sim
