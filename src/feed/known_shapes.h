#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::feed {

/// A public file that many people have, by its documented layout.
struct KnownShape {
  std::string_view name;    ///< for example "binance-klines"
  std::string_view source;  ///< who publishes it
  /// The names in its first line, or those that are given to it where it has none, with commas
  /// between them.
  std::string_view columns;
  /// Of a file without names, what each column holds: i integer, n number, b boolean, d date,
  /// h time of day, t date and time in one, e seconds since 1970. Empty: its first line has the
  /// names.
  std::string_view kinds = {};
  /// As --time-format; empty where the values tell.
  std::string_view time_format = {};
  /// As --time-column; empty where names and values tell; "-" for none.
  std::string_view time_column = {};
  std::chrono::minutes offset{0};  ///< of its times, east of UTC
};

std::span<const KnownShape> known_shapes();

/// The shape whose first line these names are, in this order; null if there is none.
const KnownShape* shape_of_names(const std::vector<std::string>& names);
/// The shape without names that fits the first rows; null if none does. Rows are fields as text.
const KnownShape* shape_of_rows(const std::vector<std::vector<std::string>>& rows);

}  // namespace ticklake::feed
