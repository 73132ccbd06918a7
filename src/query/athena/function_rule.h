#pragma once

#include "query/athena/translator.h"

namespace ticklake::query::athena {

/// What becomes of a call of one of Trino's functions.
struct Translator::Rule {
  enum class Kind : uint8_t {
    kFunction,   ///< DuckDB's `target` does the same
    kMacro,      ///< our macro `target` does
    kAggregate,  ///< DuckDB's aggregate or window function `target`
    kHandler,
    kRefused,  ///< `target` says what it belongs to
  };
  static constexpr uint8_t kMany = 255;

  std::string_view name;
  uint8_t least;  ///< arguments
  uint8_t most;   ///< kMany: no bound
  Kind kind;
  std::string_view target;
  TypeKind type = TypeKind::kUnknown;
  Handler handler = nullptr;

  static constexpr Rule function(std::string_view name, uint8_t least, uint8_t most,
                                 std::string_view target, TypeKind type) {
    return {name, least, most, Kind::kFunction, target, type, nullptr};
  }
  static constexpr Rule macro(std::string_view name, uint8_t least, uint8_t most,
                              std::string_view target, TypeKind type) {
    return {name, least, most, Kind::kMacro, target, type, nullptr};
  }
  static constexpr Rule aggregate(std::string_view name, uint8_t least, uint8_t most,
                                  std::string_view target, TypeKind type) {
    return {name, least, most, Kind::kAggregate, target, type, nullptr};
  }
  static constexpr Rule handled(std::string_view name, uint8_t least, uint8_t most,
                                Handler handler) {
    return {name, least, most, Kind::kHandler, "", TypeKind::kUnknown, handler};
  }
  static constexpr Rule refused(std::string_view name, std::string_view what) {
    return {name, 0, kMany, Kind::kRefused, what, TypeKind::kUnknown, nullptr};
  }
};

}  // namespace ticklake::query::athena
