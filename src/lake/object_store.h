#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::lake {

/// An object as a listing shows it.
struct ObjectInfo {
  std::string key;
  uint64_t bytes = 0;
};

/// Where a lake is kept. Keys are relative, separated by '/', without "." or "..". Whoever reads
/// an object sees all of one version or nothing, and what a successful put wrote survives a
/// crash of the machine. Implementations are safe to call from any thread.
///
/// Errors marked retriable (time-outs, a full disk) are ambiguous: the put may have happened.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// Creates `key`; kAlreadyExists if any object stands there. The commit rule rests on this.
  virtual base::Result<void> put_if_absent(std::string_view key, std::string_view content) = 0;
  /// Creates or replaces `key`.
  virtual base::Result<void> put(std::string_view key, std::string_view content) = 0;
  /// A new path on this machine under which DuckDB may write a file for put_file(). Nothing that
  /// is read as part of a table stands there.
  virtual base::Result<base::Path> stage(std::string_view name) = 0;
  /// Creates or replaces `key` with a file made at a path from stage(), which is consumed.
  virtual base::Result<void> put_file(std::string_view key, const base::Path& staged) = 0;
  /// kNotFound if there is none; kInvalidData if it is larger than `bytes_max`.
  virtual base::Result<std::string> get(std::string_view key, uint64_t bytes_max) = 0;
  /// All objects whose key starts with `prefix` + "/", sorted by key; none is no error.
  virtual base::Result<std::vector<ObjectInfo>> list(std::string_view prefix) = 0;
  /// Names of what stands directly below `prefix`: objects and folders, sorted.
  virtual base::Result<std::vector<std::string>> list_names(std::string_view prefix) = 0;
  virtual base::Result<bool> exists(std::string_view key) = 0;
  /// What DuckDB's readers take to read `key`.
  virtual std::string read_location(std::string_view key) const = 0;
  /// The whole store as a person names it, for messages.
  virtual std::string location() const = 0;
};

}  // namespace ticklake::lake
