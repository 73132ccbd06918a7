#include "cli/feed_inspect.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "feed/known_shapes.h"

namespace ticklake::cli {
namespace {

constexpr size_t kRowsShown = 5;
constexpr size_t kLineBytes = 78;

/// The text in lines of a terminal, behind a margin.
void print_wrapped(std::string_view label, std::string_view text) {
  constexpr size_t kMargin = 17;
  std::string line = fmt::format("{:<{}}", label, kMargin);
  while (line.size() + text.size() > kLineBytes) {
    size_t cut = text.rfind(' ', kLineBytes - line.size());
    if (cut == std::string_view::npos || cut == 0) cut = text.find(' ');
    if (cut == std::string_view::npos) break;
    fmt::print("{}{}\n", line, text.substr(0, cut));
    text.remove_prefix(cut + 1);
    line = std::string(kMargin, ' ');
  }
  fmt::print("{}{}\n", line, text);
}

}  // namespace

std::string one_line(const std::vector<feed::Finding>& findings) {
  std::string line;
  for (const feed::Finding& finding : findings) {
    if (finding.subject.ends_with(" columns")) continue;
    line += fmt::format("{}{}: {}", line.empty() ? "" : "; ", finding.subject, finding.found);
  }
  return line;
}

base::Result<void> inspect_feed_file(const feed::RowOptions& options, bool as_json) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const auto rows, feed::open_rows(options, files));
  std::vector<std::string> first;
  feed::Row row;
  while (first.size() < kRowsShown) {
    TICKLAKE_ASSIGN(const bool found, rows->next(row));
    if (!found) break;
    first.emplace_back(row.json);
  }
  const auto bad = rows->counts().bad;
  if (first.empty()) {
    return base::fail(base::ErrorCode::kInvalidData,
                      options.file.string() + " has no row that could be sent",
                      bad.first().empty()
                          ? "it has none at all"
                          : fmt::format("line {}: {}", bad.first()[0].line, bad.first()[0].reason),
                      "give a file with rows in it");
  }
  if (as_json) {
    nlohmann::ordered_json json;
    json["file"] = options.file.string();
    json["findings"] = nlohmann::ordered_json::array();
    for (const feed::Finding& f : rows->findings())
      json["findings"].push_back(
          {{"subject", f.subject}, {"found", f.found}, {"why", f.why}, {"flag", f.flag}});
    json["rows"] = first;
    json["bad_rows"] = bad.count();
    fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return {};
  }
  for (const feed::Finding& finding : rows->findings()) {
    print_wrapped(finding.subject, finding.found);
    std::string why = finding.why;
    if (!finding.flag.empty())
      why += fmt::format("{}to change it: {}", why.empty() ? "" : "; ", finding.flag);
    if (!why.empty()) print_wrapped("", fmt::format("({})", why));
  }
  fmt::print("\n{} as they will be sent:\n", first.size() == 1 ? "row" : "first rows");
  for (const std::string& json : first)
    fmt::print("{}\n", json);
  for (const feed::BadRow& wrong : bad.first())
    fmt::print(stderr, "bad row, left out: line {}: {}\n", wrong.line, wrong.reason);
  return {};
}

base::Result<void> list_feed_formats(bool as_json) {
  const auto print = [&](std::string_view name, std::string_view source, std::string_view columns) {
    if (as_json) {
      fmt::print("{}\n",
                 nlohmann::ordered_json({{"name", name}, {"source", source}, {"columns", columns}})
                     .dump());
      return;
    }
    fmt::print("{}\n  {}\n", name, source);
    print_wrapped("  columns", columns);
  };
  print("yfinance", "yfinance's to_csv(), of one ticker or several: three lines of names",
        "Date, then Close, High, Low, Open, Volume, in any order");
  for (const feed::KnownShape& shape : feed::known_shapes())
    print(shape.name, shape.source, std::string(shape.columns));
  return {};
}

}  // namespace ticklake::cli
