#pragma once

#include <span>
#include <string_view>

namespace ticklake::query::athena {

/// What stands behind CREATE MACRO athena.<name>: "(x) AS …", more overloads behind commas.
/// A first parameter named t2 is the second argument once more, from which DuckDB chooses the
/// overload, and t1 the first; the body uses it for nothing else, as DuckDB casts a parameter to
/// its declared type. No macro calls one of those: while a macro is made, its arguments have no
/// types.
struct Macro {
  std::string_view name;
  std::string_view definition;
};

std::span<const Macro> scalar_macros();
std::span<const Macro> collection_macros();

}  // namespace ticklake::query::athena
