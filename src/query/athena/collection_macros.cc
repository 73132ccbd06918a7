// Trino's functions on arrays, maps and JSON as macros of DuckDB.
#include <array>

#include "query/athena/macro_table.h"

namespace ticklake::query::athena {
namespace {

constexpr auto kMacros = std::to_array<Macro>({
    // Elements.
    {"element_at",
     "(t1 MAP(VARCHAR, VARCHAR), c, i) AS c[i], (t1, c, i) AS CASE WHEN i = 0 THEN "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE c[i] END"},
    {"subscript",
     "(t1 MAP(VARCHAR, VARCHAR), c, i) AS athena.map_subscript(c, i), "
     "(t1, c, i) AS athena.array_subscript(c, i)"},
    {"array_subscript",
     "(c, i) AS CASE WHEN i >= 1 AND i <= len(c) THEN c[i] WHEN i IS NULL OR c IS NULL THEN NULL "
     "WHEN i = 0 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') "
     "WHEN i < 0 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || i) "
     "ELSE athena.fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to "
     "array length: ' || i || ' > ' || len(c)) END"},
    {"map_subscript",
     "(c, k) AS CASE WHEN map_contains(c, k) THEN c[k] WHEN c IS NULL OR k IS NULL THEN NULL ELSE "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || k) END"},
    {"cardinality", "(t1 MAP(VARCHAR, VARCHAR), x) AS len(map_keys(x)), (t1, x) AS len(x)"},

    // Arrays.
    {"has_null", "(a) AS len(a) <> list_aggregate(a, 'count')"},
    {"any_of",
     "(l) AS CASE WHEN list_contains(l, true) THEN true WHEN athena.has_null(l) THEN NULL "
     "WHEN l IS NOT NULL THEN false END"},
    {"all_of",
     "(l) AS CASE WHEN list_contains(l, false) THEN false WHEN athena.has_null(l) THEN NULL "
     "WHEN l IS NOT NULL THEN true END"},
    {"none_of", "(l) AS NOT athena.any_of(l)"},
    {"greatest_of", "(l) AS CASE WHEN athena.has_null(l) THEN NULL ELSE list_max(l) END"},
    {"least_of", "(l) AS CASE WHEN athena.has_null(l) THEN NULL ELSE list_min(l) END"},
    {"array_max", "(a) AS CASE WHEN athena.has_null(a) THEN NULL ELSE list_max(a) END"},
    {"array_min", "(a) AS CASE WHEN athena.has_null(a) THEN NULL ELSE list_min(a) END"},
    {"array_first", "(a) AS a[1]"},
    {"array_last", "(a) AS a[-1]"},
    // In the order of the first of each; for long arrays in any order, as that costs n².
    {"array_distinct",
     "(a) AS CASE WHEN len(a) > 2000 THEN list_distinct(a) ELSE list_filter(a, lambda v, i: "
     "CASE WHEN v IS NULL THEN len(list_filter(list_slice(a, 1, i), lambda w: w IS NULL)) = 1 "
     "ELSE list_position(a, v) = i END) END"},
    {"array_except",
     "(a, b) AS list_filter(athena.array_distinct(a), lambda v: CASE WHEN v IS NULL THEN NOT "
     "athena.has_null(b) ELSE NOT list_contains(b, v) END)"},
    {"array_intersect",
     "(a, b) AS list_filter(athena.array_distinct(a), lambda v: CASE WHEN v IS NULL THEN "
     "athena.has_null(b) ELSE list_contains(b, v) END)"},
    {"array_union", "(a, b) AS athena.array_distinct(list_concat(a, b))"},
    {"arrays_overlap",
     "(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN list_has_any("
     "list_filter(a, lambda v: v IS NOT NULL), list_filter(b, lambda v: v IS NOT NULL)) THEN true "
     "WHEN athena.has_null(a) OR athena.has_null(b) THEN NULL ELSE false END"},
    {"array_histogram", "(a) AS list_histogram(a)"},
    // The elements come as texts.
    {"array_join",
     "(l, d) AS array_to_string(list_filter(l, lambda x: x IS NOT NULL), d), "
     "(l, d, n) AS array_to_string(list_transform(l, lambda x: coalesce(x, n)), d)"},
    {"array_position",
     "(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL THEN "
     "CAST(coalesce(list_position(a, x), 0) AS BIGINT) END"},
    {"array_remove", "(a, x) AS list_filter(a, lambda v: v <> x OR v IS NULL)"},
    {"contains",
     "(a, x) AS CASE WHEN x IS NULL OR a IS NULL THEN NULL WHEN list_contains(a, x) THEN true "
     "WHEN athena.has_null(a) THEN NULL ELSE false END"},
    {"contains_sequence",
     "(a, s) AS len(s) = 0 OR coalesce(list_bool_or(list_transform(range(1, len(a) - len(s) + 2),"
     " lambda i: list_slice(a, i, i + len(s) - 1) = s)), false)"},
    {"ngrams",
     "(a, n) AS CASE WHEN n >= len(a) THEN [a] ELSE list_transform(range(1, len(a) - n + 2), "
     "lambda i: list_slice(a, i, i + n - 1)) END"},
    {"repeat", "(x, n) AS list_transform(range(n), lambda i: x)"},
    {"shuffle",
     "(a) AS list_transform(list_sort(list_transform(a, lambda x: {'r': random(), 'x': x})), "
     "lambda e: e.x)"},
    {"slice",
     "(a, s, n) AS CASE WHEN s = 0 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: SQL array indices "
     "start at 1') WHEN n < 0 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: length must be greater "
     "than or equal to 0') WHEN n = 0 OR -s > len(a) THEN list_slice(a, 1, 0) "
     "WHEN s > 0 THEN list_slice(a, s, s + n - 1) "
     "ELSE list_slice(a, len(a) + s + 1, len(a) + s + n) END"},
    {"trim_array",
     "(a, n) AS CASE WHEN n > len(a) THEN athena.fail('INVALID_FUNCTION_ARGUMENT: size must not "
     "exceed array cardinality ' || len(a) || ': ' || n) ELSE list_slice(a, 1, len(a) - n) END"},
    {"sequence",
     "(a, b, s) AS CASE WHEN (b - a) / s > 10000 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: "
     "result of sequence function must not have more than 10000 entries') ELSE "
     "generate_series(a, b, s) END"},
    {"sequence_to",
     "(t1 DATE, a, b) AS athena.sequence_of_days(a, b), "
     "(t1 BIGINT, a, b) AS CASE WHEN abs(b - a) >= 10000 THEN "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than "
     "10000 entries') ELSE generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END) END, "
     "(t1, a, b) AS generate_series(a, b)"},
    {"sequence_of_days",
     "(a, b) AS list_transform(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), "
     "CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL (-1) DAY END), lambda d: "
     "CAST(d AS DATE))"},
    {"sequence_of_dates",
     "(a, b, s) AS list_transform(athena.sequence_by(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), "
     "s), lambda d: CAST(d AS DATE))"},
    // Months are counted from the first: the 31st of January leads to the 31st of March.
    {"sequence_by",
     "(a, b, s) AS CASE WHEN athena.months_of(s) = 0 THEN generate_series(a, b, s) ELSE "
     "list_transform(range(0, date_sub('month', a, b) // athena.months_of(s) + 1), lambda i: "
     "a + s * i) END"},
    {"months_of", "(s) AS CAST(date_part('year', s) * 12 + date_part('month', s) AS BIGINT)"},
    {"sequence_of_moments",
     "(t1 DATE, a, b, s) AS athena.sequence_of_dates(a, b, s), "
     "(t1, a, b, s) AS athena.sequence_by(a, b, s)"},
    {"combinations_1", "(a) AS list_transform(a, lambda x: [x])"},
    {"combinations_2",
     "(a) AS flatten(list_transform(a, lambda x, i: list_transform("
     "athena.combinations_1(list_slice(a, i + 1, len(a))), lambda c: list_prepend(x, c))))"},
    {"combinations_3",
     "(a) AS flatten(list_transform(a, lambda x, i: list_transform("
     "athena.combinations_2(list_slice(a, i + 1, len(a))), lambda c: list_prepend(x, c))))"},
    {"combinations_4",
     "(a) AS flatten(list_transform(a, lambda x, i: list_transform("
     "athena.combinations_3(list_slice(a, i + 1, len(a))), lambda c: list_prepend(x, c))))"},
    {"combinations_5",
     "(a) AS flatten(list_transform(a, lambda x, i: list_transform("
     "athena.combinations_4(list_slice(a, i + 1, len(a))), lambda c: list_prepend(x, c))))"},

    // Vectors, as arrays or as maps.
    {"dot_product", "(a, b) AS list_inner_product(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))"},
    {"euclidean_distance", "(a, b) AS list_distance(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))"},
    {"map_cosine",
     "(a, b) AS "
     "list_sum(list_transform(map_keys(a), lambda k: CAST(a[k] AS DOUBLE) * coalesce(b[k], 0))) / "
     "(sqrt(list_sum(list_transform(map_values(a), lambda v: CAST(v AS DOUBLE) * v))) * "
     "sqrt(list_sum(list_transform(map_values(b), lambda v: CAST(v AS DOUBLE) * v))))"},
    {"list_cosine", "(a, b) AS list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))"},
    {"cosine_similarity",
     "(t1 MAP(VARCHAR, VARCHAR), a, b) AS athena.map_cosine(a, b), "
     "(t1, a, b) AS athena.list_cosine(a, b)"},
    {"cosine_distance",
     "(t1 MAP(VARCHAR, VARCHAR), a, b) AS 1 - athena.map_cosine(a, b), "
     "(t1, a, b) AS 1 - athena.list_cosine(a, b)"},

    // Maps.
    {"map",
     "(k, v) AS CASE WHEN len(k) <> len(v) THEN athena.fail('INVALID_FUNCTION_ARGUMENT: Key and "
     "value arrays must be the same length') ELSE map(k, v) END"},
    {"map_from_entries", "(l) AS map_from_entries(l)"},
    // Of entries with the same key the first is kept, entries without a key are not.
    {"first_entries", "(l) AS athena.first_entries_(list_filter(l, lambda e: e.key IS NOT NULL))"},
    {"first_entries_",
     "(l) AS CASE WHEN len(l) = list_unique(list_transform(l, lambda e: e.key)) THEN "
     "map_from_entries(l) ELSE map_from_entries(list_filter(l, lambda e, i: "
     "list_position(list_transform(l, lambda o: o.key), e.key) = i)) END"},
    {"grouped_entries",
     "(l) AS map_from_entries(list_transform(athena.array_distinct(list_transform(list_filter(l, "
     "lambda e: e.key IS NOT NULL), lambda e: e.key)), lambda k: {'key': k, 'value': "
     "list_transform(list_filter(l, lambda e: e.key = k), lambda e: e.value)}))"},
    {"multimap_from_entries",
     "(l) AS athena.grouped_entries(list_transform(l, lambda e: {'key': struct_extract_at(e, 1), "
     "'value': struct_extract_at(e, 2)}))"},
    {"top_entries",
     "(m, n) AS map_from_entries(list_transform(list_slice(list_sort(list_transform("
     "map_entries(m), lambda e: {'n': e.value, 'k': e.key}), 'DESC'), 1, n), "
     "lambda e: {'key': e.k, 'value': CAST(e.n AS BIGINT)}))"},

    // JSON. What is no JSON has nothing in it.
    {"json_parse",
     "(s) AS CASE WHEN s IS NULL OR json_valid(s) THEN json(s) ELSE "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ''' || s || '''') "
     "END"},
    {"json_format", "(j) AS CAST(json(j) AS VARCHAR)"},
    {"json_path_of", "(p) AS regexp_replace(p, '\\[\"([^\"]*)\"\\]', '.\"\\1\"', 'g')"},
    {"json_extract", "(j, p) AS CASE WHEN json_valid(j) THEN json_extract(j, p) END"},
    {"json_extract_scalar",
     "(j, p) AS CASE WHEN json_valid(j) THEN CASE json_type(j, p) WHEN 'OBJECT' THEN NULL "
     "WHEN 'ARRAY' THEN NULL ELSE json_extract_string(j, p) END END"},
    {"json_size",
     "(j, p) AS CASE WHEN json_valid(j) THEN CASE json_type(j, p) WHEN 'ARRAY' THEN "
     "CAST(json_array_length(j, p) AS BIGINT) WHEN 'OBJECT' THEN len(json_keys(j, p)) ELSE "
     "CASE WHEN json_exists(j, p) THEN 0 END END END"},
    {"json_array_get",
     "(j, i) AS json_extract_string(j, '$[' || CASE WHEN i < 0 THEN '#' || i ELSE "
     "CAST(i AS VARCHAR) END || ']')"},
    {"json_array_length",
     "(j) AS CASE WHEN json_valid(j) THEN CASE json_type(j) WHEN 'ARRAY' THEN "
     "CAST(json_array_length(j) AS BIGINT) END END"},
    {"json_array_contains",
     "(j, v) AS CASE WHEN json_valid(j) THEN CASE json_type(j) WHEN 'ARRAY' THEN "
     "list_contains(json_extract(j, '$[*]'), to_json(v)) END END"},
    {"is_json_scalar", "(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY')"},
    {"json_exists_in",
     "(j, p, e) AS CASE WHEN j IS NULL THEN NULL WHEN json_valid(j) THEN json_exists(j, p) "
     "ELSE e END"},
    {"json_exists_many",
     "(j, p, e) AS CASE WHEN j IS NULL THEN NULL WHEN json_valid(j) THEN "
     "len(json_extract(j, p)) > 0 ELSE e END"},
    {"json_value_of",
     "(j, p, m, e) AS CASE WHEN j IS NULL THEN NULL WHEN json_valid(j) THEN CASE json_type(j, p) "
     "WHEN 'OBJECT' THEN e WHEN 'ARRAY' THEN e WHEN 'NULL' THEN NULL ELSE CASE WHEN "
     "json_exists(j, p) THEN json_extract_string(j, p) ELSE m END END ELSE e END"},
    {"json_item",
     "(j, p) AS CASE WHEN json_valid(j) THEN list_filter([json_extract(j, p)], lambda v: "
     "v IS NOT NULL) WHEN j IS NOT NULL THEN [NULL, NULL] END"},
    {"json_items",
     "(j, p) AS CASE WHEN json_valid(j) THEN list_filter(json_extract(j, p), lambda v: "
     "v IS NOT NULL) WHEN j IS NOT NULL THEN [NULL, NULL] END"},
    {"json_query_of",
     "(l, w, o, m, e) AS CASE WHEN l IS NULL THEN NULL WHEN len(l) = 0 THEN m "
     "WHEN athena.has_null(l) THEN e "
     "WHEN w = 'always' OR (w = 'conditional' AND (len(l) > 1 OR json_type(l[1]) NOT IN ('ARRAY', "
     "'OBJECT'))) THEN CAST(to_json(l) AS VARCHAR) WHEN len(l) > 1 THEN e "
     "WHEN o THEN json_extract_string(l[1], '$') ELSE CAST(l[1] AS VARCHAR) END"},
    {"json_object_of",
     "(l, a) AS '{' || array_to_string(list_transform(list_filter(l, lambda e: NOT a OR e.v IS "
     "NOT NULL), lambda e: CAST(to_json(e.k) AS VARCHAR) || ':' || coalesce(CAST(e.v AS VARCHAR), "
     "'null')), ',') || '}'"},
    {"json_array_of",
     "(l, a) AS '[' || array_to_string(list_transform(list_filter(l, lambda e: NOT a OR e IS NOT "
     "NULL), lambda e: coalesce(CAST(e AS VARCHAR), 'null')), ',') || ']'"},
});

}  // namespace

std::span<const Macro> collection_macros() { return kMacros; }

}  // namespace ticklake::query::athena
