#include "table/row_builder.h"

#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "table/json_object.h"
#include "table/schema_inference.h"
#include "table/time_text.h"

namespace ticklake::table {
namespace {

using lake::ColumnType;
using simdjson::ondemand::json_type;

constexpr size_t kInlinedBytesMax = sizeof(duckdb_string_t::value.inlined.inlined);

duckdb_type duckdb_type_of(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean: return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::kBigint: return DUCKDB_TYPE_BIGINT;
    case ColumnType::kDouble: return DUCKDB_TYPE_DOUBLE;
    case ColumnType::kDate: return DUCKDB_TYPE_DATE;
    case ColumnType::kTimestamp: return DUCKDB_TYPE_TIMESTAMP;
    case ColumnType::kVarchar:
    case ColumnType::kOpen: return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_INVALID;
}

struct BuilderColumn {
  std::string key;
  /// The key can stand in a record only as it is: without quotes, backslashes and control
  /// characters, so that it may be compared with the text before the next quote.
  bool is_plain_key = true;
  ColumnType type = ColumnType::kOpen;
  duckdb_vector vector = nullptr;  ///< null for kOpen
  void* data = nullptr;
  uint64_t* validity = nullptr;  ///< null as long as all cells of the chunk are valid
  uint64_t written_row = ~uint64_t{0};

  void point_to(duckdb_vector of_chunk) {
    vector = of_chunk;
    data = duckdb_vector_get_data(vector);
    validity = nullptr;
  }
  void set_null(size_t row) {
    if (vector == nullptr) return;
    if (validity == nullptr) {
      duckdb_vector_ensure_validity_writable(vector);
      validity = duckdb_vector_get_validity(vector);
    }
    duckdb_validity_set_row_invalid(validity, row);
  }
  template <typename T>
  void set(size_t row, T value) {
    if (validity != nullptr) duckdb_validity_set_row_valid(validity, row);
    static_cast<T*>(data)[row] = value;
  }
  void set_time(size_t row, int64_t time_us) {
    if (time_us == kNoTime) return set_null(row);
    set<int64_t>(row, time_us);
  }
  void set_text(size_t row, std::string_view text) {
    if (validity != nullptr) duckdb_validity_set_row_valid(validity, row);
    if (text.size() > kInlinedBytesMax) {
      duckdb_vector_assign_string_element_len(vector, row, text.data(), text.size());
      return;
    }
    // The call would check again that it is UTF-8, which simdjson has.
    duckdb_string_t& cell = static_cast<duckdb_string_t*>(data)[row];
    cell = {};
    cell.value.inlined.length = static_cast<uint32_t>(text.size());
    std::memcpy(cell.value.inlined.inlined, text.data(), text.size());
  }
};

bool is_plain(std::string_view key) {
  for (const char c : key) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return false;
  }
  return true;
}

}  // namespace

size_t rows_of_first_record(std::span<const SourceRecord> records) {
  size_t count = 1;
  while (count < records.size() && records[count].is_of_the_same_record(records.front()))
    ++count;
  return count;
}

struct RowBuilder::State {
  JsonReader& reader;
  std::vector<BuilderColumn> columns;
  std::unordered_map<std::string, size_t> by_key;
  std::vector<size_t> predicted;  ///< column of the n-th member of the record before
  std::optional<size_t> event_column;
  duckdb_data_chunk chunk = nullptr;
  int32_t* partitions = nullptr;
  int64_t* offsets = nullptr;
  BuilderColumn event_times;
  BuilderColumn append_times;
  int64_t* visible_times = nullptr;
  size_t rows = 0;
  size_t rows_max = duckdb_vector_size();
  uint64_t row_number = 0;  ///< of all adds, so that an abandoned row leaves no trace
  std::string rejection;

  State(JsonReader& r, const lake::Schema& schema) : reader(r) {
    for (const lake::Column& column : schema.columns) {
      BuilderColumn& built = columns.emplace_back();
      built.key = column.key;
      built.is_plain_key = is_plain(column.key);
      built.type = column.type;
      by_key.emplace(column.key, columns.size() - 1);
    }
    event_column = event_time_column(schema);
    create_chunk();
    point_into_chunk();
  }

  void create_chunk() {
    std::vector<duckdb_logical_type> types;
    for (const duckdb_type type : {DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_TIMESTAMP,
                                   DUCKDB_TYPE_TIMESTAMP, DUCKDB_TYPE_TIMESTAMP}) {
      types.push_back(duckdb_create_logical_type(type));
    }
    for (const BuilderColumn& column : columns) {
      if (column.type != ColumnType::kOpen) {
        types.push_back(duckdb_create_logical_type(duckdb_type_of(column.type)));
      }
    }
    chunk = duckdb_create_data_chunk(types.data(), types.size());
    for (duckdb_logical_type& type : types)
      duckdb_destroy_logical_type(&type);
  }

