#include "query/executions/scanned_bytes.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "query/sql_token.h"

namespace ticklake::query::executions {
namespace {

using nlohmann::json;

/// Files that are asked for the sizes of their columns; more are taken to be like these. Those of
/// one sink are alike.
constexpr size_t kAskedFilesMax = 256;
constexpr size_t kAskedLiveFilesMax = 8;

struct Scan {
  TableFormat::Kind format = TableFormat::Kind::kParquet;
  std::vector<std::string> columns = {};
  uint64_t files = 0;  ///< that are read, of `files_all`; 0 where the plan does not say
  uint64_t files_all = 0;
};

std::optional<TableFormat::Kind> format_of(const std::string& name) {
  if (name.find("PARQUET") != std::string::npos) return TableFormat::Kind::kParquet;
  if (name.find("JSON") != std::string::npos) return TableFormat::Kind::kJson;
  if (name.find("CSV") != std::string::npos) return TableFormat::Kind::kDelimited;
  return std::nullopt;
}

std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Scan scan_of(TableFormat::Kind format, const json& extra) {
  Scan scan{.format = format};
  const auto projections = extra.find("Projections");
  if (projections != extra.end() && projections->is_array()) {
    for (const json& name : *projections) {
      if (name.is_string()) scan.columns.push_back(to_lower(name.get<std::string>()));
    }
  } else if (const std::string one = text_at(extra, "Projections"); !one.empty()) {
    scan.columns.push_back(to_lower(one));
  }
  const std::string files = text_at(extra, "Scanning Files");
  const char* const end = files.data() + files.size();
  const auto read = std::from_chars(files.data(), end, scan.files);
  if (read.ptr != end && *read.ptr == '/') std::from_chars(read.ptr + 1, end, scan.files_all);
  return scan;
}

void collect(const json& node, std::vector<Scan>& scans) {
  if (node.is_array()) {
    for (const json& each : node)
      collect(each, scans);
    return;
  }
  if (!node.is_object()) return;
  const auto format = format_of(text_at(node, "name"));
  if (format && node.contains("extra_info") && node["extra_info"].is_object()) {
    scans.push_back(scan_of(*format, node["extra_info"]));
  }
  if (node.contains("children")) collect(node["children"], scans);
}

/// The source that a scan reads: one of its format and number of files, if that can be told.
const TableSource* source_of(const Scan& scan, const std::vector<TableSource>& sources,
                             std::vector<bool>& used) {
  std::optional<size_t> chosen;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].format != scan.format) continue;
    const bool is_counted = scan.files_all > 0 && !sources[i].is_live;
    if (is_counted && scan.files_all != sources[i].files.size()) continue;
    if (!chosen || (used[*chosen] && !used[i])) chosen = i;
  }
  if (!chosen) return nullptr;
  used[*chosen] = true;
  return &sources[*chosen];
}

uint64_t share(uint64_t bytes, uint64_t part, uint64_t whole) {
  if (whole == 0) return bytes;
  return static_cast<uint64_t>(static_cast<double>(bytes) * static_cast<double>(part) /
                               static_cast<double>(whole));
}

uint64_t parquet_bytes(const Scan& scan, const TableSource& source,
                       const ColumnBytes& column_bytes) {
  if (scan.columns.empty()) return 0;
  const size_t asked_max = source.is_live ? kAskedLiveFilesMax : kAskedFilesMax;
  std::vector<base::Path> asked;
  for (size_t i = 0; i < std::min(asked_max, source.files.size()); ++i)
    asked.push_back(source.files[i]);
  uint64_t bytes = 0;
  for (const auto& [name, size] : column_bytes(asked)) {
    if (std::ranges::find(scan.columns, to_lower(name)) != scan.columns.end()) bytes += size;
  }
  bytes = share(bytes, source.files.size(), asked.size());
  return std::min(bytes, source.bytes);
}

}  // namespace

uint64_t scanned_bytes(std::string_view plan, const std::vector<TableSource>& sources,
                       const ColumnBytes& column_bytes) {
  if (sources.empty()) return 0;
  const auto parsed = json::parse(plan, nullptr, false);
  uint64_t bytes = 0;
  if (parsed.is_discarded()) {
    for (const TableSource& source : sources)
      bytes += source.bytes;
    return bytes;
  }
  std::vector<Scan> scans;
  collect(parsed, scans);
  std::vector<bool> used(sources.size());
  for (const Scan& scan : scans) {
    const TableSource* source = source_of(scan, sources, used);
    if (source == nullptr) continue;
    const uint64_t all = scan.format == TableFormat::Kind::kParquet
                             ? parquet_bytes(scan, *source, column_bytes)
                             : source->bytes;
    bytes += scan.files_all > 0 ? share(all, scan.files, scan.files_all) : all;
  }
  return bytes;
}

}  // namespace ticklake::query::executions
