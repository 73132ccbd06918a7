#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lake/boundary.h"

namespace ticklake::lake {

// Names of all that stands in a lake; the table of them is in docs/formats/lake.md.

/// Where everything that is not a table's data stands.
inline constexpr std::string_view kControlFolder = "_ticklake";

/// The SQL table and the lake folder of a topic: every character outside [A-Za-z0-9_] becomes '_'.
std::string table_name(std::string_view topic);

/// Whether the topic's records may become a table: not internal (`__…`), not a dead-letter topic,
/// and its table would not stand in our own folder.
bool is_sunk_topic(std::string_view topic);

/// One topic partition of one generation of a topic: what a chain of boundary records is about.
struct ChainId {
  std::string topic;
  std::string generation;  ///< the topic id as Kafka prints it; "0" where brokers have none
  int32_t partition = 0;

  bool operator==(const ChainId&) const = default;
  std::string table() const { return table_name(topic); }
  /// The folder of its records.
  std::string prefix() const;
  /// "trades/0", for messages.
  std::string text() const;
};

/// Key of the record that starts at `start`.
std::string record_key(const ChainId& chain, int64_t start);
/// Key of the times of the rows that the record at `start` covers.
std::string times_key(const ChainId& chain, int64_t start);
/// The start offset in a record's file name ("<20 digits>.json"); none for any other name.
std::optional<int64_t> parse_record_name(std::string_view name);

/// The `dt` of rows whose Kafka timestamp is no time of the years 1 to 9999: Hive's name for the
/// partition of those that have no value, which readers show as NULL.
inline constexpr std::string_view kNoDay = "__HIVE_DEFAULT_PARTITION__";

/// Key of the data file of [start, end) and day `dt`. `qualifier`, if not empty, keeps a topic's
/// second generation apart from its first, whose offsets are the same. The name of a long topic is
/// cut and ends in a hash of the whole, so that the file's name stays within 255 bytes.
std::string data_key(const ChainId& chain, std::string_view dt, int64_t start, int64_t end,
                     Encoding encoding, std::string_view qualifier = {});

}  // namespace ticklake::lake
