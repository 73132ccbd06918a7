#include "base/assert.h"
#include "query/executions/hive_type.h"

using namespace ticklake;
using namespace ticklake::query::executions;

// A type that is read says itself again in both spellings.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto type = parse_hive_type(text);
  if (!type) return 0;
  TICKLAKE_ASSERT(!to_duckdb(*type).empty());
  const bool has_odd_names =
      text.find('"') != std::string_view::npos || text.find('`') != std::string_view::npos;
  if (has_odd_names) return 0;
  const auto hive = parse_hive_type(to_hive(*type));
  TICKLAKE_ASSERT(hive && *hive == *type);
  const auto trino = parse_hive_type(to_trino(*type));
  TICKLAKE_ASSERT(trino && *trino == *type);
  return 0;
}
