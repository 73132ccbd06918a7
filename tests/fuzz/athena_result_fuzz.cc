#include "base/assert.h"
#include "query/executions/result_text.h"

using namespace ticklake;
using namespace ticklake::query::executions;

// A result file gives the same rows whether it comes whole or byte by byte, never more than asked.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto form : {ResultReader::Form::kCsv, ResultReader::Form::kLines}) {
    ResultReader whole(form, 3);
    whole.take(text);
    whole.finish();
    ResultReader pieces(form, 3);
    for (size_t i = 0; i < size; ++i)
      pieces.take(text.substr(i, 1));
    pieces.finish();
    TICKLAKE_ASSERT(whole.rows() == pieces.rows() && whole.rows().size() <= 3);
    TICKLAKE_ASSERT(whole.taken() == pieces.taken() && whole.taken() <= size);
  }
  return 0;
}
