#include "base/assert.h"
#include "table/json_object.h"
#include "table/row_builder.h"
#include "table/schema_inference.h"

using namespace ticklake;

namespace {

/// Every record that widening accepts fits the schema that it widened.
void take(table::JsonReader& reader, lake::Schema& schema, std::string_view text) {
  const lake::Schema before = schema;
  if (table::widen_schema(reader, text, schema)) {
    TICKLAKE_ASSERT(schema == before);
    return;
  }
  TICKLAKE_ASSERT(schema.columns.size() <= lake::kColumnsMax);
  table::RowBuilder builder(reader, schema);
  const table::RowOutcome outcome = builder.add({0, 0, 0, text}, 0);
  TICKLAKE_ASSERT(outcome == table::RowOutcome::kAdded);
  TICKLAKE_ASSERT(builder.rows() == 1);
}

}  // namespace

// Lines of records, one after the other into one schema.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  table::JsonReader reader;
  lake::Schema schema;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    take(reader, schema, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return 0;
}
