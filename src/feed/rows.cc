#include "feed/rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include <fmt/format.h>

#include "feed/csv_rows.h"
#include "feed/json_rows.h"
#include "feed/parquet_rows.h"

namespace ticklake::feed {
namespace {

constexpr size_t kHeadBytes = 64 * 1024;
constexpr size_t kColumnsListedMax = 20;

base::Result<std::string> read_head(base::File& file) {
  std::string head(kHeadBytes, '\0');
  TICKLAKE_ASSIGN(const size_t size,
                  file.read_at(0, std::as_writable_bytes(std::span<char>(head))));
  head.resize(size);
  return head;
}

}  // namespace

void BadRows::add(uint64_t line, std::string reason, std::string_view text) {
  if (++count_ <= kKeptMax)
    first_.push_back({line, std::move(reason), std::string(text.substr(0, kTextBytesMax))});
}

std::optional<size_t> find_time_column(const std::vector<std::string>& names) {
  constexpr std::array<std::string_view, 13> kTimeNames = {
      "event_time", "timestamp",     "datetime",   "time",      "date", "ts",      "ts_event",
      "trade_time", "transact_time", "trade_date", "open_time", "unix", "gmt_time"};
  for (const std::string_view wanted : kTimeNames) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
      return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), [](char a, char b) {
        return (a == ' ' ? '_' : std::tolower(static_cast<unsigned char>(a))) == b;
      });
    });
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
  }
  return std::nullopt;
}

base::Error no_such_column(const base::Path& file, std::string_view flag, std::string_view column,
                           const std::vector<std::string>& names) {
  const size_t listed = std::min(names.size(), kColumnsListedMax);
  return {
      base::ErrorCode::kInvalidArgument,
      fmt::format("{} has no column '{}'", file.string(), column),
      fmt::format("its columns are {}{}",
                  fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(listed), ", "),
                  listed < names.size() ? ", …" : ""),
      fmt::format("give one of them to {}", flag), false};
}

base::Result<std::unique_ptr<RowSource>> open_rows(const RowOptions& options,
                                                   base::FileSystem& files) {
  auto opened = files.open(options.file, base::OpenMode::kRead);
  if (!opened) {
    base::Error error = std::move(opened).error();
    error.what = "cannot read " + options.file.string();
    return base::fail(std::move(error));
  }
  const std::shared_ptr<base::File> file = std::move(*opened);
  TICKLAKE_ASSIGN(const std::string head, read_head(*file));
  if (head.starts_with("PAR1")) return open_parquet_rows(options);
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    return base::fail(base::ErrorCode::kInvalidData, options.file.string() + " is UTF-16",
                      "it begins with a UTF-16 byte order mark",
                      "convert it: iconv -f UTF-16 -t UTF-8");
  }
  if (head.starts_with("\x1F\x8B")) {
    return base::fail(base::ErrorCode::kInvalidData, options.file.string() + " is compressed", {},
                      "unpack it first: gunzip " + options.file.string());
  }
  const size_t first = head.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    return base::fail(base::ErrorCode::kInvalidData, options.file.string() + " is empty",
                      "there is nothing to send", "give a file with rows in it");
  }
  if (head[first] == '{') return open_json_rows(options, file);
  if (head[first] == '[') {
    return base::fail(base::ErrorCode::kInvalidData,
                      options.file.string() + " is one JSON array, not JSON lines",
                      "it begins with '['", "put one object on each line: jq -c '.[]'");
  }
  return open_csv_rows(options, file, head);
}

}  // namespace ticklake::feed
