#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"

namespace ticklake::catalog {

struct HiveField;

/// A type of Hive's as a value, and what is known while it is still being inferred.
class HiveType {
 public:
  enum class Kind : uint8_t {
    kNull,  ///< only nulls were seen
    kBoolean,
    kInt,
    kBigint,
    kDouble,
    kDate,
    kTimestamp,
    kString,
    kNamed,  ///< any other scalar, as its text says: `decimal(10,2)`, `binary`
    kArray,
    kMap,
    kStruct,
  };

  HiveType();
  HiveType(Kind kind);  // NOLINT(google-explicit-constructor): it is one
  static HiveType named(std::string text);
  static HiveType array(HiveType element);
  static HiveType map(HiveType key, HiveType value);
  static HiveType structure(std::vector<HiveField> fields);

  Kind kind() const { return kind_; }
  const std::vector<HiveField>& fields() const { return fields_; }
  /// As the catalog has it. What was only null, or has no members, is `string`.
  std::string text() const;

  /// The narrowest type that has room for both: null < int < bigint < double < string; a boolean
  /// with anything else is a string, a date with a timestamp a timestamp; arrays, maps and structs
  /// merge member by member; anything else that differs is a string.
  void merge(const HiveType& other);
  /// Whether merge() keeps what either is: it ends as no string that it was not.
  bool is_similar(const HiveType& other) const;

  bool operator==(const HiveType& other) const;

 private:
  friend class HiveTypeParser;

  Kind kind_ = Kind::kNull;
  std::string text_;               ///< of kNamed
  std::vector<HiveField> fields_;  ///< of a struct; an array's element; a map's key and value
};

struct HiveField {
  std::string name;
  HiveType type = {};

  bool operator==(const HiveField&) const = default;
};

/// Adds fields by name; those of `other` that are new come last.
void merge_fields(std::vector<HiveField>& fields, const std::vector<HiveField>& other);

/// The reverse of text(), as far as it goes: what does not parse is kNamed.
HiveType parse_hive_type(std::string_view text);

std::vector<Column> to_columns(const std::vector<HiveField>& fields);

/// How much of two schemas is the same: at least more than 7 in 10 of the fields of the smaller one
/// are in the other, with a similar type, and those are 3 in 10 of the larger one.
bool is_similar(const std::vector<HiveField>& a, const std::vector<HiveField>& b);

}  // namespace ticklake::catalog
