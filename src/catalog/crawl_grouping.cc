#include "catalog/crawl_grouping.h"

#include <algorithm>

#include "aws/percent_encoding.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

constexpr size_t kKindsMax = 5;

/// More than 7 in 10.
bool is_most(uint64_t part, uint64_t whole) { return part * 10 > whole * 7; }

/// A folder that has files of its own.
struct Unit {
  const CrawlFolder* folder = nullptr;
  std::vector<std::string> names = {};  ///< from the table's root down
  std::string path = {};                ///< from the target's root down
  SchemaCluster cluster = {};           ///< what its files have in common
  bool is_alike = true;                 ///< or else each file is a table of its own
};

std::string format_text(const FileKind& kind) {
  std::string text(format_name(kind.format));
  if (kind.compression != Compression::kNone) {
    text.append(" in ").append(compression_name(kind.compression));
  }
  return text;
}

class Grouping {
 public:
  Grouping(const GroupingOptions& options, const std::string& where, CrawlReport& report)
      : options_(options), where_(where), report_(report) {}

  std::vector<TableDraft> run(const CrawlFolder& root) {
    if (options_.is_one_table) {
      force_table(root, "");
    } else if (options_.depth) {
      at_depth(root, "", *options_.depth);
    } else {
      plan(root, "");
    }
    return std::move(drafts_);
  }

 private:
  std::string at(const std::string& path) const { return where_ + path; }

  /// The folder's own files as one, if they are alike.
  Unit unit_of(const CrawlFolder& folder, const std::string& path) {
    Unit unit{.folder = &folder, .path = path};
    const auto most = std::ranges::max_element(
        folder.clusters(), {}, [](const SchemaCluster& c) { return c.stats.files; });
    unit.cluster = *most;
    for (const SchemaCluster& cluster : folder.clusters()) {
      if (&cluster != &*most && cluster.kind == unit.cluster.kind) unit.cluster.add(cluster);
    }
    const bool is_similar =
        is_most(most->stats.files, folder.files()) && folder.clusters().size() <= kKindsMax;
    unit.is_alike = is_similar || options_.combines_compatible || options_.depth ||
                    options_.is_one_table || folder.named_files().empty();
    return unit;
  }

  void collect(const CrawlFolder& folder, const std::string& path, std::vector<std::string>& names,
               std::vector<Unit>& units) {
    if (folder.has_files()) {
      units.push_back(unit_of(folder, path));
      units.back().names = names;
    }
    for (const auto& [name, child] : folder.folders()) {
      names.push_back(name);
      collect(*child, path + name + "/", names, units);
      names.pop_back();
    }
  }
  std::vector<Unit> units_below(const CrawlFolder& folder, const std::string& path) {
    std::vector<Unit> units;
    std::vector<std::string> names;
    collect(folder, path, names, units);
    return units;
  }

  /// Which units are the largest group of alike ones, if that is nearly all of them.
  std::optional<std::vector<Unit>> majority(const std::vector<Unit>& units) const {
    struct Group {
      SchemaCluster cluster;
      std::vector<size_t> members;
    };
    std::vector<Group> groups;
    for (size_t i = 0; i < units.size(); ++i) {
      const SchemaCluster& own = units[i].cluster;
      const auto alike = std::ranges::find_if(groups, [&](const Group& group) {
        if (!units[i].is_alike || !(group.cluster.kind == own.kind)) return false;
        return options_.combines_compatible || is_similar(group.cluster.fields, own.fields);
      });
      if (alike == groups.end()) {
        groups.push_back({own, {i}});
      } else {
        merge_fields(alike->cluster.fields, own.fields);
        alike->members.push_back(i);
      }
      if (groups.size() > kKindsMax) return std::nullopt;
    }
    const auto most = std::ranges::max_element(
        groups, {}, [](const Group& group) { return group.members.size(); });
    if (options_.combines_compatible && groups.size() > 1) return std::nullopt;
    if (!is_most(most->members.size(), units.size())) return std::nullopt;
    if (!units[most->members[0]].is_alike) return std::nullopt;
    std::vector<Unit> members;
    for (const size_t i : most->members)
      members.push_back(units[i]);
    return members;
  }

