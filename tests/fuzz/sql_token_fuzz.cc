#include "base/assert.h"
#include "query/sql_token.h"

using namespace ticklake;

// Tokens stand in order, within the text, and none is empty.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  size_t end = 0;
  for (const query::Token& token : query::tokenize(sql)) {
    TICKLAKE_ASSERT(token.begin >= end && token.end > token.begin && token.end <= size);
    end = token.end;
    static_cast<void>(query::name_of(sql, token));
  }
  return 0;
}
