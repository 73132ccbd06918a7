// Calls with lambdas. The names of a lambda become fields of what DuckDB's lambda runs over.
#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

std::string field(const std::string& variable, std::string_view name) {
  return "struct_extract(" + variable + ", '" + std::string(name) + "')";
}

}  // namespace

Expr Translator::call_transform(Call& call) {
  if (!require_lambda(call, 1, 1)) return {};
  const std::string x = new_variable();
  const Argument& lambda = call.arguments[1];
  const Expr body = lambda_body(lambda, {{lambda.parameters[0], x, {call[0].type.element}}});
  return made("list_transform(" + call[0].sql + ", lambda " + x + ": " + body.sql + ")",
              {TypeKind::kArray, 0, 0, body.type.kind}, call[0].cost + body.cost);
}

Expr Translator::call_filter(Call& call) {
  if (!require_lambda(call, 1, 1)) return {};
  const std::string x = new_variable();
  const Argument& lambda = call.arguments[1];
  const Expr body = lambda_body(lambda, {{lambda.parameters[0], x, {call[0].type.element}}});
  return made("list_filter(" + call[0].sql + ", lambda " + x + ": " + body.sql + ")", call[0].type,
              call[0].cost + body.cost);
}

Expr Translator::call_match(Call& call) {
  const std::string name = call.name.substr(0, call.name.find('_')) + "_of";
  return macro(name, {call_transform(call)}, {TypeKind::kBoolean});
}

/// reduce(list, start, (s, x) -> next, s -> result). DuckDB folds values of one type, so each step
/// carries the state and the element.
Expr Translator::call_reduce(Call& call) {
  if (!require_lambda(call, 2, 2) || !require_lambda(call, 3, 1)) return {};
  const std::string item = new_variable();
  const std::string state = new_variable();
  const std::string next = new_variable();
  const Argument& step = call.arguments[2];
  const Type state_type = call[1].type.is_decimal() ? Type{} : call[1].type;
  const Expr body = lambda_body(step, {{step.parameters[0], field(state, "s"), state_type},
                                       {step.parameters[1], field(next, "x"), {}}});
  std::string sql = "struct_extract(list_reduce(list_transform(" + call[0].sql + ", lambda " +
                    item + ": {'s': NULL, 'x': " + item + "}), lambda " + state + ", " + next +
                    ": {'s': " + body.sql + ", 'x': " + field(next, "x") +
                    "}, {'s': " + call[1].sql + ", 'x': NULL}), 's')";
  size_t cost = call[0].cost + call[1].cost + body.cost;
  const Argument& last = call.arguments[3];
  const std::string result = new_variable();
  const Expr output = lambda_body(last, {{last.parameters[0], result, state_type}});
  if (output.sql == result) return made(std::move(sql), state_type, cost);
  sql = "list_transform([" + sql + "], lambda " + result + ": " + output.sql + ")[1]";
  return made(std::move(sql), output.type, cost + output.cost);
}

/// reduce_agg(x, start, (s, x) -> next, (a, b) -> merged): one fold over the rows,
/// where nothing has to be merged.
Expr Translator::call_reduce_agg(Call& call) {
  if (!require_lambda(call, 2, 2) || !require_lambda(call, 3, 2)) return {};
  Call rows;
  rows.name = "array_agg";
  rows.distinct = call.distinct;
  rows.filter = call.filter;
  rows.over = call.over;
  rows.arguments.push_back(call.arguments[0]);
  const std::string item = new_variable();
  const std::string state = new_variable();
  const std::string next = new_variable();
  const Argument& step = call.arguments[2];
  const Expr body = lambda_body(step, {{step.parameters[0], field(state, "s"), {}},
                                       {step.parameters[1], field(next, "x"), {}}});
  return made("struct_extract(list_reduce(list_transform(" + aggregate_text(rows, "list") +
                  ", lambda " + item + ": {'s': NULL, 'x': " + item + "}), lambda " + state + ", " +
                  next + ": {'s': " + body.sql + ", 'x': " + field(next, "x") +
                  "}, {'s': " + call[1].sql + ", 'x': NULL}), 's')",
              call[1].type.is_decimal() ? Type{} : call[1].type,
              call[0].cost + call[1].cost + body.cost);
}

