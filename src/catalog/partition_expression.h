#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"
#include "catalog/model.h"

namespace ticklake::catalog {

/// GetPartitions' filter: `dt > '2026-01-01' AND sym IN ('A', 'B')`. Operators: = <> != < <= > >=,
/// IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT, parentheses; a column and literals, in either order.
/// A column of Hive's integers, decimals and doubles compares as a number, any other as text (which
/// orders dates and times too). A value that is no number, and Hive's default partition, are NULL.
class PartitionExpression {
 public:
  static constexpr size_t kBytesMax = 2'048;  ///< Glue's own
  static constexpr size_t kDepthMax = 100;

  /// InvalidInputException for what does not parse, and for columns that are not among `keys`. An
  /// empty text lets everything through.
  static aws::Answer<PartitionExpression> parse(std::string_view text,
                                                std::span<const Column> keys);

  PartitionExpression(PartitionExpression&&) noexcept;
  PartitionExpression& operator=(PartitionExpression&&) noexcept;
  ~PartitionExpression();

  /// `values`: one for each of the keys that it was parsed with.
  bool matches(std::span<const std::string> values) const;

  struct Node;

 private:
  explicit PartitionExpression(std::unique_ptr<Node> root);

  std::unique_ptr<Node> root_;  ///< null: everything matches
};

}  // namespace ticklake::catalog
