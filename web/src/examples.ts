// Statements to start from; those that fit the tables at hand are offered.

import type { Table } from "./api";

interface Example {
  title: string;
  table: string;
  sql: string;
}

const kExamples: Example[] = [
  {
    title: "Most active symbols of the last minute",
    table: "trades",
    sql: `SELECT symbol, count(*) AS trades, sum(size) AS volume,
  arg_min(price, _offset) AS first_price,
  arg_max(price, _offset) AS last_price,
  round(100 * (last_price / first_price - 1), 2) AS pct
FROM trades
WHERE _event_time >
  (SELECT max(_event_time) FROM trades) - INTERVAL 1 MINUTE
GROUP BY symbol
ORDER BY trades DESC LIMIT 10`,
  },
  {
    title: "From tick to SQL: p50 and p99 by symbol",
    table: "trades",
    sql: `WITH ticks AS (
  SELECT symbol,
    date_diff('us', _event_time, _visible_time) / 1000 AS ms
  FROM trades WHERE _visible_time >
    (SELECT max(_visible_time) FROM trades) - INTERVAL 1 MINUTE)
SELECT symbol, count(*) AS ticks,
  quantile_cont(ms, 0.5) AS p50_ms,
  quantile_cont(ms, 0.99) AS p99_ms
FROM ticks GROUP BY symbol ORDER BY p99_ms DESC LIMIT 10`,
  },
  {
    title: "One-minute bars",
    table: "trades",
    sql: `SELECT symbol,
  time_bucket(INTERVAL 1 MINUTE, _event_time) AS minute,
  arg_min(price, _offset) AS open, max(price) AS high,
  min(price) AS low, arg_max(price, _offset) AS close,
  sum(size) AS volume
FROM trades GROUP BY symbol, minute
ORDER BY minute DESC, volume DESC LIMIT 20`,
  },
  {
    title: "Rows by second",
    table: "trades",
    sql: `SELECT date_trunc('second', _visible_time) AS visible,
  count(*) AS ticks, count(DISTINCT symbol) AS symbols
FROM trades GROUP BY visible
ORDER BY visible DESC LIMIT 20`,
  },
  {
    title: "The last ticks, with their offsets",
    table: "trades",
    sql: `SELECT _partition, _offset, symbol, price, size,
  _event_time, _visible_time
FROM trades ORDER BY _offset DESC LIMIT 20`,
  },
  {
    title: "S&P 500: best and worst years",
    table: "sp500",
    sql: `SELECT year(date::DATE) AS year,
  arg_min(open, date) AS first_open,
  arg_max(close, date) AS last_close,
  round(100 * (last_close / first_open - 1), 1) AS pct
FROM sp500 GROUP BY year(date::DATE) ORDER BY pct DESC`,
  },
  {
    title: "S&P 500: the wildest days",
    table: "sp500",
    sql: `SELECT date, close,
  round(100 * (close / lag(close) OVER (ORDER BY date) - 1), 2)
    AS pct
FROM sp500 QUALIFY pct IS NOT NULL
ORDER BY abs(pct) DESC LIMIT 20`,
  },
];

export function examplesFor(tables: Table[]): Example[] {
  const names = new Set(tables.map((table) => table.name));
  const fitting = kExamples.filter((example) => names.has(example.table));
  const others = tables
    .filter((table) => !kExamples.some((example) => example.table === table.name))
    .map(({ name }) => ({
      title: `The last rows of ${name}`,
      table: name,
      sql: `SELECT * FROM "${name.replaceAll('"', '""')}" ORDER BY _offset DESC LIMIT 20`,
    }));
  return [...fitting, ...others];
}
