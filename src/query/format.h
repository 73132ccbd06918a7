#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/rows.h"

namespace ticklake::query {

/// `text` as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& into);

/// A cell as a JSON value: numbers with all their digits, NaN and infinities as null.
void append_json_value(std::optional<std::string_view> cell, ValueKind kind, std::string& into);

/// `[{"name":…,"type":…},…]`
void append_json_columns(const std::vector<Column>& columns, std::string& into);

/// Rows as arrays, `[…],[…]`. With `as_text` every value is DuckDB's text, a string or null.
void append_json_arrays(const std::vector<Column>& columns, const RowBlock& block, bool as_text,
                        std::string& into);

/// Rows as objects, one a line. Of columns with one name the later are called name_1, name_2 …
void append_json_lines(const std::vector<Column>& columns, const RowBlock& block,
                       std::string& into);

/// RFC 4180 with "\n" as DuckDB and all readers have it; NULL is empty, empty text is "".
void append_csv_header(const std::vector<Column>& columns, std::string& into);
void append_csv_rows(const RowBlock& block, std::string& into);

/// An aligned table that is at most `width` columns wide as far as that is possible: long text is
/// cut with …, numbers stand on the right, NULL is shown as such. Blocks share the columns' count.
std::string to_table(const std::vector<Column>& columns, const std::vector<RowBlock>& blocks,
                     size_t width);

/// "1 row", "12,345 rows".
std::string row_count_text(uint64_t rows);

/// How many columns of a terminal UTF-8 text takes.
size_t display_width(std::string_view text);

}  // namespace ticklake::query
