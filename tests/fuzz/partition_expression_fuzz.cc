// Whatever a client filters partitions by: it is refused, or says yes or no to any partition.
#include <cstddef>
#include <cstdint>

#include "catalog/partition_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ticklake::catalog;
  static const std::vector<Column> keys{{.name = "dt", .type = "string"},
                                        {.name = "n", .type = "int"},
                                        {.name = "d", .type = "decimal(10,2)"}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = PartitionExpression::parse(text, keys);
  if (!expression) return 0;
  const std::vector<std::string> one{"2026-01-01", "7", "1.50"};
  const std::vector<std::string> other{"__HIVE_DEFAULT_PARTITION__", "x", ""};
  static_cast<void>(expression->matches(one));
  static_cast<void>(expression->matches(other));
  return 0;
}
