#include "base/assert.h"
#include "market/table_spec.h"

using namespace ticklake;

// Columns that are read are read again as the same from the text that says them in full.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto columns = market::parse_columns(text);
  if (!columns) return 0;
  std::string again;
  for (const market::DeclaredColumn& column : *columns) {
    if (!again.empty()) again += ',';
    again += '"';
    for (const char c : column.name)
      again += c == '"' ? "\"\"" : std::string(1, c);
    again += "\" " + market::type_name(column.type);
  }
  const auto reread = market::parse_columns(again);
  TICKLAKE_ASSERT(reread && reread->size() == columns->size());
  for (size_t i = 0; i < columns->size(); ++i) {
    TICKLAKE_ASSERT((*reread)[i].name == (*columns)[i].name);
    TICKLAKE_ASSERT((*reread)[i].type == (*columns)[i].type);
  }
  static_cast<void>(market::check({std::move(*columns)}));
  return 0;
}
