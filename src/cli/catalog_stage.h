#pragma once

#include <memory>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/live_tables.h"
#include "lake/object_store.h"
#include "sink/sink.h"

namespace ticklake::cli {

/// Where the catalog and the crawlers are kept.
base::Path catalog_path(const base::Path& data);
base::Path crawlers_path(const base::Path& data);

/// The catalog of `ticklake up`, which learns of each commit of the sink.
class CatalogStage {
 public:
  /// Takes in what the lake has. What is passed by reference must outlive it.
  static base::Result<std::unique_ptr<CatalogStage>> open(const base::Path& data,
                                                          lake::ObjectStore& lake,
                                                          base::FileSystem& files,
                                                          const base::Clock& clock,
                                                          base::Logger& log);

  catalog::Catalog& get() { return *catalog_; }
  /// For SinkOptions::on_committed. What fails is logged, and done again at the next commit.
  void take(const sink::CommittedTable& committed);

 private:
  CatalogStage(std::unique_ptr<catalog::Catalog> catalog, base::Logger& log);

  std::unique_ptr<catalog::Catalog> catalog_;
  catalog::LiveTables live_;
  base::Logger& log_;
};

}  // namespace ticklake::cli
