#include "cli/sql_shell.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "query/format.h"
#include "query/sql_token.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::seconds kNamesFresh{5};
constexpr size_t kWidthUnlimited = 1'000'000;

constexpr std::array kCommands{".help", ".output", ".quit", ".schema", ".tables", ".timing"};
constexpr std::array kKeywords{
    "SELECT",       "FROM",          "WHERE",        "GROUP BY",   "ORDER BY",    "LIMIT",
    "HAVING",       "JOIN",          "USING",        "WITH",       "AS",          "AND",
    "OR",           "NOT",           "NULL",         "DISTINCT",   "DESC",        "ASC",
    "COUNT(*)",     "SUM",           "AVG",          "MIN",        "MAX",         "BETWEEN",
    "DESCRIBE",     "SHOW TABLES",   "SUMMARIZE",    "EXPLAIN",    "CASE",        "WHEN",
    "THEN",         "ELSE",          "END",          "UNION ALL",  "time_bucket", "arg_max",
    "arg_min",      "quantile_cont", "_topic",       "_partition", "_offset",     "_event_time",
    "_append_time", "_visible_time", "_durable_time"};

constexpr const char* kHelp =
    ".tables               the tables\n"
    ".schema [TABLE]       columns and their types\n"
    ".output table|csv|json\n"
    ".timing on|off        how long each statement took\n"
    ".quit                 leave (or Ctrl-D)\n"
    "A statement ends with ; and may take several lines. Tab completes names, Ctrl-C cancels.\n"
    "Beside its own columns every row has _topic, _partition, _offset, _event_time,\n"
    "_append_time, _visible_time and _durable_time: name them to see them.\n";

base::Error usage(const std::string& what, const std::string& advice) {
  return {base::ErrorCode::kInvalidData, what, "", advice, false};
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// EXPLAIN gives drawings of many lines, which no cell can hold.
void print_plans(const SqlAnswer& answer) {
  for (const query::RowBlock& block : answer.blocks) {
    for (size_t row = 0; row < block.rows(); ++row)
      print(std::string(block.cell(row, 1).value_or("")) + "\n");
  }
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const double ms = static_cast<double>(duration.count()) / 1e6;
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return query::to_lower(text.substr(0, prefix.size())) == query::to_lower(prefix);
}

}  // namespace

size_t output_width() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0) return kWidthUnlimited;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

base::Result<SqlShell::Next> SqlShell::take_line(std::string_view line,
                                                 const std::stop_token& stop) {
  const size_t first = line.find_first_not_of(" \t\r\n");
  if (pending_.empty()) {
    if (first == std::string_view::npos) return Next::kStatement;
    if (line[first] == '.') return run_command(line.substr(first));
  }
  pending_ += line;
  if (!pending_.ends_with('\n')) pending_ += '\n';
  // Each statement as soon as its ';' is there: several may stand on one line.
  while (true) {
    const auto tokens = query::tokenize(pending_);
    const auto end = std::find_if(tokens.begin(), tokens.end(), [&](const query::Token& token) {
      return token.kind == query::TokenKind::kSymbol && pending_[token.begin] == ';';
    });
    if (end == tokens.end()) {
      if (tokens.empty() && pending_.find("/*") == std::string::npos) pending_.clear();
      return pending_.empty() ? Next::kStatement : Next::kContinuation;
    }
    const std::string statement = pending_.substr(0, end->begin);
    const bool is_empty = end == tokens.begin();
    pending_.erase(0, end->end);
    if (is_empty) continue;
    if (auto ran = run(statement, stop); !ran) {
      pending_.clear();
      return tl::unexpected(std::move(ran).error());
    }
  }
}

base::Result<void> SqlShell::finish(const std::stop_token& stop) {
  const std::string statement = std::move(pending_);
  pending_.clear();
  if (query::tokenize(statement).empty()) return {};
  return run(statement, stop);
}

base::Result<void> SqlShell::run(const std::string& sql, const std::stop_token& stop) {
  const base::MonotonicTime begin = clock_.monotonic_now();
  auto done = options_.output == Output::kTable ? run_as_table(sql, stop) : stream(sql, stop);
  const auto elapsed = clock_.monotonic_now() - begin;
  std::fflush(stdout);
  const auto summary = source_.summary();
  // What was printed in pieces says nothing of itself, unless it has cost something.
  if (footer_.empty() && summary) footer_ = query::row_count_text(summary->rows);
  if (footer_.empty()) return done;
  if (options_.timing) footer_ += fmt::format(" · {}", duration_text(elapsed));
  if (summary) footer_ += " · " + summary->text;
  std::fprintf(stderr, "%s\n", std::exchange(footer_, {}).c_str());
  return done;
}

