#include "query/athena/result.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "query/athena/native_functions.h"
#include "query/rows.h"

namespace ticklake::query::athena {
namespace {

constexpr int64_t kVarcharPrecision = 2'147'483'647;

/// A logical type, destroyed at the end of scope.
class LogicalType {
 public:
  explicit LogicalType(duckdb_logical_type type) : type_(type) {}
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  ~LogicalType() { duckdb_destroy_logical_type(&type_); }
  duckdb_logical_type get() const { return type_; }
  duckdb_type id() const { return duckdb_get_type_id(type_); }

 private:
  duckdb_logical_type type_;
};

std::string alias_of(duckdb_logical_type type) {
  char* alias = duckdb_logical_type_get_alias(type);
  std::string out = alias == nullptr ? "" : alias;
  duckdb_free(alias);
  return out;
}

struct Plain {
  duckdb_type id;
  const char* name;
  int64_t precision;
};
constexpr Plain kPlain[] = {{DUCKDB_TYPE_BOOLEAN, "boolean", 0},
                            {DUCKDB_TYPE_TINYINT, "tinyint", 3},
                            {DUCKDB_TYPE_SMALLINT, "smallint", 5},
                            {DUCKDB_TYPE_UTINYINT, "smallint", 5},
                            {DUCKDB_TYPE_INTEGER, "integer", 10},
                            {DUCKDB_TYPE_USMALLINT, "integer", 10},
                            {DUCKDB_TYPE_SQLNULL, "unknown", 0},
                            {DUCKDB_TYPE_BIGINT, "bigint", 19},
                            {DUCKDB_TYPE_UINTEGER, "bigint", 19},
                            {DUCKDB_TYPE_UBIGINT, "bigint", 19},
                            {DUCKDB_TYPE_HUGEINT, "bigint", 19},
                            {DUCKDB_TYPE_UHUGEINT, "bigint", 19},
                            {DUCKDB_TYPE_FLOAT, "float", 17},
                            {DUCKDB_TYPE_DOUBLE, "double", 17},
                            {DUCKDB_TYPE_VARCHAR, "varchar", kVarcharPrecision},
                            {DUCKDB_TYPE_ENUM, "varchar", kVarcharPrecision},
                            {DUCKDB_TYPE_UUID, "varchar", kVarcharPrecision},
                            {DUCKDB_TYPE_BLOB, "varbinary", 1'073'741'824},
                            {DUCKDB_TYPE_DATE, "date", 0},
                            {DUCKDB_TYPE_TIME, "time", 3},
                            {DUCKDB_TYPE_TIMESTAMP, "timestamp", 3},
                            {DUCKDB_TYPE_TIMESTAMP_S, "timestamp", 3},
                            {DUCKDB_TYPE_TIMESTAMP_MS, "timestamp", 3},
                            {DUCKDB_TYPE_TIMESTAMP_NS, "timestamp", 3},
                            {DUCKDB_TYPE_TIMESTAMP_TZ, "timestamp with time zone", 3},
                            {DUCKDB_TYPE_INTERVAL, "interval day to second", 0},
                            {DUCKDB_TYPE_LIST, "array", 0},
                            {DUCKDB_TYPE_ARRAY, "array", 0},
                            {DUCKDB_TYPE_MAP, "map", 0},
                            {DUCKDB_TYPE_STRUCT, "row", 0}};

std::string full_type_name(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (alias_of(type) == "JSON") return "json";
  if (id == DUCKDB_TYPE_DECIMAL) {
    return fmt::format("decimal({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
  }
  if (id == DUCKDB_TYPE_LIST) {
    const LogicalType child(duckdb_list_type_child_type(type));
    return "array(" + full_type_name(child.get()) + ")";
  }
  if (id == DUCKDB_TYPE_ARRAY) {
    const LogicalType child(duckdb_array_type_child_type(type));
    return "array(" + full_type_name(child.get()) + ")";
  }
  if (id == DUCKDB_TYPE_MAP) {
    const LogicalType key(duckdb_map_type_key_type(type));
    const LogicalType value(duckdb_map_type_value_type(type));
    return "map(" + full_type_name(key.get()) + ", " + full_type_name(value.get()) + ")";
  }
  if (id == DUCKDB_TYPE_STRUCT) {
    std::string fields;
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
      const LogicalType child(duckdb_struct_type_child_type(type, i));
      char* name = duckdb_struct_type_child_name(type, i);
      const std::string label = name == nullptr || *name == '\0' ? "" : std::string(name) + " ";
      fields += (i > 0 ? ", " : "") + label + full_type_name(child.get());
      duckdb_free(name);
    }
    return "row(" + fields + ")";
  }
  for (const Plain& plain : kPlain) {
    if (plain.id == id) return id == DUCKDB_TYPE_FLOAT ? "real" : plain.name;
  }
  return "varchar";
}

std::string clock_text(int64_t micros_of_day) {
  const int64_t seconds = micros_of_day / 1'000'000;
  const int64_t micros = micros_of_day % 1'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60,
                                 seconds % 60, micros / 1000);
  if (micros % 1000 != 0) text += fmt::format("{:03}", micros % 1000);
  return text;
}

std::string date_text(int32_t days) {
  const duckdb_date_struct parts = duckdb_from_date({days});
  return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
}

std::string timestamp_text(int64_t micros) {
  constexpr int64_t kDay = 86'400'000'000;
  const int64_t days = micros >= 0 ? micros / kDay : -((kDay - 1 - micros) / kDay);
  return date_text(static_cast<int32_t>(days)) + " " + clock_text(micros - days * kDay);
}

/// 3-5 for years and months, 2 03:00:00.000 for days and what is smaller.
std::string interval_text(duckdb_interval interval) {
  constexpr int64_t kDay = 86'400'000'000;
  if (interval.months != 0) {
    const int64_t months = std::abs(static_cast<int64_t>(interval.months));
    return fmt::format("{}{}-{}", interval.months < 0 ? "-" : "", months / 12, months % 12);
  }
  const int64_t micros = interval.days * kDay + interval.micros;
  const int64_t size = std::abs(micros);
  return fmt::format("{}{} {}", micros < 0 ? "-" : "", size / kDay, clock_text(size % kDay));
}

std::string bytes_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes)
    out += fmt::format("{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned char>(c));
  return out;
}

std::string text_or_null(duckdb_vector vector, uint64_t row) {
  return value_text(vector, row).value_or("null");
}

template <typename T>
const T& at(duckdb_vector vector, uint64_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

std::string list_text(duckdb_vector vector, uint64_t row) {
  const auto entry = at<duckdb_list_entry>(vector, row);
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  std::string text = "[";
  for (uint64_t i = 0; i < entry.length; ++i)
    text += (i > 0 ? ", " : "") + text_or_null(child, entry.offset + i);
  return text + "]";
}

std::string map_text(duckdb_vector vector, uint64_t row) {
  const auto entry = at<duckdb_list_entry>(vector, row);
  duckdb_vector entries = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
  std::string text = "{";
  for (uint64_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    text += (i > entry.offset ? ", " : "") + text_or_null(keys, i) + "=" + text_or_null(values, i);
  }
  return text + "}";
}

std::string row_text(duckdb_vector vector, duckdb_logical_type type, uint64_t row) {
  std::string text = "{";
  for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
    char* name = duckdb_struct_type_child_name(type, i);
    const std::string label =
        name == nullptr || *name == '\0' ? "field" + std::to_string(i) : std::string(name);
    duckdb_free(name);
    text += (i > 0 ? ", " : "") + label + "=" +
            text_or_null(duckdb_struct_vector_get_child(vector, i), row);
  }
  return text + "}";
}

std::string uuid_text(duckdb_hugeint value) {
  const uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
  const std::string digits = fmt::format("{:016x}{:016x}", upper, value.lower);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

std::string enum_text(duckdb_vector vector, duckdb_logical_type type, uint64_t row) {
  uint64_t index = 0;
  switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT: index = at<uint8_t>(vector, row); break;
    case DUCKDB_TYPE_USMALLINT: index = at<uint16_t>(vector, row); break;
    default: index = at<uint32_t>(vector, row);
  }
  char* value = duckdb_enum_dictionary_value(type, index);
  std::string text = value;
  duckdb_free(value);
  return text;
}

std::optional<std::string> typed_text(duckdb_vector vector, duckdb_logical_type type,
                                      duckdb_type id, uint64_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return std::nullopt;
  switch (id) {
    case DUCKDB_TYPE_FLOAT: return java_text(at<float>(vector, row));
    case DUCKDB_TYPE_DOUBLE: return java_text(at<double>(vector, row));
    case DUCKDB_TYPE_DATE: return date_text(at<duckdb_date>(vector, row).days);
    case DUCKDB_TYPE_TIME: return clock_text(at<duckdb_time>(vector, row).micros);
    case DUCKDB_TYPE_TIMESTAMP: return timestamp_text(at<int64_t>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP_S: return timestamp_text(at<int64_t>(vector, row) * 1'000'000);
    case DUCKDB_TYPE_TIMESTAMP_MS: return timestamp_text(at<int64_t>(vector, row) * 1'000);
    case DUCKDB_TYPE_TIMESTAMP_NS: return timestamp_text(at<int64_t>(vector, row) / 1'000);
    case DUCKDB_TYPE_TIMESTAMP_TZ: return timestamp_text(at<int64_t>(vector, row)) + " UTC";
    case DUCKDB_TYPE_INTERVAL: return interval_text(at<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_LIST: return list_text(vector, row);
    case DUCKDB_TYPE_MAP: return map_text(vector, row);
    case DUCKDB_TYPE_STRUCT: return row_text(vector, type, row);
    case DUCKDB_TYPE_UUID: return uuid_text(at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_ENUM: return enum_text(vector, type, row);
    case DUCKDB_TYPE_BLOB: {
      auto bytes = at<duckdb_string_t>(vector, row);
      return bytes_text({duckdb_string_t_data(&bytes), duckdb_string_t_length(bytes)});
    }
    default: return is_printed(id) ? printed_text(vector, row) : std::string("?");
  }
}

}  // namespace

ColumnInfo column_info(std::string name, duckdb_logical_type type) {
  ColumnInfo info;
  info.name = std::move(name);
  info.full_type = full_type_name(type);
  const duckdb_type id = duckdb_get_type_id(type);
  if (info.full_type == "json") {
    info.type = "json";
    return info;
  }
  if (id == DUCKDB_TYPE_DECIMAL) {
    info.type = "decimal";
    info.precision = duckdb_decimal_width(type);
    info.scale = duckdb_decimal_scale(type);
    return info;
  }
  for (const Plain& plain : kPlain) {
    if (plain.id != id) continue;
    info.type = plain.name;
    info.precision = plain.precision;
  }
  if (info.type.empty()) info.type = "varchar";
  return info;
}

std::optional<std::string> value_text(duckdb_vector vector, uint64_t row) {
  const LogicalType type(duckdb_vector_get_column_type(vector));
  return typed_text(vector, type.get(), type.id(), row);
}

base::Result<uint64_t> append_rows(duckdb_data_chunk chunk, uint64_t begin, uint64_t end,
                                   RowBlock& into) {
  const idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  std::vector<std::unique_ptr<LogicalType>> types;
  for (idx_t i = 0; i < columns; ++i) {
    types.push_back(std::make_unique<LogicalType>(
        duckdb_vector_get_column_type(duckdb_data_chunk_get_vector(chunk, i))));
  }
  uint64_t row = begin;
  while (row < end) {
    uint64_t row_bytes = 0;
    for (idx_t i = 0; i < columns; ++i) {
      const auto text =
          typed_text(duckdb_data_chunk_get_vector(chunk, i), types[i]->get(), types[i]->id(), row);
      row_bytes += text ? text->size() : 0;
      if (row_bytes > kRowBytesMax) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "EXCEEDED_ROW_LIMIT: a row of the result is too large", "",
                          "select fewer or shorter columns");
      }
      into.append(text);
    }
    ++row;
    if (into.bytes() >= kBlockBytesMax) break;
  }
  return row;
}

}  // namespace ticklake::query::athena