  void point_into_chunk() {
    const auto data = [&](size_t column) {
      return duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column));
    };
    partitions = static_cast<int32_t*>(data(0));
    offsets = static_cast<int64_t*>(data(1));
    event_times.point_to(duckdb_data_chunk_get_vector(chunk, 2));
    append_times.point_to(duckdb_data_chunk_get_vector(chunk, 3));
    visible_times = static_cast<int64_t*>(data(4));
    size_t at = kSystemColumnCount;
    for (BuilderColumn& column : columns) {
      if (column.type == ColumnType::kOpen) continue;
      column.point_to(duckdb_data_chunk_get_vector(chunk, at++));
    }
  }

  RowOutcome reject(int error, std::string_view key = {}) {
    rejection = rejection_text(error, key);
    return RowOutcome::kRejected;
  }

  /// The column of the `index`-th member; none if its key is new.
  simdjson::simdjson_result<std::optional<size_t>> find_column(simdjson::ondemand::field& field,
                                                               size_t index) {
    if (index < predicted.size()) {
      const BuilderColumn& column = columns[predicted[index]];
      const char* raw = field.key().raw();
      const size_t size = column.key.size();
      if (column.is_plain_key && std::memcmp(raw, column.key.data(), size) == 0 &&
          raw[size] == '"') {
        return std::optional(predicted[index]);
      }
    }
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    const auto found = by_key.find(std::string(key));
    if (found == by_key.end()) return std::optional<size_t>();
    if (index < predicted.size()) {
      predicted[index] = found->second;
    } else if (index == predicted.size()) {
      predicted.push_back(found->second);
    }
    return std::optional(found->second);
  }

  /// What is not the plain case: null, a value that does not fit, or one that is not JSON.
  RowOutcome write_other(BuilderColumn& column, simdjson::ondemand::value& value) {
    Classified other;
    if (const auto error = classify(reader, value).get(other)) return reject(error, column.key);
    if (other.type == ColumnType::kOpen) {
      column.set_null(rows);
      return RowOutcome::kAdded;
    }
    if (column.type != ColumnType::kVarchar) return RowOutcome::kNoFit;
    column.set_text(rows, other.raw);
    return RowOutcome::kAdded;
  }

  /// Whether the plain case applied: a value of the column's own kind.
  bool write_plain(BuilderColumn& column, simdjson::ondemand::value& value) {
    switch (column.type) {
      case ColumnType::kOpen: return false;
      case ColumnType::kBoolean: {
        bool truth;
        if (value.get_bool().get(truth)) return false;
        column.set<bool>(rows, truth);
        return true;
      }
      case ColumnType::kBigint: {
        int64_t integer;
        if (value.get_int64().get(integer)) return false;
        column.set<int64_t>(rows, integer);
        return true;
      }
      case ColumnType::kDouble: {
        double real;
        if (value.get_double().get(real)) return false;
        column.set<double>(rows, real);
        return true;
      }
      default: return write_text(column, value);
    }
  }

  bool write_text(BuilderColumn& column, simdjson::ondemand::value& value) {
    json_type type;
    if (value.type().get(type) || type != json_type::string) return false;
    std::string_view text;
    if (value.get_string().get(text)) return false;
    if (column.type == ColumnType::kVarchar) {
      column.set_text(rows, text);
    } else if (column.type == ColumnType::kDate) {
      const auto day = parse_day(text);
      if (!day) return false;
      column.set<int32_t>(rows, *day);
    } else {
      const auto time = parse_timestamp(text);
      if (!time) return false;
      column.set<int64_t>(rows, *time);
    }
    return true;
  }

  RowOutcome write_members(std::string_view text) {
    simdjson::ondemand::object object;
    if (const auto error = reader.begin(text).get(object)) return reject(error);
    size_t index = 0;
    size_t written = 0;
    for (auto member : object) {
      simdjson::ondemand::field field;
      if (const auto error = std::move(member).get(field)) return reject(error);
      std::optional<size_t> at;
      if (const auto error = find_column(field, index++).get(at)) return reject(error);
      if (!at) return RowOutcome::kNoFit;
      BuilderColumn& column = columns[*at];
      if (!write_plain(column, field.value())) {
        const RowOutcome outcome = write_other(column, field.value());
        if (outcome != RowOutcome::kAdded) return outcome;
      }
      if (column.written_row != row_number) {
        column.written_row = row_number;
        ++written;
      }
    }
    if (const auto error = reader.finish()) return reject(error);
    if (written == columns.size()) return RowOutcome::kAdded;
    for (BuilderColumn& column : columns) {
      if (column.written_row != row_number) column.set_null(rows);
    }
    return RowOutcome::kAdded;
  }

  int64_t event_time(int64_t append_time_us) const {
    if (!event_column) return append_time_us;
    const BuilderColumn& column = columns[*event_column];
    if (column.validity != nullptr && !duckdb_validity_row_is_valid(column.validity, rows)) {
      return append_time_us;
    }
    if (column.type == ColumnType::kDate) {
      return static_cast<const int32_t*>(column.data)[rows] * kMicrosecondsPerDay;
    }
    return static_cast<const int64_t*>(column.data)[rows];
  }
};

RowBuilder::RowBuilder(JsonReader& reader, const lake::Schema& schema)
    : state_(std::make_unique<State>(reader, schema)) {}

RowBuilder::~RowBuilder() { duckdb_destroy_data_chunk(&state_->chunk); }

RowOutcome RowBuilder::add(const SourceRecord& record, int64_t visible_time_us) {
  State& state = *state_;
  if (state.rows == state.rows_max) return RowOutcome::kFull;
  ++state.row_number;
  const RowOutcome outcome = state.write_members(record.value);
  if (outcome != RowOutcome::kAdded) return outcome;
  state.partitions[state.rows] = record.partition;
  state.offsets[state.rows] = record.offset;
  state.event_times.set_time(state.rows, state.event_time(record.append_time_us));
  state.append_times.set_time(state.rows, record.append_time_us);
  state.visible_times[state.rows] = visible_time_us;
  ++state.rows;
  return RowOutcome::kAdded;
}

const std::string& RowBuilder::rejection() const { return state_->rejection; }
size_t RowBuilder::rows() const { return state_->rows; }

duckdb_data_chunk RowBuilder::finish_chunk() {
  duckdb_data_chunk_set_size(state_->chunk, state_->rows);
  return state_->chunk;
}

void RowBuilder::reset() {
  duckdb_data_chunk_reset(state_->chunk);
  state_->rows = 0;
  state_->point_into_chunk();
}

}  // namespace ticklake::table
