#include "base/assert.h"
#include "lake/schema_chain.h"
#include "market/column_type.h"

using namespace ticklake;

// A version of a table's schema that reads is the same after it was written and read again, and
// holds all that it held once it is merged with itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto type = market::parse_type_name(text))
    TICKLAKE_ASSERT(market::parse_type_name(market::type_name(*type)) == type);
  const auto schema = lake::parse_schema_text(text);
  if (!schema) return 0;
  const auto again = lake::parse_schema_text(lake::schema_to_text(*schema));
  TICKLAKE_ASSERT(again && *again == *schema && again->version == schema->version);
  lake::Schema merged = *schema;
  lake::merge_schema(merged, *schema);
  TICKLAKE_ASSERT(merged.columns.size() == schema->columns.size());
  return 0;
}
