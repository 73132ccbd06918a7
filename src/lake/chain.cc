#include "lake/chain.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "lake/gap.h"

namespace ticklake::lake {
namespace {

std::optional<int32_t> parse_partition(std::string_view name) {
  int32_t partition = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), partition);
  if (error != std::errc() || stop != name.data() + name.size() || partition < 0) {
    return std::nullopt;
  }
  return partition;
}

}  // namespace

base::Result<void> verify_chain(const Chain& chain) {
  int64_t expected = 0;
  for (const BoundaryRecord& record : chain.records) {
    if (record.start != expected) {
      return base::fail(
          base::ErrorCode::kCorrupt,
          fmt::format("the chain of boundary records of {} is broken", chain.id.text()),
          fmt::format("a record starts at offset {}, the one before it ended at {}", record.start,
                      expected),
          fmt::format("restore {} from a backup", chain.id.prefix()));
    }
    expected = record.end;
  }
  return {};
}

base::Result<BoundaryRecord> read_boundary(ObjectStore& store, const ChainId& id, int64_t start) {
  const std::string key = record_key(id, start);
  TICKLAKE_ASSIGN(const std::string text, store.get(key, kBoundaryBytesMax));
  auto record = parse_boundary(text);
  if (!record) return tl::unexpected(std::move(record).error().within(key));
  if (record->start != start) {
    return base::fail(base::ErrorCode::kCorrupt, key + ": a boundary record cannot be read",
                      fmt::format("it says that it starts at offset {}", record->start));
  }
  return record;
}

base::Result<Chain> read_chain(ObjectStore& store, const ChainId& id) {
  Chain chain{id, {}};
  TICKLAKE_ASSIGN(const std::vector<std::string> names, store.list_names(id.prefix()));
  for (const std::string& name : names) {
    const auto start = parse_record_name(name);
    if (!start) continue;
    TICKLAKE_ASSIGN(BoundaryRecord record, read_boundary(store, id, *start));
    if (std::ranges::binary_search(names, gap_name(*start))) {
      TICKLAKE_ASSIGN(const auto gap, read_gap(store, id, *start));
      if (gap) leave_out(*gap, record);
    }
    chain.records.push_back(std::move(record));
  }
  TICKLAKE_TRY(verify_chain(chain));
  return chain;
}

base::Result<std::vector<ChainId>> list_chains(ObjectStore& store, std::string_view table) {
  std::vector<ChainId> chains;
  const std::string root = fmt::format("{}/{}", kControlFolder, table);
  TICKLAKE_ASSIGN(const std::vector<std::string> topics, store.list_names(root));
  for (const std::string& topic : topics) {
    if (table_name(topic) != table) continue;
    const std::string folder = root + "/" + topic;
    TICKLAKE_ASSIGN(const std::vector<std::string> generations, store.list_names(folder));
    for (const std::string& generation : generations) {
      // The topic "schema" shares its folder with the versions of its table's schema.
      if (parse_record_name(generation)) continue;
      TICKLAKE_ASSIGN(const std::vector<std::string> partitions,
                      store.list_names(folder + "/" + generation));
      for (const std::string& name : partitions) {
        if (const auto partition = parse_partition(name)) {
          chains.push_back({topic, generation, *partition});
        }
      }
    }
  }
  return chains;
}

base::Result<std::vector<std::string>> list_tables(ObjectStore& store) {
  TICKLAKE_ASSIGN(std::vector<std::string> names, store.list_names(kControlFolder));
  std::erase_if(names, [](const std::string& name) { return table_name(name) != name; });
  return names;
}

base::Result<std::vector<DataFile>> missing_files(ObjectStore& store,
                                                  const BoundaryRecord& record) {
  std::vector<DataFile> missing;
  for (const DataFile& file : record.files) {
    TICKLAKE_ASSIGN(const bool found, store.exists(file.key));
    if (!found) missing.push_back(file);
  }
  return missing;
}

}  // namespace ticklake::lake