  void plan(const CrawlFolder& folder, const std::string& path) {
    std::vector<Unit> units = units_below(folder, path);
    if (units.empty()) {
      note_unknown(folder, path);
      return;
    }
    if (const auto only = only_name(folder); units.size() == 1 && only) {
      note_unknown(folder, path);
      plan(*folder.folders().begin()->second, path + *only + "/");
      return;
    }
    if (const auto members = majority(units)) {
      make_table(path, *members, units.size());
      for (const Unit& unit : units) {
        const bool is_member = std::ranges::any_of(
            *members, [&](const Unit& member) { return member.folder == unit.folder; });
        if (!is_member) own_tables(unit);
      }
      note_unknown_below(folder, path);
      return;
    }
    if (units.size() > 1) {
      report_.add("split folder", at(path),
                  "the schemas below are not alike: no more than 7 in 10 folders, or more than 5 "
                  "kinds");
    }
    if (folder.has_files()) own_tables(units[0]);
    note_unknown(folder, path);
    for (const auto& [name, child] : folder.folders())
      plan(*child, path + name + "/");
  }

  /// The one folder in a folder without files, if it is named as a table is, and not as a partition
  /// (`dt=2026-01-01`, `2026`): with nothing beside it, it is the table.
  static std::optional<std::string> only_name(const CrawlFolder& folder) {
    if (folder.has_files() || folder.folders().size() != 1) return std::nullopt;
    const std::string& name = folder.folders().begin()->first;
    const bool is_number = name.find_first_not_of("0123456789-_") == std::string::npos;
    return is_number || hive_pair(name) ? std::nullopt : std::optional(name);
  }

  /// A table of the folder's own files, or one of each.
  void own_tables(Unit unit) {
    if (unit.is_alike) {
      unit.names = {};
      make_table(unit.path, {unit}, 1);
      return;
    }
    report_.add("split folder", at(unit.path),
                "its files have different schemas: each is a table of its own");
    for (const CrawlFolder::NamedFile& file : unit.folder->named_files())
      drafts_.push_back({unit.path + file.name, file.cluster});
  }

  void at_depth(const CrawlFolder& folder, const std::string& path, size_t depth) {
    if (depth == 0) {
      force_table(folder, path);
      return;
    }
    if (folder.has_files()) {
      report_.add("skip files", at(path), "they stand above the level of tables that is set");
    }
    for (const auto& [name, child] : folder.folders())
      at_depth(*child, path + name + "/", depth - 1);
  }

  /// One table of all that has the kind of most.
  void force_table(const CrawlFolder& folder, const std::string& path) {
    const std::vector<Unit> units = units_below(folder, path);
    note_unknown_below(folder, path);
    if (units.empty()) return;
    std::vector<std::pair<FileKind, size_t>> kinds;
    for (const Unit& unit : units) {
      auto found = std::ranges::find(kinds, unit.cluster.kind, &std::pair<FileKind, size_t>::first);
      if (found == kinds.end()) found = kinds.insert(found, {unit.cluster.kind, 0});
      ++found->second;
    }
    const FileKind most =
        std::ranges::max_element(kinds, {}, &std::pair<FileKind, size_t>::second)->first;
    std::vector<Unit> members;
    for (const Unit& unit : units) {
      if (unit.cluster.kind == most) {
        members.push_back(unit);
      } else {
        report_.add("skip folder", at(unit.path),
                    format_text(unit.cluster.kind) + ", and the table is " + format_text(most));
      }
    }
    make_table(path, members, units.size());
  }

  void make_table(const std::string& path, const std::vector<Unit>& members, size_t all) {
    TableDraft draft{path, {members[0].cluster.kind}};
    std::vector<Unit> kept = of_one_depth(path, members);
    const size_t depth = kept.empty() ? 0 : kept[0].names.size();
    if (!kept.empty()) draft.partition_keys = partition_keys(kept, depth);
    for (const Unit& unit : kept.empty() ? members : kept) {
      draft.cluster.add(unit.cluster);
      note_left_out(unit);
      if (depth > 0) draft.partitions.push_back(partition(unit, draft.partition_keys));
    }
    report_.add(
        "find table", at(path),
        format_text(draft.cluster.kind) + ", " + std::to_string(draft.cluster.fields.size()) +
            " columns, " + std::to_string(draft.cluster.stats.files) + " files; " +
            std::to_string(members.size()) + " of " + std::to_string(all) + " folders are alike");
    drafts_.push_back(std::move(draft));
  }