/// array_sort(list[, comparator]). The place of an element is the number of those before it.
Expr Translator::call_array_sort(Call& call) {
  if (call.size() == 1) {
    return made("list_sort(" + call[0].sql + ", 'ASC', 'NULLS LAST')", call[0].type, call[0].cost);
  }
  if (!require_lambda(call, 1, 2)) return {};
  const std::string all = new_variable();
  const std::string x = new_variable();
  const std::string i = new_variable();
  const std::string y = new_variable();
  const std::string j = new_variable();
  const std::string placed = new_variable();
  const Argument& lambda = call.arguments[1];
  const Type element{call[0].type.element};
  const Expr compared =
      lambda_body(lambda, {{lambda.parameters[0], y, element}, {lambda.parameters[1], x, element}});
  // With equal ones in the order they came: 2 * comparison - 1 or + 1 is never 0.
  const std::string before = j + " <> " + i + " AND ((" + compared.sql + ") * 2 + CASE WHEN " + j +
                             " < " + i + " THEN -1 ELSE 1 END) < 0";
  return made("list_transform([" + call[0].sql + "], lambda " + all +
                  ": list_transform(list_sort(list_transform(" + all + ", lambda " + x + ", " + i +
                  ": {'p': len(list_filter(" + all + ", lambda " + y + ", " + j + ": " + before +
                  ")), 'x': " + x + "})), lambda " + placed + ": " + field(placed, "x") + "))[1]",
              call[0].type, call[0].cost + compared.cost);
}

Expr Translator::call_zip_with(Call& call) {
  if (!require_lambda(call, 2, 2)) return {};
  const std::string z = new_variable();
  const Argument& lambda = call.arguments[2];
  const Expr body = lambda_body(
      lambda, {{lambda.parameters[0], "struct_extract_at(" + z + ", 1)", {call[0].type.element}},
               {lambda.parameters[1], "struct_extract_at(" + z + ", 2)", {call[1].type.element}}});
  return made("list_transform(list_zip(" + call[0].sql + ", " + call[1].sql + "), lambda " + z +
                  ": " + body.sql + ")",
              {TypeKind::kArray, 0, 0, body.type.kind}, call[0].cost + call[1].cost + body.cost);
}

/// map_filter, transform_keys, transform_values.
Expr Translator::call_map_lambda(Call& call) {
  if (!require_lambda(call, 1, 2)) return {};
  const std::string e = new_variable();
  const std::string key = field(e, "key");
  const std::string value = field(e, "value");
  const Argument& lambda = call.arguments[1];
  const Expr body =
      lambda_body(lambda, {{lambda.parameters[0], key, {}}, {lambda.parameters[1], value, {}}});
  std::string entries = "map_entries(" + call[0].sql + "), lambda " + e + ": ";
  if (call.name == "map_filter") {
    entries = "list_filter(" + entries + body.sql + ")";
  } else if (call.name == "transform_keys") {
    entries = "list_transform(" + entries + "struct_pack(\"key\" := " + body.sql +
              ", \"value\" := " + value + "))";
  } else {
    entries = "list_transform(" + entries + "struct_pack(\"key\" := " + key +
              ", \"value\" := " + body.sql + "))";
  }
  return made("map_from_entries(" + entries + ")", {TypeKind::kMap}, call[0].cost + body.cost);
}

Expr Translator::call_map_zip_with(Call& call) {
  if (!require_lambda(call, 2, 3)) return {};
  const std::string both = new_variable();
  const std::string key = new_variable();
  const Argument& lambda = call.arguments[2];
  const std::string a = field(both, "a");
  const std::string b = field(both, "b");
  const Expr body = lambda_body(lambda, {{lambda.parameters[0], key, {}},
                                         {lambda.parameters[1], a + "[" + key + "]", {}},
                                         {lambda.parameters[2], b + "[" + key + "]", {}}});
  return made("list_transform([struct_pack(\"a\" := " + call[0].sql + ", \"b\" := " + call[1].sql +
                  ")], lambda " + both +
                  ": map_from_entries(list_transform(athena.array_distinct(list_concat(map_keys(" +
                  a + "), map_keys(" + b + "))), lambda " + key +
                  ": struct_pack(\"key\" := " + key + ", \"value\" := " + body.sql + "))))[1]",
              {TypeKind::kMap}, call[0].cost + call[1].cost + body.cost);
}

}  // namespace ticklake::query::athena
