#pragma once

#include <string>
#include <vector>

#include "query/rows.h"

namespace ticklake::cli {

/// What a subcommand lists, printed as an aligned table, CSV or JSON lines.
class Listing {
 public:
  struct Column {
    const char* name;
    bool is_number = false;
  };

  explicit Listing(const std::vector<Column>& columns);

  /// As many cells as there are columns.
  void add(const std::vector<std::string>& cells);
  bool is_empty() const { return rows_.rows() == 0; }
  /// To stdout; `output` is "table", "csv" or "json".
  void print(const std::string& output) const;

 private:
  std::vector<query::Column> columns_;
  query::RowBlock rows_;
};

}  // namespace ticklake::cli
