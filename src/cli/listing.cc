#include "cli/listing.h"

#include <cstdio>

#include "base/assert.h"
#include "cli/sql_shell.h"
#include "query/format.h"

namespace ticklake::cli {

Listing::Listing(const std::vector<Column>& columns) : rows_(columns.size()) {
  for (const Column& column : columns) {
    columns_.push_back(
        {column.name, "", column.is_number ? query::ValueKind::kInteger : query::ValueKind::kText});
  }
}

void Listing::add(const std::vector<std::string>& cells) {
  TICKLAKE_ASSERT(cells.size() == columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    // What is not known is NULL where a number stands, and so in JSON.
    const bool is_unknown = cells[i].empty() && columns_[i].is_number();
    rows_.append(is_unknown ? std::optional<std::string_view>() : std::string_view(cells[i]));
  }
}

void Listing::print(const std::string& output) const {
  std::string text;
  if (output == "csv") {
    query::append_csv_header(columns_, text);
    query::append_csv_rows(rows_, text);
  } else if (output == "json") {
    query::append_json_lines(columns_, rows_, text);
  } else {
    text = query::to_table(columns_, {rows_}, output_width());
  }
  std::fputs(text.c_str(), stdout);
}

}  // namespace ticklake::cli
