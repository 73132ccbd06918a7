#include "lake/schema_chain.h"

#include <algorithm>

#include <fmt/format.h>

#include "lake/layout.h"
#include "lake/record_json.h"

namespace ticklake::lake {
namespace {

constexpr int64_t kFormat = 1;
constexpr uint64_t kBytesMax = 4 << 20;
/// Who loses so many races in a row is told so.
constexpr int kTriesMax = 100;

std::string schema_folder(std::string_view folder) {
  return fmt::format("{}/{}/schema", kControlFolder, folder);
}

std::string schema_key(std::string_view folder, int64_t version) {
  return fmt::format("{}/{:020}.json", schema_folder(folder), version);
}

}  // namespace

std::string schema_to_text(const Schema& schema) {
  return print_record({{"format", kFormat}, {"schema", schema_to_json(schema)}});
}

base::Result<Schema> parse_schema_text(std::string_view text) {
  TICKLAKE_ASSIGN(const RecordJson json, parse_record(text, kBytesMax));
  TICKLAKE_ASSIGN(const int64_t format, offset_member(json, "format"));
  if (format != kFormat) {
    return base::fail(base::ErrorCode::kUnsupported, "a record of the lake cannot be read",
                      fmt::format("its format is {}, this version knows {}", format, kFormat),
                      "use a newer version of ticklake");
  }
  TICKLAKE_ASSIGN(const RecordJson* const schema, object_member(json, "schema"));
  return parse_schema(*schema);
}

base::Result<Schema> read_schema(ObjectStore& store, std::string_view folder) {
  TICKLAKE_ASSIGN(const std::vector<std::string> names, store.list_names(schema_folder(folder)));
  int64_t newest = 0;
  for (const std::string& name : names)
    newest = std::max(newest, parse_record_name(name).value_or(0));
  if (newest == 0) return Schema{};
  const std::string key = schema_key(folder, newest);
  TICKLAKE_ASSIGN(const std::string text, store.get(key, kBytesMax));
  auto schema = parse_schema_text(text);
  if (!schema) return tl::unexpected(std::move(schema).error().within(key));
  schema->version = newest;
  return schema;
}

base::Result<Schema> agree_on_schema(ObjectStore& store, std::string_view folder,
                                     const Schema& known, const Schema& wanted) {
  for (int i = 0; i < kTriesMax; ++i) {
    TICKLAKE_ASSIGN(const Schema newest, read_schema(store, folder));
    Schema merged = newest;
    merge_schema(merged, known);
    merge_schema(merged, wanted);
    if (newest.version > 0 && merged == newest) return newest;
    merged.version = newest.version + 1;
    auto put = store.put_if_absent(schema_key(folder, merged.version), schema_to_text(merged));
    if (put) return merged;
    if (put.error().code != base::ErrorCode::kAlreadyExists) {
      return tl::unexpected(
          std::move(put).error().within(fmt::format("change the columns of {}", folder)));
    }
  }
  return base::fail({base::ErrorCode::kUnavailable,
                     fmt::format("cannot change the columns of {} just now", folder),
                     "others change them all the time",
                     {},
                     true});
}

base::Result<void> create_schema(ObjectStore& store, std::string_view folder, Schema schema) {
  TICKLAKE_ASSIGN(const Schema newest, read_schema(store, folder));
  if (!newest.columns.empty()) {
    return base::fail(base::ErrorCode::kAlreadyExists, fmt::format("the table {} is there", folder),
                      "the lake has columns of it", "ticklake table describe shows them");
  }
  schema.version = newest.version + 1;
  return store.put_if_absent(schema_key(folder, schema.version), schema_to_text(schema));
}

base::Result<void> drop_schema(ObjectStore& store, std::string_view folder) {
  TICKLAKE_ASSIGN(Schema schema, read_schema(store, folder));
  schema = Schema{schema.version + 1, {}};
  return store.put_if_absent(schema_key(folder, schema.version), schema_to_text(schema));
}

}  // namespace ticklake::lake
