#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/crawl_options.h"
#include "catalog/crawl_report.h"
#include "catalog/crawl_walk.h"

namespace ticklake::catalog {

struct CrawlOptions {
  std::string crawler;  ///< its name: what it made before is its own
  std::string run_id = {};
  std::string database;
  std::string table_prefix = {};
  std::vector<CrawlTarget> targets;
  CrawlPolicy policy = {};
  bool elements = false;  ///< JSON's arrays are many records: a JSON path of $[*]
};

struct CrawlSeams {
  Catalog& catalog;
  base::FileSystem& files;
  const base::Clock& clock;
  std::stop_token stop = {};
};

/// Infers the tables of what the targets hold and writes them to the catalog, which must have the
/// database. Tables that are not a crawler's own are left alone. What it did is added to `report`,
/// also when it fails: kInterrupted, kNotFound (a bucket), kInvalidData (TableThreshold), and the
/// catalog's.
base::Result<void> crawl(const CrawlOptions& options, const CrawlSeams& seams, CrawlReport& report);

}  // namespace ticklake::catalog
