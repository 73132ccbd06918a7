#include "catalog/crawl.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/table_draft.h"
#include "catalog/table_writer.h"

namespace ticklake::catalog {
namespace {

template <typename T>
base::Result<T> read(aws::Answer<T> answer, const char* what) {
  if (!answer) return base::fail(aws::to_base_error(answer.error(), what));
  return std::move(*answer);
}

std::string last_segment(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

/// A table that was found, with where it is and what it is to be called.
struct Located {
  TableDraft draft;
  std::string name;
  std::string location;
  const CrawlTarget* target;
};

class Crawl {
 public:
  Crawl(const CrawlOptions& options, const CrawlSeams& seams, CrawlReport& report)
      : options_(options), seams_(seams), report_(report), writer_(options, seams, report) {}

  base::Result<void> run() {
    TICKLAKE_ASSIGN(auto page, read(seams_.catalog.list_tables(options_.database, {SIZE_MAX, {}}),
                                    "cannot read the catalog"));
    writer_.know(std::move(page.items));
    if (takes_new_only()) TICKLAKE_TRY(note_known_folders());
    for (const CrawlTarget& target : options_.targets)
      TICKLAKE_TRY(crawl_target(target));
    if (options_.policy.table_threshold &&
        found_.size() > static_cast<size_t>(*options_.policy.table_threshold)) {
      return base::fail(
          base::ErrorCode::kInvalidData,
          "the crawl found " + std::to_string(found_.size()) + " tables",
          "TableThreshold lets it make " + std::to_string(*options_.policy.table_threshold));
    }
    for (Located& located : found_) {
      TICKLAKE_TRY(check_stop());
      TICKLAKE_TRY(writer_.write(located.draft, located.name, located.location, *located.target));
    }
    return takes_new_only() ? base::Result<void>() : writer_.retire(options_.targets);
  }

 private:
  bool takes_new_only() const {
    return options_.policy.recrawl == RecrawlBehavior::kNewFoldersOnly;
  }
  base::Result<void> check_stop() const {
    if (!seams_.stop.stop_requested()) return {};
    return base::fail(base::ErrorCode::kInterrupted, "the crawl was stopped");
  }

  /// Locations of what earlier crawls of this crawler have seen.
  base::Result<void> note_known_folders() {
    for (const auto& [location, table] : writer_.own_tables()) {
      if (table.partition_keys.empty()) {
        known_.insert(location);
        continue;
      }
      TICKLAKE_ASSIGN(const auto partitions,
                      read(seams_.catalog.all_partitions(options_.database, table.name),
                           "cannot read the catalog"));
      for (const Partition& partition : partitions) {
        if (partition.storage) known_.insert(with_slash(partition.storage->location));
      }
    }
    return {};
  }

  base::Result<void> crawl_target(const CrawlTarget& target) {
    WalkSeams walk_seams{seams_.files, seams_.stop, {}, options_.elements};
    if (takes_new_only()) {
      walk_seams.wants_folder = [&](const std::string& path) {
        return !known_.contains(target.location(path));
      };
    }
    TICKLAKE_ASSIGN(CrawlWalk walked, walk(target, walk_seams, report_));
    if (takes_new_only()) TICKLAKE_TRY(writer_.add_new_folders(walked.root, target));
    const std::string where = target.location("");
    GroupingOptions grouping{options_.policy.combines_compatible, {}, !target.table.empty()};
    if (options_.policy.table_level) {
      const std::string prefix = target.folder_prefix();
      const auto root_level = 1 + std::ranges::count(prefix, '/');
      grouping.depth =
          static_cast<size_t>(std::max<int64_t>(*options_.policy.table_level - root_level, 0));
    }
    for (TableDraft& draft : group(walked.root, grouping, where, report_))
      locate(std::move(draft), target, walked.is_object);
    return {};
  }

  void locate(TableDraft draft, const CrawlTarget& target, bool is_object) {
    Located located{std::move(draft), {}, {}, &target};
    const std::string& path = located.draft.path;
    located.location = is_object ? target.url + target.prefix : target.location(path);
    std::string name = target.root_name;
    if (!path.empty() || !target.prefix.empty()) name = last_segment(located.location);
    located.name = target.table.empty() ? table_name(options_.table_prefix, name) : target.table;
    for (const std::string& column : resolve_conflicts(located.draft)) {
      report_.add("resolve conflict", located.name + "." + column,
                  "it is a column of the files and a partition key; the key has the name");
    }
    found_.push_back(std::move(located));
  }

  const CrawlOptions& options_;
  const CrawlSeams& seams_;
  CrawlReport& report_;
  TableWriter writer_;
  std::set<std::string> known_;
  std::vector<Located> found_;
};

}  // namespace

base::Result<void> crawl(const CrawlOptions& options, const CrawlSeams& seams,
                         CrawlReport& report) {
  return Crawl(options, seams, report).run();
}

}  // namespace ticklake::catalog
