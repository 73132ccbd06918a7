#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "catalog/crawl_report.h"
#include "catalog/crawl_tree.h"
#include "catalog/object_source.h"

namespace ticklake::catalog {

/// Where a crawl begins.
struct CrawlTarget {
  ObjectSource* source = nullptr;  ///< outlives the crawl
  std::string bucket;
  std::string prefix = {};  ///< of keys: "", "a/b", the key of one object
  /// What locations begin with: `s3://bucket/`, `file:///data/`.
  std::string url;
  std::string root_name;  ///< what a table of everything is called: the bucket, the folder
  std::vector<std::string> exclusions = {};
  std::optional<size_t> sample_size = {};  ///< so many files of each folder
  /// An existing table that this is about: what is found is that table, and no other.
  std::string table = {};

  /// With a '/' behind, unless it is empty.
  std::string folder_prefix() const {
    return prefix.empty() || prefix.ends_with('/') ? prefix : prefix + "/";
  }
  /// Of a path below the target's root.
  std::string location(std::string_view path) const {
    return std::string(url).append(folder_prefix()).append(path);
  }
};

struct CrawlWalk {
  CrawlFolder root;
  bool is_object = false;  ///< the target is an object, and no folder
};

struct WalkSeams {
  base::FileSystem& files;
  std::stop_token stop;
  /// Whether a folder (a path below the target's root, with a '/' behind) is looked at; null: all.
  std::function<bool(const std::string&)> wants_folder = {};
  bool elements = false;  ///< JSON's arrays are many records
};

/// Lists and reads what is there, each file once, its start only. kInterrupted when it was stopped;
/// kNotFound if there is no such bucket.
base::Result<CrawlWalk> walk(const CrawlTarget& target, const WalkSeams& seams,
                             CrawlReport& report);

}  // namespace ticklake::catalog
