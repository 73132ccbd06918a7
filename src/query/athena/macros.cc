#include "query/athena/macros.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "query/athena/macro_table.h"
#include "query/athena/native_functions.h"
#include "query/sql_token.h"

namespace ticklake::query::athena {
namespace {

/// How deep macros call macros.
constexpr int kMacroDepthMax = 6;

const Macro* find_macro(std::string_view name) {
  for (const auto& table : {scalar_macros(), collection_macros()}) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const Macro& m) { return m.name == name; });
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

size_t uses_of(std::string_view name, int depth);

/// The uses of the most used parameter in the tokens [begin, end) of one overload: those within a
/// call of another macro count as often as that one copies them.
size_t uses_in_overload(std::string_view sql, const std::vector<Token>& tokens, size_t begin,
                        size_t end, int depth) {
  const auto text = [&](size_t i) {
    return sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
  };
  std::vector<std::pair<std::string, size_t>> parameters;
  size_t at = begin + 1;
  bool at_name = true;
  size_t braces = 1;
  for (; at < end && braces > 0; ++at) {
    if (text(at) == "(") ++braces;
    if (text(at) == ")") --braces;
    if (at_name && tokens[at].kind == TokenKind::kWord) parameters.emplace_back(text(at), 0);
    at_name = text(at) == "," && braces == 1;
  }
  std::vector<size_t> weights{1};
  for (; at < end; ++at) {
    if (text(at) == "(") {
      const bool is_ours = at >= begin + 3 && text(at - 2) == "." && text(at - 3) == "athena";
      const size_t factor = is_ours ? uses_of(text(at - 1), depth + 1) : 1;
      weights.push_back(weights.back() * factor);
    } else if (text(at) == ")" && weights.size() > 1) {
      weights.pop_back();
    }
    for (auto& [name, uses] : parameters)
      uses += text(at) == name ? weights.back() : 0;
  }
  size_t most = 1;
  for (const auto& [name, uses] : parameters)
    most = std::max(most, uses);
  return most;
}

size_t uses_of(std::string_view name, int depth) {
  const Macro* macro = find_macro(name);
  if (macro == nullptr || depth > kMacroDepthMax) return 1;
  const std::string_view sql = macro->definition;
  const std::vector<Token> tokens = tokenize(sql);
  size_t most = 1;
  size_t begin = 0;
  size_t braces = 0;
  for (size_t i = 0; i <= tokens.size(); ++i) {
    const char c = i < tokens.size() ? sql[tokens[i].begin] : ',';
    if (c == '(' || c == '[' || c == '{') ++braces;
    if (c == ')' || c == ']' || c == '}') --braces;
    if (c != ',' || braces > 0) continue;
    most = std::max(most, uses_in_overload(sql, tokens, begin, i, depth));
    begin = i + 1;
  }
  return most;
}

/// The definition with the parameters of its lambdas under names that no argument has: what a macro
/// is called with would be caught by them otherwise.
std::string with_own_lambda_names(const Macro& macro) {
  const std::string_view sql = macro.definition;
  const std::vector<Token> tokens = tokenize(sql);
  const auto text = [&](size_t i) {
    return sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
  };
  std::set<std::string_view> parameters;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (text(i) != "lambda") continue;
    for (++i; i < tokens.size() && text(i) != ":"; ++i) {
      if (text(i) != ",") parameters.insert(text(i));
    }
  }
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool is_field = i > 0 && text(i - 1) == ".";
    if (tokens[i].kind != TokenKind::kWord || is_field || !parameters.contains(text(i))) continue;
    out += sql.substr(copied, tokens[i].begin - copied);
    out += "\"#" + std::string(macro.name) + "_" + std::string(text(i)) + "\"";
    copied = tokens[i].end;
  }
  return out + std::string(sql.substr(copied));
}

/// The statement that creates a macro, behind those of the macros that its body names: DuckDB looks
/// them up when it is created.
void append_macro(const Macro& macro, int depth, std::set<std::string_view>& created,
                  std::string& script) {
  if (depth > kMacroDepthMax || !created.insert(macro.name).second) return;
  constexpr std::string_view kPrefix = "athena.";
  const std::string_view body = macro.definition;
  for (size_t at = body.find(kPrefix); at != std::string_view::npos;
       at = body.find(kPrefix, at + 1)) {
    const std::string_view rest = body.substr(at + kPrefix.size());
    const Macro* other = find_macro(rest.substr(0, rest.find('(')));
    if (other != nullptr) append_macro(*other, depth + 1, created, script);
  }
  script += "CREATE OR REPLACE MACRO athena." + std::string(macro.name) +
            with_own_lambda_names(macro) + ";\n";
}

}  // namespace

std::optional<size_t> macro_uses(std::string_view name) {
  // Constants of the macros' texts.
  static const std::map<std::string_view, size_t> kUses = [] {
    std::map<std::string_view, size_t> uses;
    for (const auto& table : {scalar_macros(), collection_macros()}) {
      for (const Macro& macro : table)
        uses[macro.name] = uses_of(macro.name, 0);
    }
    return uses;
  }();
  const auto found = kUses.find(name);
  return found == kUses.end() ? std::nullopt : std::optional(found->second);
}

std::vector<size_t> macro_type_arguments(std::string_view name) {
  std::vector<size_t> arguments;
  const Macro* macro = find_macro(name);
  if (macro == nullptr) return arguments;
  const std::string_view sql = macro->definition;
  for (size_t at = 1;
       at + 2 < sql.size() && sql[at] == 't' && sql[at + 1] >= '1' && sql[at + 1] <= '9';) {
    arguments.push_back(static_cast<size_t>(sql[at + 1] - '0'));
    // Behind the comma that ends this parameter, past MAP(VARCHAR, VARCHAR).
    int braces = 0;
    while (at < sql.size() && (sql[at] != ',' || braces > 0)) {
      braces += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
      ++at;
    }
    at += 2;
  }
  return arguments;
}

std::string macro_script() {
  std::string script = "CREATE SCHEMA IF NOT EXISTS athena;\n";
  std::set<std::string_view> created;
  for (const auto& table : {scalar_macros(), collection_macros()}) {
    for (const Macro& macro : table)
      append_macro(macro, 0, created, script);
  }
  return script;
}

base::Result<void> create_macros(table::Connection& connection) {
  TICKLAKE_TRY(register_native_functions(connection));
  TICKLAKE_TRY(connection.query(macro_script()));
  return {};
}

}  // namespace ticklake::query::athena
