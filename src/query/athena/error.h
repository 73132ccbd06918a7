#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ticklake::query::athena {

/// Whose fault a failure is, as QueryExecution.Status.AthenaError.ErrorCategory counts them.
enum class ErrorCategory : int { kSystem = 1, kUser = 2, kOther = 3 };

/// Why a statement fails, in the words of Athena's QueryExecution.Status.StateChangeReason.
struct AthenaError {
  /// Trino's name of it: SYNTAX_ERROR, COLUMN_NOT_FOUND, NOT_SUPPORTED, DIVISION_BY_ZERO …
  std::string name;
  /// The sentence behind the name, with "line 1:8: " in front where the place is known.
  std::string message;
  ErrorCategory category = ErrorCategory::kUser;

  /// "SYNTAX_ERROR: line 1:8: Column 'x' cannot be resolved".
  std::string reason() const { return name + ": " + message; }
};

template <typename T>
using Result = tl::expected<T, AthenaError>;

/// "line 2:14: " for a byte offset in the text; columns count from 1, in characters.
std::string place_of(std::string_view text, size_t offset);

/// What DuckDB said of a statement of ours, as Trino would have said it. `duckdb` is DuckDB's text,
/// `sql` is the user's statement, in which the name that was not found is looked for.
AthenaError error_of_duckdb(std::string_view duckdb, std::string_view sql);

}  // namespace ticklake::query::athena
