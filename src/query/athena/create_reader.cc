// CREATE: tables as Hive and as CTAS write them, views, databases.
#include <algorithm>
#include <charconv>

#include "query/athena/ddl_reader.h"

namespace ticklake::query::athena {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// A string of Hive's, in which a backslash escapes: \n, \t, \\, \001 (octal).
std::string hive_text(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    unsigned code = 0;
    const char* const begin = text.data() + i;
    const char* const end = begin + std::min<size_t>(3, text.size() - i);
    if (end - begin == 3 && std::from_chars(begin, end, code, 8).ptr == end && code < 256) {
      out += static_cast<char>(code);
      i += 2;
      continue;
    }
    static constexpr std::pair<char, char> kEscapes[] = {
        {'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'Z', '\x1a'}};
    char value = c;
    for (const auto& [letter, escaped] : kEscapes)
      value = letter == c ? escaped : value;
    out += value;
  }
  return out;
}

}  // namespace

void DdlReader::create(Statement& statement) {
  cursor_.expect_word("create");
  if (cursor_.accept_words("or", "replace")) statement.or_replace = true;
  if (cursor_.accept_word("view")) return create_view(statement);
  if (statement.or_replace) return cursor_.unexpected("'VIEW'");
  if (cursor_.accept_word("database") || cursor_.accept_word("schema")) {
    return create_database(statement);
  }
  if (cursor_.accept_word("external")) {
    cursor_.expect_word("table");
    return create_table(statement);
  }
  if (cursor_.accept_word("table")) return create_table(statement);
  if (cursor_.at_end()) return cursor_.unexpected("'DATABASE', 'EXTERNAL', 'TABLE', 'VIEW'");
  cursor_.not_supported("CREATE " + std::string(cursor_.text().substr(0, 40)), cursor_.position());
}

void DdlReader::create_view(Statement& statement) {
  statement.kind = StatementKind::kCreateView;
  statement.name = translator_.table_name();
  if (cursor_.is_symbol("(")) {
    for (std::string& name : names_in_parens())
      statement.columns.push_back({std::move(name), "", ""});
  }
  statement.comment = comment();
  if (cursor_.accept_word("security")) cursor_.advance();
  cursor_.expect_word("as");
  const StatementKind kind = statement.kind;
  query_into(statement, false);
  statement.kind = kind;
}

void DdlReader::create_database(Statement& statement) {
  statement.kind = StatementKind::kCreateDatabase;
  statement.if_not_exists = if_not_exists();
  statement.name.database = translator_.table_name().table;
  statement.comment = comment();
  if (cursor_.accept_word("location")) statement.location = cursor_.expect_string();
  if (cursor_.accept_words("with", "dbproperties")) statement.properties = properties();
}

void DdlReader::create_table(Statement& statement) {
  statement.kind = StatementKind::kCreateExternalTable;
  statement.if_not_exists = if_not_exists();
  const size_t token = cursor_.position();
  statement.name = translator_.table_name();
  if (cursor_.is_word("like")) {
    cursor_.not_supported("CREATE TABLE LIKE", cursor_.position());
    return;
  }
  if (cursor_.is_symbol("(") && !translator_.starts_query()) {
    statement.columns = column_definitions();
  }
  if (cursor_.is_word("comment") && !cursor_.failed()) statement.comment = comment();
  if (cursor_.accept_word("with")) statement.with = with_options();
  if (!cursor_.is_word("as")) {
    if (statement.columns.empty()) {
      cursor_.unexpected("'(', 'AS', 'COMMENT', 'WITH'");
      return;
    }
    return table_clauses(statement);
  }
  cursor_.advance();
  if (!statement.columns.empty()) {
    cursor_.not_supported("CREATE TABLE AS with a list of columns", token);
    return;
  }
  statement.kind = StatementKind::kCreateTableAsSelect;
  query_into(statement, false);
  if (cursor_.accept_word("with")) {
    statement.with_no_data = cursor_.accept_word("no");
    cursor_.expect_word("data");
  }
}

/// The clauses behind the columns of a table, in any order, each at most once in Hive; here the
/// last one counts.
void DdlReader::table_clauses(Statement& statement) {
  while (!cursor_.at_end() && !cursor_.failed()) {
    if (cursor_.is_word("comment")) {
      statement.comment = comment();
    } else if (cursor_.accept_words("partitioned", "by")) {
      statement.partition_columns = column_definitions();
    } else if (cursor_.accept_words("clustered", "by")) {
      statement.bucketed_by = names_in_parens();
      if (cursor_.accept_words("sorted", "by")) {
        cursor_.move_to(cursor_.position() + cursor_.behind_paren());
      }
      cursor_.expect_word("into");
      const std::string count = cursor_.expect_digits();
      std::from_chars(count.data(), count.data() + count.size(), statement.buckets);
      cursor_.expect_word("buckets");
    } else if (cursor_.accept_words("row", "format")) {
      row_format(statement.storage);
    } else if (cursor_.accept_words("stored", "as")) {
      stored_as(statement.storage);
    } else if (cursor_.accept_word("location")) {
      statement.location = cursor_.expect_string();
    } else if (cursor_.accept_word("tblproperties")) {
      statement.properties = properties();
    } else if (cursor_.accept_words("with", "serdeproperties")) {
      statement.storage.serde_properties = properties();
    } else {
      cursor_.unexpected(
          "'CLUSTERED', 'COMMENT', 'LOCATION', 'PARTITIONED', 'ROW', 'STORED', "
          "'TBLPROPERTIES'");
    }
  }
}

void DdlReader::row_format(StorageFormat& storage) {
  if (cursor_.accept_word("serde")) {
    storage.serde = cursor_.expect_string();
    if (cursor_.accept_words("with", "serdeproperties")) storage.serde_properties = properties();
    return;
  }
  cursor_.expect_word("delimited");
  storage.is_delimited = true;
  const auto value = [&](const char* key) {
    storage.delimited.emplace_back(key, hive_text(cursor_.expect_string()));
  };
  while (!cursor_.failed()) {
    if (cursor_.accept_word("fields")) {
      cursor_.expect_word("terminated");
      cursor_.expect_word("by");
      value("field.delim");
      if (cursor_.accept_words("escaped", "by")) value("escape.delim");
    } else if (cursor_.accept_words("collection", "items")) {
      cursor_.expect_word("terminated");
      cursor_.expect_word("by");
      value("colelction.delim");
    } else if (cursor_.accept_words("map", "keys")) {
      cursor_.expect_word("terminated");
      cursor_.expect_word("by");
      value("mapkey.delim");
    } else if (cursor_.accept_word("lines")) {
      cursor_.expect_word("terminated");
      cursor_.expect_word("by");
      value("line.delim");
    } else if (cursor_.accept_words("null", "defined")) {
      cursor_.expect_word("as");
      value("serialization.null.format");
    } else {
      return;
    }
  }
}

void DdlReader::stored_as(StorageFormat& storage) {
  if (cursor_.accept_word("inputformat")) {
    storage.input_format = cursor_.expect_string();
    cursor_.expect_word("outputformat");
    storage.output_format = cursor_.expect_string();
    return;
  }
  storage.stored_as = upper(cursor_.expect_name("<format>"));
}

ColumnDefinition DdlReader::column_definition() {
  ColumnDefinition column;
  column.name = cursor_.expect_name("<identifier>");
  column.type = translator_.type().hive;
  column.comment = comment();
  return column;
}

std::vector<ColumnDefinition> DdlReader::column_definitions() {
  std::vector<ColumnDefinition> columns;
  cursor_.expect_symbol("(");
  do {
    // PARTITIONED BY (bucket(16, id)) is Iceberg's.
    if (cursor_.is_symbol("(", 1)) {
      cursor_.not_supported("partition transforms", cursor_.position());
      break;
    }
    columns.push_back(column_definition());
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return columns;
}

Properties DdlReader::properties() {
  Properties out;
  cursor_.expect_symbol("(");
  do {
    std::string key = cursor_.is_kind(TokenKind::kQuotedName) ? cursor_.expect_name("<string>")
                                                              : cursor_.expect_string();
    cursor_.expect_symbol("=");
    std::string value;
    if (cursor_.is_kind(TokenKind::kQuotedName)) {
      const std::string_view text = cursor_.text();
      value = text.size() >= 2 ? std::string(text.substr(1, text.size() - 2)) : std::string();
      cursor_.advance();
    } else {
      value = cursor_.expect_string();
    }
    out.emplace_back(std::move(key), hive_text(value));
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return out;
}

/// name = 'text' | number | true | ARRAY['a', 'b']
std::vector<WithOption> DdlReader::with_options() {
  std::vector<WithOption> out;
  cursor_.expect_symbol("(");
  do {
    WithOption option;
    option.name = cursor_.expect_name("<identifier>");
    cursor_.expect_symbol("=");
    if (cursor_.accept_word("array")) {
      cursor_.expect_symbol("[");
      if (!cursor_.accept_symbol("]")) {
        do {
          option.list.push_back(cursor_.expect_string());
        } while (cursor_.accept_symbol(","));
        cursor_.expect_symbol("]");
      }
    } else if (cursor_.is_string()) {
      option.value = cursor_.expect_string();
    } else if (cursor_.is_kind(TokenKind::kNumber) || cursor_.is_word("true") ||
               cursor_.is_word("false")) {
      option.value = to_lower(cursor_.text());
      cursor_.advance();
    } else {
      cursor_.unexpected("<string>, <number>, 'ARRAY', 'FALSE', 'TRUE'");
    }
    out.push_back(std::move(option));
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return out;
}

std::vector<std::string> DdlReader::names_in_parens() {
  std::vector<std::string> names;
  cursor_.expect_symbol("(");
  do {
    names.push_back(cursor_.expect_name("<identifier>"));
    if (cursor_.accept_word("comment")) cursor_.expect_string();
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return names;
}

}  // namespace ticklake::query::athena
