#include "catalog/crawl_tree.h"

#include <algorithm>
#include <utility>

namespace ticklake::catalog {

void SchemaCluster::add(const SchemaCluster& other) {
  merge_fields(fields, other.fields);
  paths.insert(other.paths.begin(), other.paths.end());
  stats.add(other.stats);
}

CrawlFolder& CrawlFolder::folder(std::string_view name) {
  const auto found = folders_.find(name);
  if (found != folders_.end()) return *found->second;
  return *folders_.emplace(name, std::make_unique<CrawlFolder>()).first->second;
}

std::unique_ptr<CrawlFolder> CrawlFolder::take(std::string_view path) {
  if (path.empty()) return std::make_unique<CrawlFolder>(std::exchange(*this, CrawlFolder()));
  const size_t slash = path.find('/');
  const auto found = folders_.find(path.substr(0, slash));
  if (found == folders_.end()) return nullptr;
  const std::string_view rest =
      slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  if (!rest.empty()) return found->second->take(rest);
  std::unique_ptr<CrawlFolder> taken = std::move(found->second);
  folders_.erase(found);
  return taken;
}

void CrawlFolder::add(std::string_view name, uint64_t bytes, FileProbe probe) {
  if (probe.kind.format == FileFormat::kUnknown) {
    if (unknown_files_++ == 0) {
      unknown_example_ = name;
      unknown_why_ = std::move(probe.problem);
    }
    return;
  }
  if (remark_.empty()) remark_ = std::move(probe.remark);
  SchemaCluster own{probe.kind,
                    std::move(probe.fields),
                    {probe.paths.begin(), probe.paths.end()},
                    {1, bytes, probe.records},
                    std::string(name)};
  ++files_;
  if (files_ <= kFilesByNameMax) named_.push_back({std::string(name), own});
  if (files_ == kFilesByNameMax + 1) named_ = {};
  const bool is_full = clusters_.size() >= kClustersMax;
  const auto alike = std::ranges::find_if(clusters_, [&](const SchemaCluster& cluster) {
    return cluster.kind == own.kind && (is_full || is_similar(cluster.fields, own.fields));
  });
  if (alike != clusters_.end()) {
    alike->add(own);
  } else {
    clusters_.push_back(std::move(own));
  }
}

}  // namespace ticklake::catalog
