#include "catalog/object_source.h"

#include <algorithm>
#include <vector>

namespace ticklake::catalog {

base::Result<void> BucketSource::list(std::string_view bucket, std::string_view prefix,
                                      const std::function<bool(const SourceObject&)>& take) {
  const auto found = store_.find_bucket(bucket);
  if (!found) {
    return base::fail(base::ErrorCode::kNotFound, "cannot crawl s3://" + std::string(bucket),
                      "there is no such bucket");
  }
  lake::ListRequest request{.prefix = std::string(prefix)};
  while (true) {
    TICKLAKE_ASSIGN(const lake::Listing page, store_.list(bucket, request));
    for (const lake::ObjectEntry& entry : page.objects) {
      if (!take({entry.key, entry.bytes, store_.local_path(*found, entry)})) return {};
    }
    if (!page.next) return {};
    request.from = *page.next;
  }
}

bool FolderSource::walk(const base::Path& folder, const std::string& key,
                        const std::function<bool(const SourceObject&)>& take,
                        std::error_code& error) const {
  struct Entry {
    std::string name;  ///< of a folder with a '/', so that keys come in the order of their bytes
    uint64_t bytes = 0;
  };
  std::vector<Entry> entries;
  for (auto at = std::filesystem::directory_iterator(folder, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->is_directory(gone)) {
      entries.push_back({at->path().filename().string() + "/"});
    } else if (at->is_regular_file(gone)) {
      entries.push_back({at->path().filename().string(), at->file_size(gone)});
    }
  }
  if (error) return false;
  std::ranges::sort(entries, {}, &Entry::name);
  for (const Entry& entry : entries) {
    const bool goes_on = entry.name.ends_with('/')
                             ? walk(folder / entry.name, key + entry.name, take, error)
                             : take({key + entry.name, entry.bytes, folder / entry.name});
    if (!goes_on) return false;
  }
  return true;
}

base::Result<void> FolderSource::list(std::string_view, std::string_view prefix,
                                      const std::function<bool(const SourceObject&)>& take) {
  const base::Path start = prefix.empty() ? folder_ : folder_ / prefix;
  std::error_code error;
  if (std::filesystem::is_regular_file(start, error)) {
    take({std::string(prefix), std::filesystem::file_size(start, error), start});
    return {};
  }
  std::string key(prefix);
  if (!key.empty() && !key.ends_with('/')) key += '/';
  error.clear();
  walk(start, key, take, error);
  if (error) return base::fail(base::os_error(error.value(), "cannot read " + start.string()));
  return {};
}

}  // namespace ticklake::catalog
