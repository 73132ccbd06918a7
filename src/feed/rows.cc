#include "feed/rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include <fmt/format.h>

#include "feed/csv_rows.h"
#include "feed/json_document.h"
#include "feed/json_rows.h"
#include "feed/parquet_rows.h"
#include "feed/unpack.h"
#include "feed/zip.h"

namespace ticklake::feed {
namespace {

constexpr size_t kHeadBytes = 64 * 1024;
constexpr size_t kColumnsListedMax = 20;
constexpr size_t kNamesListedBytes = 400;

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

void BadRows::add_all(const BadRows& rows, const std::string& name) {
  for (const BadRow& row : rows.first_)
    if (first_.size() < kKeptMax)
      first_.push_back({row.line, fmt::format("{}: {}", name, row.reason), row.text});
  count_ += rows.count_;
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

namespace {

struct Content {
  std::shared_ptr<base::File> file;
  std::string head;
  Packing packing = Packing::kNone;
};

base::Result<Content> open_member(const RowOptions& options, std::shared_ptr<base::File> zip) {
  const auto of_file = [&](base::Error error) {
    error.what = "cannot read " + options.name() + ": its " + error.what;
    return base::fail(std::move(error));
  };
  auto members = read_zip_directory(*zip);
  if (!members) return of_file(std::move(members).error());
  const ZipMember* chosen =
      members->size() == 1 && options.member.empty() ? members->data() : nullptr;
  std::string names;
  for (const ZipMember& member : *members) {
    if (member.name == options.member) chosen = &member;
    if (names.size() < kNamesListedBytes) names += (names.empty() ? "" : ", ") + member.name;
  }
  if (chosen == nullptr) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      options.member.empty()
                          ? options.file.string() + " holds more or less than one file"
                          : options.file.string() + " has no member '" + options.member + "'",
                      names.empty() ? "it is empty" : "its members are " + names,
                      "name one as " + options.file.string() + "/MEMBER");
  }
  auto opened = open_zip_member(zip, *chosen);
  if (!opened) return of_file(std::move(opened).error());
  Content content;
  content.packing = Packing::kZip;
  content.file = sequential_file(options.name(), [zip, member = *chosen]() -> ReadText {
    auto again = open_zip_member(zip, member);
    if (again) return std::move(*again);
    return [error = again.error()](std::span<char>) -> base::Result<size_t> {
      return base::fail(error);
    };
  });
  return content;
}

base::Result<Content> open_content(const RowOptions& options, base::FileSystem& files) {
  auto opened = files.open(options.file, base::OpenMode::kRead);
  if (!opened) {
    base::Error error = std::move(opened).error();
    error.what = "cannot read " + options.file.string();
    return base::fail(std::move(error));
  }
  const std::shared_ptr<base::File> file = std::move(*opened);
  TICKLAKE_ASSIGN(std::string head, read_head(*file));
  const Packing packing = packing_of(head);
  if (packing == Packing::kNone) return Content{file, std::move(head), packing};
  Content content;
  if (packing == Packing::kZip) {
    TICKLAKE_ASSIGN(content, open_member(options, file));
  } else {
    content.packing = packing;
    content.file = sequential_file(options.name(),
                                   [file, packing] { return unpack(read_file(file), packing); });
  }
  TICKLAKE_ASSIGN(content.head, read_head(*content.file));
  if (const Packing inner = packing_of(content.head); inner != Packing::kNone) {
    return base::fail(
        base::ErrorCode::kInvalidData, fmt::format("{} is packed twice", options.name()),
        fmt::format("{} within {}", packing_name(inner), packing_name(packing)), "unpack it once");
  }
  return content;
}

/// What is known by its first bytes and cannot be read.
std::optional<base::Error> refused(const std::string& name, const Content& content) {
  const auto refusal = [](std::string what, std::string cause, std::string advice) {
    return base::Error{base::ErrorCode::kInvalidData, std::move(what), std::move(cause),
                       std::move(advice), false};
  };
  const std::string_view head = content.head;
  if (head.starts_with("PAR1") && content.packing != Packing::kNone) {
    return refusal(name + " is Parquet within " + std::string(packing_name(content.packing)),
                   "Parquet is read from its end, and is compressed by itself", "unpack it first");
  }
  if (head.starts_with("ARROW1") || head.starts_with("FEA1") ||
      head.starts_with("\xFF\xFF\xFF\xFF")) {
    return refusal(
        name + " is Arrow IPC (Feather)", "Parquet is read, Arrow IPC is not",
        "write it as Parquet: python3 -c \"import pyarrow.feather as f, pyarrow.parquet as "
        "p; p.write_table(f.read_table('" +
            name + "'), 'rows.parquet')\"");
  }
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    return refusal(name + " is UTF-16", "it begins with a UTF-16 byte order mark",
                   "convert it: iconv -f UTF-16 -t UTF-8");
  }
  if (head.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return refusal(name + " is empty", "there is nothing to send", "give a file with rows in it");
  return std::nullopt;
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_rows(const RowOptions& options,
                                                   base::FileSystem& files) {
  TICKLAKE_ASSIGN(Content content, open_content(options, files));
  if (auto error = refused(options.name(), content)) return base::fail(std::move(*error));
  std::string_view text = content.head;
  if (text.starts_with("PAR1")) return open_parquet_rows(options);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '[')) {
    if (!options.json_path && text[first] == '{' && are_json_lines(text))
      return open_json_rows(options, content.file);
    return open_json_document(options,
                              [file = content.file] { return without_bom(read_file(file)); });
  }
  if (options.json_path) {
    return base::fail(base::ErrorCode::kInvalidArgument, options.name() + " is no JSON",
                      "--json-path is for JSON documents", "leave it out");
  }
  return open_csv_rows(options, content.file, content.head);
}

}  // namespace ticklake::feed
