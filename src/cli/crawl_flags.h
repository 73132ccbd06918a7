#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"

namespace ticklake::cli {

/// `ticklake crawl` as it was typed.
struct CrawlFlags {
  std::string location;
  std::string data = "ticklake-data";
  std::string database = "default";
  std::string prefix;
  std::vector<std::string> exclusions;
  bool combines = false;
  bool merges = false;
  bool elements = false;
  int64_t level = 0;
  size_t sample = 0;
  bool json = false;
  // With --engine glue:
  std::string engine = "ticklake";
  std::string role;
  std::string crawler;  ///< empty: made of the location
  std::string region;
};

/// A table that a crawl has made, changed or found as it is.
struct CrawledTable {
  catalog::Table table;
  size_t partitions = 0;
};

/// On stdout: aligned, or one JSON object a line.
void print_crawled_tables(const std::vector<CrawledTable>& tables, bool is_json);

/// Runs a crawler of AWS Glue's to its end and prints what it says. The location is the crawler's
/// name, or s3://…, for which one is made.
base::Result<void> run_glue_crawl(const CrawlFlags& flags);

}  // namespace ticklake::cli
