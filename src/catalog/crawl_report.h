#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ticklake::catalog {

/// What a crawl decided, for people and for Glue's summary.
struct CrawlReport {
  struct Line {
    std::string action;   ///< "create table", "skip file", …: few, to be counted by
    std::string subject;  ///< the table, folder or file
    std::string why;
  };
  /// More lines than these are counted only.
  static constexpr size_t kLinesMax = 10'000;

  std::vector<Line> lines;
  std::vector<std::string> tables;  ///< that were made, changed or found as they are
  uint64_t lines_left_out = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t tables_created = 0, tables_updated = 0, tables_deleted = 0;
  uint64_t partitions_created = 0, partitions_updated = 0, partitions_deleted = 0;

  void add(std::string action, std::string subject, std::string why = {}) {
    if (lines.size() < kLinesMax) {
      lines.push_back({std::move(action), std::move(subject), std::move(why)});
    } else {
      ++lines_left_out;
    }
  }
};

}  // namespace ticklake::catalog
