// Whatever a crawler finds in a file or a crawler's settings: nothing crashes, and a type that was
// inferred reads back as it is written.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "catalog/crawl_options.h"
#include "catalog/cron.h"
#include "catalog/file_probe.h"
#include "catalog/glob.h"

namespace {

using namespace ticklake::catalog;

void check(const FileProbe& probe) {
  TICKLAKE_ASSERT((probe.kind.format == FileFormat::kUnknown) == !probe.problem.empty());
  for (const HiveField& field : probe.fields) {
    const std::string text = field.type.text();
    TICKLAKE_ASSERT(parse_hive_type(text).text() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool is_whole = (data[0] & 1) != 0;
  const bool elements = (data[0] & 2) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool needs_more = false;
  check(probe_json({text, is_whole, elements}, needs_more));
  check(probe_csv(text, is_whole));
  static_cast<void>(parse_hive_type(text).text());
  static_cast<void>(Cron::parse(text));
  CrawlPolicy policy;
  static_cast<void>(apply_configuration(text, policy));
  const size_t half = text.size() / 2;
  if (half < 200) static_cast<void>(Glob(text.substr(0, half)).matches(text.substr(half)));
  return 0;
}
