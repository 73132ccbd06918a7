#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/crawl_report.h"
#include "catalog/file_probe.h"
#include "catalog/hive_type.h"

namespace ticklake::catalog {

struct CrawlStats {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t records = 0;  ///< estimated

  void add(const CrawlStats& other) {
    files += other.files;
    bytes += other.bytes;
    records += other.records;
  }
};

/// Files of a folder, or folders of a table, that are alike.
struct SchemaCluster {
  FileKind kind;
  std::vector<HiveField> fields = {};
  std::set<std::string> paths = {};
  CrawlStats stats = {};
  std::string example = {};  ///< one of the files

  void add(const SchemaCluster& other);
};

/// What a crawl has seen in one folder. Takes memory for its schemas, not for its files.
class CrawlFolder {
 public:
  /// Files beyond these are not known by name.
  static constexpr size_t kFilesByNameMax = 100;
  static constexpr size_t kClustersMax = 50;

  struct NamedFile {
    std::string name;
    SchemaCluster cluster;  ///< of itself
  };

  CrawlFolder& folder(std::string_view name);
  /// Takes the folder at `path` ("a/b/") out of the tree; null if there is none. "" is this one,
  /// which is empty afterwards.
  std::unique_ptr<CrawlFolder> take(std::string_view path);
  void add(std::string_view name, uint64_t bytes, FileProbe probe);

  const std::map<std::string, std::unique_ptr<CrawlFolder>, std::less<>>& folders() const {
    return folders_;
  }
  const std::vector<SchemaCluster>& clusters() const { return clusters_; }
  bool has_files() const { return !clusters_.empty(); }
  uint64_t files() const { return files_; }
  /// All of the files, if there are few enough of them.
  const std::vector<NamedFile>& named_files() const { return named_; }
  uint64_t unknown_files() const { return unknown_files_; }
  const std::string& unknown_example() const { return unknown_example_; }
  const std::string& unknown_why() const { return unknown_why_; }
  const std::string& remark() const { return remark_; }

 private:
  std::map<std::string, std::unique_ptr<CrawlFolder>, std::less<>> folders_;
  std::vector<SchemaCluster> clusters_;
  std::vector<NamedFile> named_;
  uint64_t files_ = 0;
  uint64_t unknown_files_ = 0;
  std::string unknown_example_;
  std::string unknown_why_;
  std::string remark_;
};

}  // namespace ticklake::catalog
