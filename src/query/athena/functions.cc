// Looks a call's name up and makes of it what its rule says.
#include "query/athena/function_rule.h"

namespace ticklake::query::athena {

const Translator::Rule* Translator::find_rule(std::string_view name) {
  for (const Rule* rule = kRules; !rule->name.empty(); ++rule) {
    if (rule->name == name) return rule;
  }
  return nullptr;
}

Expr Translator::call() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  Call call;
  call.token = cursor_.position();
  call.name = cursor_.expect_name("<identifier>");
  const Rule* rule = find_rule(call.name);
  if (rule == nullptr && (call.name.starts_with("st_") || call.name.starts_with("bing_tile"))) {
    cursor_.not_supported("geospatial function " + call.name, call.token);
    return {};
  }
  if (rule == nullptr) {
    cursor_.fail("FUNCTION_NOT_FOUND", "Function '" + call.name + "' not registered", call.token);
    return {};
  }
  if (rule->kind == Rule::Kind::kRefused) {
    cursor_.not_supported(std::string(rule->target) + " function " + call.name, call.token);
    return {};
  }
  arguments(call);
  behind_arguments(call);
  if (cursor_.failed()) return {};
  if (call.size() < rule->least || (rule->most != Rule::kMany && call.size() > rule->most)) {
    if (!call.star) {
      cursor_.fail("FUNCTION_NOT_FOUND", "Unexpected parameters for function " + call.name,
                   call.token);
      return {};
    }
  }
  const bool takes_rows =
      rule->kind == Rule::Kind::kAggregate || rule->kind == Rule::Kind::kHandler;
  if (!takes_rows && (call.distinct || call.star || !call.order_by.empty() ||
                      !call.filter.empty() || !call.over.empty())) {
    cursor_.fail("FUNCTION_NOT_AGGREGATE", call.name + " is not an aggregation function",
                 call.token);
    return {};
  }
  if (rule->kind == Rule::Kind::kHandler) return (this->*rule->handler)(call);
  for (const Argument& argument : call.arguments) {
    if (argument.is_lambda) {
      cursor_.fail("FUNCTION_NOT_FOUND", "Unexpected parameters for function " + call.name,
                   call.token);
      return {};
    }
  }
  const Type type{rule->type};
  if (rule->kind == Rule::Kind::kMacro) {
    std::vector<Expr> values;
    for (Argument& argument : call.arguments)
      values.push_back(std::move(argument.value));
    return macro(rule->target, std::move(values), type);
  }
  Expr expr = aggregate(call, rule->target);
  expr.type = type;
  return expr;
}

}  // namespace ticklake::query::athena
