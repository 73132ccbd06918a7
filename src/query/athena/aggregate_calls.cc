// Calls of aggregates whose results have other types, or other arguments, than DuckDB's.
#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

size_t cost_of(const Call& call) {
  size_t cost = kExpansionMax + 1 + call.cost;
  for (size_t i = 0; i < call.size(); ++i)
    cost += call[i].cost;
  return cost;
}

}  // namespace

/// sum and count_if: what DuckDB counts in HUGEINT is a bigint.
Expr Translator::call_sum(Call& call) {
  const Type argument = call[0].type;
  Expr sum = aggregate(call, call.name);
  if (argument.is_integer() || call.name == "count_if") {
    return made("CAST(" + sum.sql + " AS BIGINT)", {TypeKind::kBigint}, sum.cost);
  }
  if (argument.is_decimal()) {
    sum.type = {TypeKind::kDecimal, 38, argument.scale};
    return sum;
  }
  if (argument.is_floating()) {
    sum.type = argument;
    return sum;
  }
  return macro("as_sum", {std::move(sum)});
}

/// avg of decimals is a decimal; skewness is that of a population.
Expr Translator::call_avg(Call& call) {
  const Type argument = call[0].type;
  if (call.name == "skewness") {
    const std::string count = aggregate_text(call, "count");
    return made("(" + aggregate_text(call, "skewness") + " * (" + count + " - 2) / sqrt(CAST(" +
                    count + " AS DOUBLE) * (" + count + " - 1)))",
                {TypeKind::kDouble}, cost_of(call) * 4);
  }
  Expr average = aggregate(call, "avg");
  average.type = {TypeKind::kDouble};
  if (argument.is_integer() || argument.is(TypeKind::kDouble)) return average;
  if (argument.is_decimal()) {
    return made("CAST(" + average.sql + " * CAST(1.0000000000000009 AS DOUBLE) AS DECIMAL(" +
                    std::to_string(argument.precision) + "," + std::to_string(argument.scale) +
                    "))",
                argument, average.cost);
  }
  Call any = call;
  any.distinct = false;
  return macro("as_avg",
               {std::move(average), made(aggregate_text(any, "any_value"), {}, cost_of(call))});
}

/// Of counts: log2 of their sum, less the mean of their logarithms by their weight; 0 of none.
Expr Translator::call_entropy(Call& call) {
  Call logarithms = call;
  const std::string count = "CAST(" + call[0].sql + " AS DOUBLE)";
  logarithms[0].sql = "CASE WHEN " + count + " > 0 THEN " + count + " * log2(" + count + ") END";
  const std::string sum = aggregate_text(call, "sum");
  return made("CASE WHEN " + sum + " > 0 THEN log2(" + sum + ") - " +
                  aggregate_text(logarithms, "sum") + " / " + sum + " ELSE CAST(0 AS DOUBLE) END",
              {TypeKind::kDouble}, cost_of(call) * 7);
}

Expr Translator::call_extreme_aggregate(Call& call) {
  const Type argument = call[0].type;
  const bool many = call.size() == 2;
  Expr extreme = aggregate(call, call.name);
  extreme.type = many ? Type{TypeKind::kArray, 0, 0, argument.kind} : argument;
  return extreme;
}

Expr Translator::call_array_agg(Call& call) {
  const Type argument = call[0].type;
  if (call.name == "set_union") {
    const Expr lists = aggregate(call, "list");
    return macro("array_distinct", {made("flatten(" + lists.sql + ")", {}, lists.cost)},
                 {TypeKind::kArray});
  }
  call.distinct = call.distinct || call.name == "set_agg";
  Expr list = aggregate(call, "list");
  list.type = {TypeKind::kArray, 0, 0, argument.kind};
  return list;
}

/// map_agg, map_union, multimap_agg, approx_most_frequent.
Expr Translator::call_map_agg(Call& call) {
  const size_t cost = cost_of(call);
  const Type map{TypeKind::kMap};
  if (call.name == "approx_most_frequent") {
    Call counts = call;
    counts.arguments = {call.arguments[1]};
    return macro("top_entries", {made(aggregate_text(counts, "histogram"), map, cost), call[0]},
                 map);
  }
  Call entries = call;
  entries.arguments.resize(1);
  if (call.name == "map_union") {
    entries[0].sql = "map_entries(" + call[0].sql + ")";
    return macro("first_entries",
                 {made("flatten(" + aggregate_text(entries, "list") + ")", {}, cost)}, map);
  }
  entries[0].sql = "struct_pack(\"key\" := " + call[0].sql + ", \"value\" := " + call[1].sql + ")";
  return macro(call.name == "map_agg" ? "first_entries" : "grouped_entries",
               {made(aggregate_text(entries, "list"), {}, cost)}, map);
}

Expr Translator::call_approx_distinct(Call& call) {
  call.arguments.resize(1);
  Expr count = aggregate(call, "approx_count_distinct");
  count.type = {TypeKind::kBigint};
  return count;
}

/// approx_percentile(x[, weight], p), p a number or an array of them.
Expr Translator::call_approx_percentile(Call& call) {
  if (call.size() == 2) return aggregate(call, "approx_quantile");
  Call rows = call;
  rows.arguments.resize(1);
  rows[0].sql = "list_resize([" + call[0].sql + "], CAST(" + call[1].sql + " AS BIGINT), " +
                call[0].sql + ")";
  return made("list_aggregate(flatten(" + aggregate_text(rows, "list") + "), 'quantile_disc', " +
                  call[2].sql + ")",
              {}, cost_of(call));
}

Expr Translator::call_listagg(Call& call) {
  if (call.size() == 1) {
    Argument separator;
    separator.value = made("''", {TypeKind::kVarchar}, 1);
    call.arguments.push_back(std::move(separator));
  }
  Expr text = aggregate(call, "string_agg");
  text.type = {TypeKind::kVarchar};
  return text;
}

}  // namespace ticklake::query::athena
