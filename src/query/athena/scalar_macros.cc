// Trino's scalar functions on numbers, strings, bytes, dates and times as macros of DuckDB.
#include <array>

#include "query/athena/macro_table.h"

namespace ticklake::query::athena {
namespace {

constexpr auto kMacros = std::to_array<Macro>({
    // A NULL of no type that fails when it is computed: CASE gives it any type, TRY catches it.
    {"fail", "(m) AS list_extract([NULL], CAST(m AS BIGINT))"},

    // Arithmetic.
    {"nonzero",
     "(y) AS CASE WHEN y = 0 THEN athena.fail('DIVISION_BY_ZERO: Division by zero') ELSE y END"},
    {"divide",
     "(t1 INTEGER, t2 INTEGER, x, y) AS x // athena.nonzero(y), "
     "(t1 BIGINT, t2 BIGINT, x, y) AS x // athena.nonzero(y), "
     "(t1 DOUBLE, t2 DOUBLE, x, y) AS CAST(x AS DOUBLE) / y, "
     "(t1 DECIMAL, t2 DECIMAL, x, y) AS "
     "cast_to_type(x / athena.nonzero(y) * CAST(1.0000000000000009 AS DOUBLE), "
     "x + y + CAST(0 AS DECIMAL(30,0))), "
     "(t1, t2, x, y) AS x / y"},
    {"plus_interval", "(t1 DATE, x, i) AS CAST(x + i AS DATE), (t1, x, i) AS x + i"},
    {"minus_interval", "(t1 DATE, x, i) AS CAST(x - i AS DATE), (t1, x, i) AS x - i"},
    {"minus",
     "(t1 DATE, t2 DATE, x, y) AS to_days(CAST(x - y AS INTEGER)), (t1, t2, x, y) AS x - y"},
    {"as_sum",
     "(t1 HUGEINT, x) AS CAST(x AS BIGINT), (t1 DOUBLE, x) AS x, (t1 DECIMAL, x) AS x, "
     "(t1, x) AS x"},
    {"as_avg",
     "(t2 HUGEINT, a, s) AS a, (t2 DOUBLE, a, s) AS a, "
     "(t2 DECIMAL, a, s) AS "
     "cast_to_type(a * CAST(1.0000000000000009 AS DOUBLE), s), (t2, a, s) AS a"},

    // Casts.
    {"to_varchar",
     "(t1 VARCHAR, x) AS CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(x, '$') ELSE CAST(x "
     "AS VARCHAR) END, "
     "(t1 BOOLEAN, x) AS CAST(x AS VARCHAR), (t1 BIGINT, x) AS CAST(x AS VARCHAR), "
     "(t1 FLOAT, x) AS athena_real_text(x), (t1 DOUBLE, x) AS athena_double_text(x), "
     "(t1 DECIMAL, x) AS CAST(x AS VARCHAR), (t1 DATE, x) AS CAST(x AS VARCHAR), "
     "(t1 TIMESTAMP, x) AS strftime(x, '%Y-%m-%d %H:%M:%S.%g'), "
     "(t1 TIMESTAMP WITH TIME ZONE, x) AS "
     "strftime(CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g UTC'), "
     "(t1 TIME, x) AS strftime(DATE '2000-01-01' + x, '%H:%M:%S.%g'), "
     "(t1 BLOB, x) AS decode(x), (t1, x) AS CAST(x AS VARCHAR)"},
    {"integer_text",
     "(s) AS CASE WHEN s IS NULL OR regexp_full_match(s, '[+-]?[0-9]+') THEN s ELSE "
     "athena.fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || s || ''' to INT') END"},
    {"to_integer",
     "(t1 VARCHAR, x) AS athena.integer_text(CASE WHEN typeof(x) = 'JSON' THEN "
     "json_extract_string(x, '$') ELSE CAST(x AS VARCHAR) END), "
     "(t1 BOOLEAN, x) AS CAST(x AS BIGINT), (t1 BIGINT, x) AS x, (t1 DOUBLE, x) AS round(x), "
     "(t1 DECIMAL, x) AS x, (t1, x) AS x"},

    // Numbers.
    {"ceiling",
     "(t1 BIGINT, x) AS x, (t1 DOUBLE, x) AS ceil(x), (t1 DECIMAL, x) AS ceil(x), (t1, x) AS "
     "ceil(x)"},
    {"floor",
     "(t1 BIGINT, x) AS x, (t1 DOUBLE, x) AS floor(x), (t1 DECIMAL, x) AS floor(x), "
     "(t1, x) AS floor(x)"},
    {"round",
     "(t1 BIGINT, x) AS x, (t1 DOUBLE, x) AS round(x), (t1 DECIMAL, x) AS round(x), "
     "(t1, x) AS round(x), "
     "(t1 BIGINT, x, d) AS cast_to_type(round(x, d), x), (t1 DOUBLE, x, d) AS round(x, d), "
     "(t1 DECIMAL, x, d) AS cast_to_type(round(x, d), x + x), (t1, x, d) AS round(x, d)"},
    {"truncate",
     "(t1 BIGINT, x) AS x, (t1 DOUBLE, x) AS trunc(x), (t1 DECIMAL, x) AS trunc(x), "
     "(t1, x) AS trunc(x), "
     "(t1 BIGINT, x, d) AS cast_to_type(trunc(x * power(10, d)) / power(10, d), x), "
     "(t1 DOUBLE, x, d) AS trunc(x * power(10, d)) / power(10, d), "
     "(t1 DECIMAL, x, d) AS cast_to_type(trunc(x, d), x), "
     "(t1, x, d) AS trunc(x * power(10, d)) / power(10, d)"},
    {"sign",
     "(t1 BIGINT, x) AS cast_to_type(sign(x), x), (t1 DOUBLE, x) AS CAST(sign(x) AS DOUBLE), "
     "(t1 DECIMAL, x) AS CAST(sign(x) AS DECIMAL(1,0)), (t1, x) AS sign(x)"},
    {"ln",
     "(x) AS CASE WHEN x > 0 THEN ln(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
     "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END"},
    {"log", "(b, x) AS athena.ln(x) / athena.ln(b)"},
    {"log2",
     "(x) AS CASE WHEN x > 0 THEN log2(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
     "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END"},
    {"log10",
     "(x) AS CASE WHEN x > 0 THEN log10(x) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) "
     "WHEN x < 0 THEN CAST('NaN' AS DOUBLE) END"},
    {"sqrt", "(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END"},
    {"acos",
     "(x) AS CASE WHEN x BETWEEN -1 AND 1 THEN acos(x) WHEN x IS NOT NULL THEN "
     "CAST('NaN' AS DOUBLE) END"},
    {"asin",
     "(x) AS CASE WHEN x BETWEEN -1 AND 1 THEN asin(x) WHEN x IS NOT NULL THEN "
     "CAST('NaN' AS DOUBLE) END"},
    {"e", "() AS exp(CAST(1 AS DOUBLE))"},
    {"infinity", "() AS CAST('Infinity' AS DOUBLE)"},
    {"nan", "() AS CAST('NaN' AS DOUBLE)"},
    {"width_bucket",
     "(x, bins) AS len(list_filter(bins, lambda b: b <= x)), "
     "(x, a, b, n) AS CASE WHEN a < b THEN CASE WHEN x < a THEN 0 WHEN x >= b THEN n + 1 ELSE "
     "CAST(floor(n * (x - a) / (b - a)) AS BIGINT) + 1 END ELSE CASE WHEN x > a THEN 0 "
     "WHEN x <= b THEN n + 1 ELSE CAST(floor(n * (a - x) / (a - b)) AS BIGINT) + 1 END END"},
    {"random",
     "(n) AS CAST(floor(random() * n) AS BIGINT), "
     "(a, b) AS a + CAST(floor(random() * (b - a)) AS BIGINT)"},
    {"from_base",
     "(s, b) AS CASE WHEN starts_with(s, '-') THEN -athena.from_base_(substr(s, 2), b) ELSE "
     "athena.from_base_(s, b) END"},
    {"from_base_",
     "(s, b) AS list_reduce(list_transform(string_split(lower(s), ''), lambda c: "
     "CASE WHEN strpos(substr('0123456789abcdefghijklmnopqrstuvwxyz', 1, b), c) > 0 THEN "
     "CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS BIGINT) ELSE "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: Not a valid base-' || b || ' number: ' || s) END), "
     "lambda p, q: p * b + q)"},
    {"to_base",
     "(n, b) AS CASE WHEN n < 0 THEN '-' || lower(to_base(-n, b)) ELSE lower(to_base(n, b)) END"},
    {"wilson_interval_lower",
     "(k, n, z) AS (k / n + z * z / (2 * n) - z * sqrt((k / n * (1 - k / n) + z * z / (4 * n)) / "
     "n)) / (1 + z * z / n)"},
    {"wilson_interval_upper",
     "(k, n, z) AS (k / n + z * z / (2 * n) + z * sqrt((k / n * (1 - k / n) + z * z / (4 * n)) / "
     "n)) / (1 + z * z / n)"},
    {"normal_cdf",
     "(m, d, v) AS 0.5::DOUBLE * (1 + athena_erf((v - m) / (d * sqrt(CAST(2 AS DOUBLE)))))"},
    {"bit_count",
     "(x, n) AS CASE WHEN n >= 64 THEN bit_count(CAST(x AS BIGINT)) ELSE "
     "bit_count(CAST(x AS BIGINT) & (athena_shift_left(1, CAST(n AS BIGINT)) - 1)) END"},
    {"bitwise_and", "(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT)"},
    {"bitwise_or", "(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT)"},
    {"bitwise_xor", "(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT))"},
    {"bitwise_not", "(a) AS ~CAST(a AS BIGINT)"},
    // What leaves the width of the value's type is lost; its highest bit is the sign.
    {"signed_bits", "(v, n) AS CASE WHEN v & n <> 0 THEN v | -n ELSE v & (n - 1) END"},
    {"bitwise_left_shift",
     "(t1 TINYINT, x, s) AS athena.signed_bits(athena_shift_left(CAST(x AS BIGINT), "
     "CAST(s AS BIGINT)), 128), "
     "(t1 SMALLINT, x, s) AS athena.signed_bits(athena_shift_left(CAST(x AS BIGINT), "
     "CAST(s AS BIGINT)), 32768), "
     "(t1 INTEGER, x, s) AS athena.signed_bits(athena_shift_left(CAST(x AS BIGINT), "
     "CAST(s AS BIGINT)), 2147483648), "
     "(t1 BIGINT, x, s) AS athena_shift_left(x, CAST(s AS BIGINT)), "
     "(t1, x, s) AS athena_shift_left(CAST(x AS BIGINT), CAST(s AS BIGINT))"},
    {"bitwise_right_shift",
     "(t1 TINYINT, x, s) AS athena_shift_right(CAST(x AS BIGINT) & 255, CAST(s AS BIGINT)), "
     "(t1 SMALLINT, x, s) AS athena_shift_right(CAST(x AS BIGINT) & 65535, CAST(s AS BIGINT)), "
     "(t1 INTEGER, x, s) AS athena_shift_right(CAST(x AS BIGINT) & 4294967295, CAST(s AS BIGINT)), "
     "(t1 BIGINT, x, s) AS athena_shift_right(x, CAST(s AS BIGINT)), "
     "(t1, x, s) AS athena_shift_right(x, CAST(s AS BIGINT))"},
    {"bitwise_right_shift_arithmetic",
     "(x, s) AS CASE WHEN s >= 64 THEN CASE WHEN x < 0 THEN -1 ELSE 0 END ELSE "
     "CAST(x AS BIGINT) >> CAST(s AS BIGINT) END"},
    {"format_number",
     "(x) AS CASE WHEN abs(x) >= 1e15 THEN athena.format_number_(x / 1e15) || 'Q' "
     "WHEN abs(x) >= 1e12 THEN athena.format_number_(x / 1e12) || 'T' "
     "WHEN abs(x) >= 1e9 THEN athena.format_number_(x / 1e9) || 'B' "
     "WHEN abs(x) >= 1e6 THEN athena.format_number_(x / 1e6) || 'M' "
     "WHEN abs(x) >= 1e3 THEN athena.format_number_(x / 1e3) || 'K' "
     "ELSE athena.format_number_(x) END"},
    {"format_number_",
     "(v) AS regexp_replace(CAST(CASE WHEN abs(v) >= 100 THEN round(v) WHEN abs(v) >= 10 THEN "
     "round(v, 1) ELSE round(v, 2) END AS VARCHAR), '\\.0*$', '')"},
    {"parse_data_size",
     "(s) AS CAST(floor(CAST(regexp_extract(s, '^([0-9.]+)', 1) AS DECIMAL(18,6)) * "
     "CASE regexp_extract(s, '([a-zA-Z]+)$', 1) WHEN 'B' THEN 1 WHEN 'kB' THEN 1024 "
     "WHEN 'MB' THEN 1048576 WHEN 'GB' THEN 1073741824 WHEN 'TB' THEN 1099511627776 "
     "WHEN 'PB' THEN 1125899906842624 ELSE "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: Invalid data size: ''' || s || '''') END) "
     "AS DECIMAL(38,0))"},
    {"typeof", "(x) AS athena_type_name(typeof(x))"},

    // Strings.
    {"length",
     "(t1 VARCHAR, x) AS length(x), (t1 BLOB, x) AS octet_length(x), (t1, x) AS length(x)"},
    {"hamming_distance",
     "(a, b) AS CASE WHEN length(a) <> length(b) THEN athena.fail('INVALID_FUNCTION_ARGUMENT: The "
     "input strings to hamming_distance function must have the same length') WHEN a = '' THEN 0 "
     "ELSE hamming(a, b) END"},
    {"lpad",
     "(t1 VARCHAR, x, n, p) AS lpad(x, CAST(n AS INTEGER), p), "
     "(t1 BLOB, x, n, p) AS unhex(lpad(hex(x), CAST(n * 2 AS INTEGER), hex(p))), (t1, x, n, p) AS "
     "lpad(x, CAST(n AS INTEGER), p)"},
    {"rpad",
     "(t1 VARCHAR, x, n, p) AS rpad(x, CAST(n AS INTEGER), p), "
     "(t1 BLOB, x, n, p) AS unhex(rpad(hex(x), CAST(n * 2 AS INTEGER), hex(p))), (t1, x, n, p) AS "
     "rpad(x, CAST(n AS INTEGER), p)"},
    {"luhn_check",
     "(s) AS list_sum(list_transform(list_reverse(string_split(s, '')), lambda c, i: "
     "CASE WHEN i % 2 = 1 THEN CAST(c AS INTEGER) WHEN CAST(c AS INTEGER) > 4 THEN "
     "CAST(c AS INTEGER) * 2 - 9 ELSE CAST(c AS INTEGER) * 2 END)) % 10 = 0"},
    // An empty text is found in front of each character and at the end.
    {"replace",
     "(s, f) AS replace(s, f, ''), "
     "(s, f, r) AS CASE WHEN f <> '' THEN replace(s, f, r) WHEN s = '' THEN r ELSE "
     "r || array_to_string(string_split(s, ''), r) || r END"},
    // ß has no upper case of one letter in Java; utf8proc takes ẞ.
    {"upper", "(s) AS replace(upper(s), 'ẞ', 'ß')"},
    {"reverse",
     "(t1 VARCHAR, x) AS reverse(x), "
     "(t1 BLOB, x) AS unhex(array_to_string(list_reverse(regexp_extract_all(hex(x), '..')), '')), "
     "(t1, x) AS list_reverse(x)"},
    {"soundex", "(s) AS athena_soundex(s)"},
    {"split",
     "(s, d) AS string_split(s, d), (s, d, n) AS CASE WHEN len(string_split(s, d)) <= n THEN "
     "string_split(s, d) ELSE list_append(list_slice(string_split(s, d), 1, n - 1), "
     "array_to_string(list_slice(string_split(s, d), n, len(string_split(s, d))), d)) END"},
    {"split_part",
     "(s, d, i) AS CASE WHEN i < 1 THEN athena.fail('INVALID_FUNCTION_ARGUMENT: Index must be "
     "greater than zero') ELSE list_extract(string_split(s, d), i) END"},
    {"split_entries",
     "(s, d, k) AS list_transform(CASE WHEN s = '' THEN [] ELSE string_split(s, d) END, lambda x: "
     "{'key': split_part(x, k, 1), 'value': substr(x, length(split_part(x, k, 1)) + length(k) + "
     "1)})"},
    {"split_to_map", "(s, d, k) AS map_from_entries(athena.split_entries(s, d, k))"},
    {"split_to_multimap", "(s, d, k) AS athena.grouped_entries(athena.split_entries(s, d, k))"},
    {"strpos", "(s, x) AS strpos(s, x), (s, x, n) AS athena.strpos_(string_split(s, x), x, n)"},
    {"strpos_",
     "(parts, x, n) AS CASE WHEN n > 0 AND n < len(parts) THEN "
     "length(array_to_string(list_slice(parts, 1, n), x)) + 1 "
     "WHEN n < 0 AND len(parts) + n >= 1 THEN "
     "length(array_to_string(list_slice(parts, 1, len(parts) + n), x)) + 1 ELSE 0 END"},
    {"substr",
     "(t1 VARCHAR, x, i) AS CASE WHEN i = 0 OR -i > length(x) THEN '' ELSE substr(x, i) END, "
     "(t1 VARCHAR, x, i, n) AS CASE WHEN i = 0 OR -i > length(x) OR n <= 0 THEN '' ELSE "
     "substr(x, i, n) END, "
     "(t1 BLOB, x, i) AS unhex(substr(hex(x), 2 * i - CASE WHEN i > 0 THEN 1 ELSE 0 END)), "
     "(t1 BLOB, x, i, n) AS unhex(substr(hex(x), 2 * i - CASE WHEN i > 0 THEN 1 ELSE 0 END, "
     "2 * n))"},
    {"from_utf8", "(b) AS athena_from_utf8(b, chr(65533)), (b, r) AS athena_from_utf8(b, r)"},
    {"concat_ws", "(d, a) AS array_to_string(list_filter(a, lambda x: x IS NOT NULL), d)"},
    {"regexp_count", "(s, p) AS len(regexp_extract_all(s, p))"},
    {"regexp_position",
     "(s, p) AS athena.regexp_position_(string_split_regex(s, p), regexp_extract_all(s, p), 1, "
     "1), "
     "(s, p, i) AS athena.regexp_position_(string_split_regex(substr(s, i), p), "
     "regexp_extract_all(substr(s, i), p), i, 1), "
     "(s, p, i, n) AS athena.regexp_position_(string_split_regex(substr(s, i), p), "
     "regexp_extract_all(substr(s, i), p), i, n)"},
    {"regexp_position_",
     "(parts, found, i, n) AS CASE WHEN len(found) < n THEN -1 ELSE i + "
     "length(array_to_string(list_slice(parts, 1, n), '')) + "
     "length(array_to_string(list_slice(found, 1, n - 1), '')) END"},
    {"java_replacement", "(r) AS regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g')"},

    // Bytes.
    {"to_base64url", "(b) AS translate(to_base64(b), '+/', '-_')"},
    {"from_base64url", "(s) AS from_base64(translate(s, '-_', '+/'))"},
    {"to_base32", "(b) AS athena_to_base32(b)"},
    {"from_base32", "(s) AS athena_from_base32(encode(s))"},
    {"to_big_endian_32", "(x) AS unhex(right(lpad(hex(CAST(x AS BIGINT)), 16, '0'), 8))"},
    {"to_big_endian_64", "(x) AS unhex(lpad(hex(CAST(x AS BIGINT)), 16, '0'))"},
    {"from_big_endian_32", "(b) AS CAST(athena_from_big_endian(b, '4') AS INTEGER)"},
    {"from_big_endian_64", "(b) AS athena_from_big_endian(b, '8')"},
    {"to_ieee754_32", "(x) AS athena_to_ieee754(CAST(x AS DOUBLE), '4')"},
    {"to_ieee754_64", "(x) AS athena_to_ieee754(CAST(x AS DOUBLE), '8')"},
    {"from_ieee754_32", "(b) AS CAST(athena_from_ieee754(b, '4') AS FLOAT)"},
    {"from_ieee754_64", "(b) AS athena_from_ieee754(b, '8')"},
    {"crc32", "(b) AS athena_crc32(b)"},
    {"md5", "(b) AS unhex(md5(b))"},
    {"sha1", "(b) AS unhex(sha1(b))"},
    {"sha256", "(b) AS unhex(sha256(b))"},
    {"sha512", "(b) AS athena_digest(b, 'SHA512')"},
    {"hmac_md5", "(b, k) AS athena_hmac_md5(b, k)"},
    {"hmac_sha1", "(b, k) AS athena_hmac_sha1(b, k)"},
    {"hmac_sha256", "(b, k) AS athena_hmac_sha256(b, k)"},
    {"hmac_sha512", "(b, k) AS athena_hmac_sha512(b, k)"},
    {"xxhash64", "(b) AS athena_xxhash64(b)"},

    // URLs.
    {"url_decode", "(s) AS url_decode(replace(s, '+', ' '))"},
    {"url_encode",
     "(s) AS replace(replace(replace(url_encode(s), '%20', '+'), '%2A', '*'), '~', '%7E')"},
    {"url_extract_protocol",
     "(u) AS list_extract(regexp_extract_all(u, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1), 1)"},
    {"url_extract_host",
     "(u) AS nullif(regexp_extract(u, "
     "'^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?(\\[[^\\]]*\\]|[^/:?#]*)', 1), '')"},
    {"url_extract_port",
     "(u) AS CAST(nullif(regexp_extract(u, "
     "'^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?(?:\\[[^\\]]*\\]|[^/:?#]*):([0-9]+)', 1), '') AS "
     "BIGINT)"},
    {"url_extract_path",
     "(u) AS url_decode(regexp_extract(u, '^[a-zA-Z][a-zA-Z0-9+.-]*:(?://[^/?#]*)?([^?#]*)', 1))"},
    {"url_extract_query", "(u) AS url_decode(regexp_extract(u, '^[^?#]*\\?([^#]*)', 1))"},
    {"url_extract_fragment", "(u) AS url_decode(regexp_extract(u, '#(.*)$', 1))"},
    {"url_extract_parameter",
     "(u, n) AS list_extract(list_transform(list_filter(string_split(regexp_extract(u, "
     "'^[^?#]*\\?([^#]*)', 1), '&'), lambda p: split_part(p, '=', 1) = n), lambda p: "
     "url_decode(replace(substr(p, length(n) + 2), '+', ' '))), 1)"},

    // Dates and times.
    {"unit_interval",
     "(u) AS CASE u WHEN 'millisecond' THEN INTERVAL 1 MILLISECOND WHEN 'second' THEN "
     "INTERVAL 1 SECOND WHEN 'minute' THEN INTERVAL 1 MINUTE WHEN 'hour' THEN INTERVAL 1 HOUR "
     "WHEN 'day' THEN INTERVAL 1 DAY WHEN 'week' THEN INTERVAL 7 DAY WHEN 'month' THEN "
     "INTERVAL 1 MONTH WHEN 'quarter' THEN INTERVAL 3 MONTH WHEN 'year' THEN INTERVAL 1 YEAR "
     "ELSE athena.fail('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid DATE field') "
     "END"},
    {"date_add",
     "(t3 DATE, u, n, x) AS CAST(x + athena.unit_interval(u) * n AS DATE), "
     "(t3, u, n, x) AS x + athena.unit_interval(u) * n"},
    {"date_diff", "(u, a, b) AS date_sub(u, a, b)"},
    {"date_trunc",
     "(t2 DATE, u, x) AS CAST(date_trunc(u, x) AS DATE), "
     "(t2 TIME, u, x) AS CAST(date_trunc(u, DATE '2000-01-01' + x) AS TIME), "
     "(t2, u, x) AS date_trunc(u, x)"},
    {"date", "(x) AS CAST(x AS DATE)"},
    {"now", "() AS date_trunc('millisecond', now())"},
    {"millisecond", "(x) AS CAST(millisecond(x) % 1000 AS BIGINT)"},
    // The standard lets the seconds go, and the minutes.
    {"from_iso8601_timestamp",
     "(s) AS CAST(regexp_replace(regexp_replace(s, 'T(\\d{2})(Z|[+-].*)?$', 'T\\1:00\\2'), "
     "'T(\\d{2}:\\d{2})(Z|[+-].*)?$', 'T\\1:00\\2') AS TIMESTAMP WITH TIME ZONE)"},
    {"from_iso8601_date",
     "(s) AS CASE WHEN regexp_full_match(s, '\\d{4}-W\\d{2}(-\\d)?') THEN "
     "date_trunc('week', make_date(CAST(substr(s, 1, 4) AS BIGINT), 1, 4))::DATE + "
     "CAST((CAST(substr(s, 7, 2) AS INTEGER) - 1) * 7 + CAST(substr(s || '-1', 10, 1) AS INTEGER) "
     "- 1 AS INTEGER) WHEN regexp_full_match(s, '\\d{4}-\\d{3}') THEN "
     "make_date(CAST(substr(s, 1, 4) AS BIGINT), 1, 1) + CAST(substr(s, 6, 3) AS INTEGER) - 1 "
     "ELSE CAST(s AS DATE) END"},
    {"from_unixtime_nanos",
     "(n) AS CAST(make_timestamp(CAST(floor(n) AS BIGINT) // 1000) AS TIMESTAMP WITH TIME ZONE)"},
    {"to_iso8601",
     "(t1 DATE, x) AS strftime(x, '%Y-%m-%d'), "
     "(t1 TIMESTAMP, x) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%g'), "
     "(t1 TIMESTAMP WITH TIME ZONE, x) AS strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ'), "
     "(t1, x) AS replace(CAST(x AS VARCHAR), ' ', 'T')"},
    {"to_milliseconds_of", "(i) AS CAST(round(epoch(i) * 1000) AS BIGINT)"},
    {"current_timezone", "() AS 'UTC'"},
    {"offset_name",
     "(m) AS printf('%s%02d:%02d', CASE WHEN m < 0 THEN '-' ELSE '+' END, abs(m) // 60, "
     "abs(m) % 60)"},
    {"parse_duration",
     "(s) AS to_microseconds(CAST(round(CAST(regexp_extract(s, '^\\s*([0-9.]+)', 1) AS DOUBLE) * "
     "CASE regexp_extract(s, '([a-z]+)\\s*$', 1) WHEN 'ns' THEN 1e-6 WHEN 'us' THEN 1e-3 "
     "WHEN 'ms' THEN 1e0 WHEN 's' THEN 1e3 WHEN 'm' THEN 6e4 WHEN 'h' THEN 36e5 "
     "WHEN 'd' THEN 864e5 ELSE "
     "athena.fail('INVALID_FUNCTION_ARGUMENT: duration is not a valid data duration string: ' || "
     "s) END) AS BIGINT) * 1000)"},
    {"human_readable_seconds", "(x) AS athena.human_readable_(CAST(round(x) AS BIGINT))"},
    {"human_readable_",
     "(s) AS CASE WHEN s = 0 THEN '0 seconds' ELSE array_to_string(list_filter(["
     "athena.counted_(s // 604800, 'week'), athena.counted_(s // 86400 % 7, 'day'), "
     "athena.counted_(s // 3600 % 24, 'hour'), athena.counted_(s // 60 % 60, 'minute'), "
     "athena.counted_(s % 60, 'second')], lambda t: t IS NOT NULL), ', ') END"},
    {"counted_",
     "(n, w) AS CASE WHEN n = 1 THEN '1 ' || w WHEN n > 1 THEN n || ' ' || w || 's' END"},
});

}  // namespace

std::span<const Macro> scalar_macros() { return kMacros; }

}  // namespace ticklake::query::athena
