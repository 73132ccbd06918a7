#include "query/rows.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"

namespace ticklake::query {
namespace {

__extension__ typedef unsigned __int128 Uint128;  // HUGEINT is as wide

std::string int128_text(Uint128 value, bool negative) {
  char digits[40];
  size_t at = sizeof digits;
  do {
    digits[--at] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  if (negative) digits[--at] = '-';
  return std::string(digits + at, sizeof digits - at);
}

std::string hugeint_text(duckdb_hugeint value) {
  auto bits = (static_cast<Uint128>(static_cast<uint64_t>(value.upper)) << 64) |
              static_cast<Uint128>(value.lower);
  const bool negative = value.upper < 0;
  if (negative) bits = ~bits + 1;
  return int128_text(bits, negative);
}

/// An integer of hundredths (and so on) with its point: (-5, 2) is -0.05.
std::string scaled_text(std::string digits, uint8_t scale) {
  if (scale == 0) return digits;
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

template <typename Float>
std::string float_text(Float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string date_text(duckdb_date date) {
  if (!duckdb_is_finite_date(date)) return date.days > 0 ? "infinity" : "-infinity";
  const duckdb_date_struct parts = duckdb_from_date(date);
  if (parts.year < 1) {
    return fmt::format("{:04}-{:02}-{:02} (BC)", 1 - parts.year, parts.month, parts.day);
  }
  return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
}

std::string timestamp_text(duckdb_timestamp timestamp) {
  if (!duckdb_is_finite_timestamp(timestamp))
    return timestamp.micros > 0 ? "infinity" : "-infinity";
  const duckdb_timestamp_struct parts = duckdb_from_timestamp(timestamp);
  const duckdb_time_struct time = parts.time;
  std::string text = date_text(duckdb_to_date(parts.date));
  text += fmt::format(" {:02}:{:02}:{:02}", time.hour, time.min, time.sec);
  if (time.micros != 0) {
    text += fmt::format(".{:06}", time.micros);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

/// One column of a chunk: finds the printer once, then prints row by row.
class Printer {
 public:
  explicit Printer(duckdb_vector vector)
      : data_(duckdb_vector_get_data(vector)), validity_(duckdb_vector_get_validity(vector)) {
    duckdb_logical_type type = duckdb_vector_get_column_type(vector);
    type_ = duckdb_get_type_id(type);
    if (type_ == DUCKDB_TYPE_DECIMAL) {
      scale_ = duckdb_decimal_scale(type);
      type_ = duckdb_decimal_internal_type(type);
    }
    duckdb_destroy_logical_type(&type);
  }

  /// The length of a text; 0 for all other types, which are short.
  uint64_t text_bytes(uint64_t row) const {
    if (type_ != DUCKDB_TYPE_VARCHAR || is_null(row)) return 0;
    return duckdb_string_t_length(static_cast<duckdb_string_t*>(data_)[row]);
  }

  void print(uint64_t row, RowBlock& into) const {
    if (is_null(row)) {
      into.append(std::nullopt);
    } else if (type_ == DUCKDB_TYPE_VARCHAR) {
      duckdb_string_t& text = static_cast<duckdb_string_t*>(data_)[row];
      into.append(std::string_view(duckdb_string_t_data(&text), duckdb_string_t_length(text)));
    } else {
      into.append(scaled_text(text_of(row), scale_));
    }
  }

 private:
  bool is_null(uint64_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }

  template <typename T>
  const T& at(uint64_t row) const {
    return static_cast<const T*>(data_)[row];
  }

  std::string text_of(uint64_t row) const {
    switch (type_) {
      case DUCKDB_TYPE_BOOLEAN: return at<bool>(row) ? "true" : "false";
      case DUCKDB_TYPE_TINYINT: return std::to_string(at<int8_t>(row));
      case DUCKDB_TYPE_SMALLINT: return std::to_string(at<int16_t>(row));
      case DUCKDB_TYPE_INTEGER: return std::to_string(at<int32_t>(row));
      case DUCKDB_TYPE_BIGINT: return std::to_string(at<int64_t>(row));
      case DUCKDB_TYPE_UTINYINT: return std::to_string(at<uint8_t>(row));
      case DUCKDB_TYPE_USMALLINT: return std::to_string(at<uint16_t>(row));
      case DUCKDB_TYPE_UINTEGER: return std::to_string(at<uint32_t>(row));
      case DUCKDB_TYPE_UBIGINT: return std::to_string(at<uint64_t>(row));
      case DUCKDB_TYPE_HUGEINT: return hugeint_text(at<duckdb_hugeint>(row));
      case DUCKDB_TYPE_UHUGEINT: {
        const auto& value = at<duckdb_uhugeint>(row);
        return int128_text((static_cast<Uint128>(value.upper) << 64) | value.lower, false);
      }
      case DUCKDB_TYPE_FLOAT: return float_text(at<float>(row));
      case DUCKDB_TYPE_DOUBLE: return float_text(at<double>(row));
      case DUCKDB_TYPE_DATE: return date_text(at<duckdb_date>(row));
      case DUCKDB_TYPE_TIMESTAMP: return timestamp_text(at<duckdb_timestamp>(row));
      default: TICKLAKE_ASSERT(false && "a column whose type is not is_printed()");
    }
    return {};
  }

  void* data_;
  uint64_t* validity_;
  duckdb_type type_;
  uint8_t scale_ = 0;
};

base::Error row_too_large(uint64_t bytes) {
  return {base::ErrorCode::kInvalidArgument, "a row of the answer is too large",
          fmt::format("{} bytes or more; a row holds at most {} MiB", bytes, kRowBytesMax >> 20),
          "ask for a part of it, for example left(text, 1000) or list[1:100]", false};
}

const char* plain_type_name(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_ENUM: return "ENUM";
    case DUCKDB_TYPE_UNION: return "UNION";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_SQLNULL: return "NULL";
    default: return "VARCHAR";
  }
}

}  // namespace

bool is_printed(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_VARCHAR: return true;
    default: return false;
  }
}

ValueKind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return ValueKind::kBoolean;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return ValueKind::kFloat;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL: return ValueKind::kInteger;
    default: return ValueKind::kText;
  }
}

ValueKind kind_of_name(std::string_view type) {
  std::string name(type.substr(0, type.find('(')));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  static constexpr const char* kIntegers[] = {"TINYINT", "SMALLINT", "INTEGER",   "INT",
                                              "BIGINT",  "UTINYINT", "USMALLINT", "UINTEGER",
                                              "UBIGINT", "HUGEINT",  "UHUGEINT",  "DECIMAL"};
  if (name == "DOUBLE" || name == "FLOAT" || name == "REAL") return ValueKind::kFloat;
  if (name == "BOOLEAN") return ValueKind::kBoolean;
  if (name == "JSON") return ValueKind::kJson;
  const bool is_integer =
      std::find(std::begin(kIntegers), std::end(kIntegers), name) != std::end(kIntegers);
  // A list of decimals, DECIMAL(18,3)[], is none.
  return is_integer && !type.ends_with(']') ? ValueKind::kInteger : ValueKind::kText;
}

std::string type_name(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) {
    return fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
  }
  if (id == DUCKDB_TYPE_LIST || id == DUCKDB_TYPE_ARRAY) {
    duckdb_logical_type child = id == DUCKDB_TYPE_LIST ? duckdb_list_type_child_type(type)
                                                       : duckdb_array_type_child_type(type);
    std::string name = type_name(child) + "[]";
    duckdb_destroy_logical_type(&child);
    return name;
  }
  if (id == DUCKDB_TYPE_STRUCT) return "STRUCT";
  if (id == DUCKDB_TYPE_MAP) return "MAP";
  return plain_type_name(id);
}

std::string printed_text(duckdb_vector vector, uint64_t row) {
  RowBlock block(1);
  Printer(vector).print(row, block);
  return std::string(block.cell(0, 0).value_or(""));
}

base::Result<uint64_t> append_rows(duckdb_data_chunk chunk, uint64_t begin, uint64_t end,
                                   RowBlock& into) {
  std::vector<Printer> printers;
  for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
    printers.emplace_back(duckdb_data_chunk_get_vector(chunk, i));
  }
  uint64_t row = begin;
  while (row < end) {
    uint64_t row_bytes = 0;
    for (const Printer& printer : printers) {
      row_bytes += printer.text_bytes(row);
      if (row_bytes > kRowBytesMax) return tl::unexpected(row_too_large(row_bytes));
      printer.print(row, into);
    }
    ++row;
    if (into.bytes() >= kBlockBytesMax) break;
  }
  return row;
}

}  // namespace ticklake::query
