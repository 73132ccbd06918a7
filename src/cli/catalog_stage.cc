#include "cli/catalog_stage.h"

#include "lake/bucket_store.h"

namespace ticklake::cli {

base::Path catalog_path(const base::Path& data) { return data / "catalog" / "catalog.db"; }
base::Path crawlers_path(const base::Path& data) { return data / "catalog" / "crawlers.db"; }

CatalogStage::CatalogStage(std::unique_ptr<catalog::Catalog> catalog, base::Logger& log)
    : catalog_(std::move(catalog)),
      live_(*catalog_, "s3://" + std::string(lake::kLakeBucket) + "/"),
      log_(log) {}

base::Result<std::unique_ptr<CatalogStage>> CatalogStage::open(const base::Path& data,
                                                               lake::ObjectStore& lake,
                                                               base::FileSystem& files,
                                                               const base::Clock& clock,
                                                               base::Logger& log) {
  TICKLAKE_ASSIGN(auto catalog, catalog::Catalog::open(files, catalog_path(data), clock));
  std::unique_ptr<CatalogStage> stage(new CatalogStage(std::move(catalog), log));
  if (const auto loaded = stage->live_.load(lake); !loaded) {
    log.warn("catalog: {}", base::to_line(loaded.error()));
  }
  return stage;
}

void CatalogStage::take(const sink::CommittedTable& committed) {
  for (const table::CommittedRange& range : committed.ranges) {
    const auto added = live_.add(committed.name, committed.folder, range.records);
    if (!added) log_.warn("catalog: {}", base::to_line(added.error()));
  }
}

}  // namespace ticklake::cli
