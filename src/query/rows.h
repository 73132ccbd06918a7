#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <duckdb.h>

#include "base/result.h"

namespace ticklake::query {

/// How the text of a column's cells is to be read.
enum class ValueKind : uint8_t {
  kText,
  kInteger,  ///< any integer or decimal: digits, exact
  kFloat,    ///< may be "nan", "inf", "-inf"
  kBoolean,  ///< "true", "false"
  kJson,     ///< JSON text
};

struct Column {
  std::string name;
  std::string type;  ///< as DuckDB names it: BIGINT, DECIMAL(18,3), TIMESTAMP …
  ValueKind kind = ValueKind::kText;
  bool is_number() const { return kind == ValueKind::kInteger || kind == ValueKind::kFloat; }
};

/// A row holds at most so many bytes of text.
inline constexpr uint64_t kRowBytesMax = 16 << 20;
/// A block is closed when it holds so much, in text and places, so that a long result needs no more
/// memory than a short one.
inline constexpr uint64_t kBlockBytesMax = 1 << 20;

/// Some rows of a result, as text: the digits that DuckDB would print, nothing rounded.
class RowBlock {
 public:
  explicit RowBlock(size_t columns = 0) : columns_(columns) {}

  size_t columns() const { return columns_; }
  /// The memory of all cells.
  uint64_t bytes() const { return text_.size() + cells_.size() * sizeof(Span); }
  size_t rows() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  /// None is SQL's NULL. The view lives as long as the block.
  std::optional<std::string_view> cell(size_t row, size_t column) const {
    const Span span = cells_[row * columns_ + column];
    if (span.size < 0) return std::nullopt;
    return std::string_view(text_).substr(span.begin, static_cast<size_t>(span.size));
  }
  /// Cells are appended row by row.
  void append(std::optional<std::string_view> value) {
    cells_.push_back({text_.size(), value ? static_cast<int64_t>(value->size()) : -1});
    if (value) text_ += *value;
  }

 private:
  struct Span {
    size_t begin;
    int64_t size;
  };
  size_t columns_;
  std::vector<Span> cells_;
  std::string text_;
};

/// True if append_chunk prints values of this type itself; a query casts others to VARCHAR first.
bool is_printed(duckdb_type type);
ValueKind kind_of(duckdb_type type);
/// The same by the name of a type, DuckDB's or Athena's, in any case.
ValueKind kind_of_name(std::string_view type);
/// The name of a type as SQL writes it; nested types as DuckDB prints their kind (LIST, STRUCT …).
std::string type_name(duckdb_logical_type type);

/// The text of one value that is not NULL, of a type that is_printed().
std::string printed_text(duckdb_vector vector, uint64_t row);

/// Appends rows of the chunk from `begin` to `end`, and at least one; returns the first that was
/// not appended because the block holds kBlockBytesMax. Each column's type must be is_printed().
/// kInvalidArgument if a row holds more than kRowBytesMax.
base::Result<uint64_t> append_rows(duckdb_data_chunk chunk, uint64_t begin, uint64_t end,
                                   RowBlock& into);

}  // namespace ticklake::query
