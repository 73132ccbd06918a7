#include "query/executions/table_files.h"

#include <algorithm>
#include <map>

#include "query/executions/partition_projection.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;

constexpr size_t kPageEntries = 10'000;

/// A name that Hive passes over, wherever in the path below the table.
bool is_hidden(std::string_view below) {
  while (!below.empty()) {
    const size_t slash = below.find('/');
    const std::string_view part = below.substr(0, slash);
    if (part.starts_with('_') || part.starts_with('.')) return true;
    if (slash == std::string_view::npos) return false;
    below.remove_prefix(slash + 1);
  }
  return true;  // ends in '/': the mark of a folder
}

athena::Result<S3Location> folder_of(const catalog::Table& table, const std::string& location) {
  const auto parsed = S3Location::parse(location);
  if (!parsed) {
    return tl::unexpected(
        AthenaError{"HIVE_METASTORE_ERROR", "Table " + table.database + "." + table.name +
                                                " has no location in S3: '" + location + "'"});
  }
  return parsed->as_folder();
}

/// Lists a folder page by page.
class Folder {
 public:
  Folder(lake::BucketStore& store, const CallerRights& rights) : store_(store), rights_(rights) {}

  template <typename Take>
  athena::Result<void> list(const S3Location& folder, Take take) {
    TICKLAKE_TRY(rights_.check_listing(folder));
    const auto bucket = store_.find_bucket(folder.bucket);
    if (!bucket) {
      return tl::unexpected(AthenaError{"HIVE_CANNOT_OPEN_SPLIT",
                                        "the bucket of " + folder.text() + " is not there"});
    }
    lake::ListRequest request{.prefix = folder.key, .entries_max = kPageEntries};
    while (true) {
      auto page = store_.list(folder.bucket, request);
      if (!page) {
        return tl::unexpected(AthenaError{"HIVE_CANNOT_OPEN_SPLIT",
                                          folder.text() + ": " + base::to_line(page.error()),
                                          athena::ErrorCategory::kSystem});
      }
      for (const lake::ObjectEntry& object : page->objects) {
        if (object.bytes == 0) continue;
        if (is_hidden(std::string_view(object.key).substr(folder.key.size()))) continue;
        if (++taken_ > kTableFilesMax) {
          return tl::unexpected(AthenaError{
              "NOT_SUPPORTED",
              "more than " + std::to_string(kTableFilesMax) + " files in " + folder.text()});
        }
        if (!rights_.is_root()) {
          TICKLAKE_TRY(rights_.check_object("GetObject", {folder.bucket, object.key}));
        }
        take(TableFile{store_.local_path(*bucket, object).string(), object.key, object.bytes});
      }
      if (!page->next) return {};
      request.from = *page->next;
    }
  }

 private:
  lake::BucketStore& store_;
  const CallerRights& rights_;
  size_t taken_ = 0;
};

catalog::StorageDescriptor storage_of(const catalog::Table& table,
                                      const catalog::Partition& partition) {
  catalog::StorageDescriptor storage =
      partition.storage.value_or(table.storage.value_or(catalog::StorageDescriptor{}));
  if (!table.storage) return storage;
  // Partitions that users add by hand often have a location only.
  if (storage.serde.library.empty()) storage.serde = table.storage->serde;
  if (storage.input_format.empty()) storage.input_format = table.storage->input_format;
  return storage;
}

}  // namespace

athena::Result<std::vector<FileSet>> files_of(lake::BucketStore& store, const catalog::Table& table,
                                              const std::vector<catalog::Partition>& partitions,
                                              const CallerRights& rights) {
  std::vector<FileSet> sets;
  Folder lister(store, rights);
  const auto storage = table.storage.value_or(catalog::StorageDescriptor{});
  if (table.partition_keys.empty()) {
    TICKLAKE_ASSIGN(const S3Location folder, folder_of(table, storage.location));
    sets.push_back({{}, storage, {}});
    TICKLAKE_TRY(
        lister.list(folder, [&](TableFile file) { sets[0].files.push_back(std::move(file)); }));
    return sets;
  }
  const auto root = S3Location::parse(storage.location);
  std::map<std::string, size_t> below_root;  // the partition's prefix -> its set
  std::vector<std::pair<S3Location, size_t>> elsewhere;
  for (const catalog::Partition& partition : partitions) {
    sets.push_back({partition.values, storage_of(table, partition), {}});
    TICKLAKE_ASSIGN(const S3Location folder, folder_of(table, sets.back().storage.location));
    const bool is_below =
        root && folder.bucket == root->bucket && folder.key.starts_with(root->as_folder().key);
    if (is_below && below_root.emplace(folder.key, sets.size() - 1).second) continue;
    elsewhere.emplace_back(folder, sets.size() - 1);
  }
  // One listing for many partitions, instead of one for each.
  constexpr size_t kFewPartitions = 4;
  if (below_root.size() <= kFewPartitions) {
    for (const auto& [prefix, set] : below_root)
      elsewhere.emplace_back(S3Location{root->bucket, prefix}, set);
  } else {
    TICKLAKE_TRY(lister.list(root->as_folder(), [&](TableFile file) {
      for (size_t end = file.key.rfind('/'); end != std::string::npos && end > 0;
           end = file.key.rfind('/', end - 1)) {
        const auto found = below_root.find(file.key.substr(0, end + 1));
        if (found == below_root.end()) continue;
        sets[found->second].files.push_back(std::move(file));
        return;
      }
    }));
  }
  for (const auto& [folder, set] : elsewhere) {
    std::vector<TableFile>& files = sets[set].files;
    TICKLAKE_TRY(lister.list(folder, [&](TableFile file) { files.push_back(std::move(file)); }));
  }
  return sets;
}

athena::Result<std::vector<FileSet>> projected_files_of(lake::BucketStore& store,
                                                        const catalog::Table& table,
                                                        const PartitionProjection& projection,
                                                        const CallerRights& rights) {
  std::vector<FileSet> sets;
  std::map<std::vector<std::string>, size_t> known;
  Folder lister(store, rights);
  TICKLAKE_TRY(lister.list(projection.root(), [&](TableFile file) {
    auto place = projection.place_of(file.key);
    if (!place) return;
    const auto [at, is_new] = known.emplace(place->values, sets.size());
    if (is_new) {
      auto storage = table.storage.value_or(catalog::StorageDescriptor{});
      storage.location = S3Location{projection.root().bucket, std::move(place->folder)}.text();
      sets.push_back({std::move(place->values), std::move(storage), {}});
    }
    sets[at->second].files.push_back(std::move(file));
  }));
  return sets;
}

}  // namespace ticklake::query::executions
