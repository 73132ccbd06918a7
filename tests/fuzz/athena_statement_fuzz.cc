#include "base/assert.h"
#include "query/athena/native_functions.h"
#include "query/athena/statement.h"
#include "query/sql_token.h"

using namespace ticklake;
using namespace ticklake::query;

namespace {

/// What EXPLAIN ANALYZE puts in front.
constexpr size_t kPrefixBytes = 32;

}  // namespace

// A statement of Athena becomes a query of bounded length, or an error with a place in the text;
// and so does what DuckDB says of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t end = 0;
  for (const Token& token : tokenize(text, Lexis::kAthena)) {
    TICKLAKE_ASSERT(token.begin >= end && token.end > token.begin && token.end <= size);
    end = token.end;
  }
  athena::Options options;
  options.type_of = [](const std::string& select) -> std::optional<std::string> {
    if (select.size() % 3 == 0) return std::nullopt;
    return select.size() % 3 == 1 ? "MAP(VARCHAR, INTEGER)" : "STRUCT(a INTEGER)[]";
  };
  if (const auto statement = athena::read_statement(text, options)) {
    TICKLAKE_ASSERT(statement->query.size() <=
                    athena::kGrowthMax * size + athena::kOutputBytesFree + kPrefixBytes);
  } else {
    TICKLAKE_ASSERT(!statement.error().name.empty());
  }
  TICKLAKE_ASSERT(!athena::error_of_duckdb(text, text).name.empty());
  static_cast<void>(athena::trino_type_name(text));
  return 0;
}