  /// Partitions need folders of one depth. Where they differ: Hive's folders of the depth that most
  /// have; other folders are no partitions at all, so that the table has all of their files: empty.
  std::vector<Unit> of_one_depth(const std::string& path, const std::vector<Unit>& members) {
    std::map<size_t, size_t> depths;
    for (const Unit& unit : members)
      ++depths[unit.names.size()];
    if (depths.size() == 1) return depths.begin()->first == 0 ? std::vector<Unit>() : members;
    const bool is_hive = std::ranges::all_of(members, [](const Unit& unit) {
      return std::ranges::all_of(unit.names,
                                 [](const auto& name) { return hive_pair(name).has_value(); });
    });
    if (!is_hive) {
      report_.add("no partitions", at(path),
                  "files stand at several depths, and the folders are not named key=value");
      return {};
    }
    const size_t depth = std::ranges::max_element(depths, {}, [](const auto& pair) {
                           return std::pair(pair.second, pair.first);
                         })->first;
    std::vector<Unit> kept;
    for (const Unit& unit : members) {
      if (unit.names.size() == depth) {
        kept.push_back(unit);
      } else {
        report_.add("skip files", at(unit.path),
                    "they stand at another depth than the partitions of the table");
      }
    }
    return kept;
  }

  static std::vector<std::string> partition_keys(const std::vector<Unit>& units, size_t depth) {
    std::vector<std::string> keys;
    for (size_t level = 0; level < depth; ++level) {
      std::string key = "partition_" + std::to_string(level);
      const auto first = hive_pair(units[0].names[level]);
      const bool is_hive = first && std::ranges::all_of(units, [&](const Unit& unit) {
                             const auto pair = hive_pair(unit.names[level]);
                             return pair && pair->first == first->first;
                           });
      // Two levels of one name would be two columns of one name.
      const bool is_new = first && std::ranges::find(keys, first->first) == keys.end();
      keys.push_back(is_hive && is_new ? first->first : key);
    }
    return keys;
  }

  static PartitionDraft partition(const Unit& unit, const std::vector<std::string>& keys) {
    PartitionDraft draft{{}, unit.path, unit.cluster};
    for (size_t level = 0; level < keys.size(); ++level) {
      const auto pair = hive_pair(unit.names[level]);
      const bool is_hive = pair && pair->first == keys[level];
      draft.values.push_back(is_hive ? pair->second : unit.names[level]);
    }
    return draft;
  }

  void note_left_out(const Unit& unit) {
    for (const SchemaCluster& cluster : unit.folder->clusters()) {
      if (cluster.kind == unit.cluster.kind) continue;
      report_.add("skip files", at(unit.path + cluster.example),
                  std::to_string(cluster.stats.files) + " files are " + format_text(cluster.kind) +
                      ", and the others of their folder " + format_text(unit.cluster.kind));
    }
    if (!unit.folder->remark().empty()) {
      report_.add("note", at(unit.path), unit.folder->remark());
    }
  }
  void note_unknown(const CrawlFolder& folder, const std::string& path) {
    if (folder.unknown_files() == 0) return;
    report_.add("skip files", at(path + folder.unknown_example()),
                "UNKNOWN: " + std::to_string(folder.unknown_files()) + " files of this folder; " +
                    folder.unknown_why());
  }
  void note_unknown_below(const CrawlFolder& folder, const std::string& path) {
    note_unknown(folder, path);
    for (const auto& [name, child] : folder.folders())
      note_unknown_below(*child, path + name + "/");
  }

  const GroupingOptions& options_;
  const std::string& where_;
  CrawlReport& report_;
  std::vector<TableDraft> drafts_;
};

}  // namespace

std::optional<std::pair<std::string, std::string>> hive_pair(std::string_view folder) {
  const size_t sign = folder.find('=');
  if (sign == 0 || sign == std::string_view::npos) return std::nullopt;
  std::string key = folded(folder.substr(0, sign));
  for (char& c : key) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_plain) c = '_';
  }
  const std::string_view value = folder.substr(sign + 1);
  return std::pair(std::move(key), aws::percent_decoded(value).value_or(std::string(value)));
}

std::vector<TableDraft> group(const CrawlFolder& root, const GroupingOptions& options,
                              const std::string& where, CrawlReport& report) {
  return Grouping(options, where, report).run(root);
}

}  // namespace ticklake::catalog