base::Result<void> SqlShell::stream(const std::string& sql, const std::stop_token& stop) {
  const RowFormat format =
      options_.output == Output::kCsv ? RowFormat::kCsv : RowFormat::kJsonLines;
  return source_.stream(sql, format, options_.rows_max, stop, [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  });
}

base::Result<void> SqlShell::run_as_table(const std::string& sql, const std::stop_token& stop) {
  TICKLAKE_ASSIGN(const SqlAnswer answer,
                  source_.query(sql, options_.rows_max.value_or(kTableRowsMax), stop));
  if (answer.columns.size() == 2 && answer.columns[1].name == "explain_value") {
    print_plans(answer);
  } else if (!answer.columns.empty()) {
    print(query::to_table(answer.columns, answer.blocks, output_width()));
  }
  footer_ = query::row_count_text(answer.rows);
  if (answer.truncated) footer_ += " shown, there are more (LIMIT, or --limit N)";
  return {};
}

base::Result<SqlShell::Next> SqlShell::run_command(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string command;
  std::string argument;
  words >> command >> argument;
  if (command.ends_with(';')) command.pop_back();
  if (argument.ends_with(';')) argument.pop_back();
  if (command == ".quit" || command == ".exit" || command == ".q") return Next::kQuit;
  if (command == ".help") {
    print(kHelp);
  } else if (command == ".tables") {
    TICKLAKE_TRY(show_tables());
  } else if (command == ".schema") {
    TICKLAKE_TRY(show_schema(argument));
  } else if (command == ".timing" && (argument == "on" || argument == "off")) {
    options_.timing = argument == "on";
  } else if (command == ".output") {
    TICKLAKE_TRY(set_output(argument));
  } else {
    return tl::unexpected(usage("'" + std::string(line) + "' is no command", ".help"));
  }
  return Next::kStatement;
}

base::Result<void> SqlShell::set_output(const std::string& name) {
  static constexpr std::pair<std::string_view, Output> kNames[] = {
      {"table", Output::kTable}, {"csv", Output::kCsv}, {"json", Output::kJson}};
  for (const auto& [known, output] : kNames) {
    if (name == known) {
      options_.output = output;
      return {};
    }
  }
  return tl::unexpected(usage("'" + name + "' is no output", ".output table, csv or json"));
}

base::Result<void> SqlShell::show_tables() {
  TICKLAKE_ASSIGN(const auto tables, source_.tables());
  for (const query::TableColumns& table : tables)
    print(table.name + "\n");
  if (tables.empty()) std::fputs("there are no tables yet\n", stderr);
  return {};
}

base::Result<void> SqlShell::show_schema(const std::string& wanted) {
  TICKLAKE_ASSIGN(const auto tables, source_.tables());
  query::RowBlock rows(3);
  for (const query::TableColumns& table : tables) {
    if (!wanted.empty() && query::to_lower(table.name) != query::to_lower(wanted)) continue;
    for (const query::Column& column : table.columns) {
      rows.append(table.name);
      rows.append(column.name);
      rows.append(column.type);
    }
  }
  if (rows.rows() == 0 && !wanted.empty()) {
    return tl::unexpected(usage("there is no table " + wanted, ".tables"));
  }
  std::vector<query::RowBlock> blocks;
  blocks.push_back(std::move(rows));
  print(query::to_table({{"table", "", {}}, {"column", "", {}}, {"type", "", {}}}, blocks,
                        output_width()));
  return {};
}

std::vector<std::string> SqlShell::completions(std::string_view line) {
  size_t begin = line.size();
  const auto is_part = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  while (begin > 0 && is_part(line[begin - 1]))
    --begin;
  const bool is_command = begin == 1 && line[0] == '.';
  const std::string_view word = line.substr(is_command ? 0 : begin);
  std::vector<std::string> found;
  const auto offer = [&](const std::string& name) {
    if (name.size() >= word.size() && starts_with_ignoring_case(name, word)) found.push_back(name);
  };
  if (is_command) {
    for (const char* command : kCommands)
      offer(command);
    return found;
  }
  const base::MonotonicTime now = clock_.monotonic_now();
  if (names_time_ == base::MonotonicTime{} || now - names_time_ > kNamesFresh) {
    names_time_ = now;
    names_.clear();
    // Without an answer there are only keywords to offer.
    for (const query::TableColumns& table :
         source_.tables().value_or(std::vector<query::TableColumns>())) {
      names_.push_back(table.name);
      for (const query::Column& column : table.columns)
        names_.push_back(column.name);
    }
  }
  for (const std::string& name : names_)
    offer(name);
  if (!word.empty()) {
    for (const char* keyword : kKeywords)
      offer(keyword);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace ticklake::cli
