// The SQL that this page asks by itself: a table's symbols, its newest rows, and the bars with which
// a chart starts before ticks take over.

import { query, type Row } from "./api";
import type { Bar } from "./bars";
import { numberOf, type Shape } from "./shape";

const kSymbolsMax = 300;
const kBarsAtStart = 300;
const kFinishedBarsMax = 6000;

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The symbols of a table, most active first. */
export async function loadSymbols(shape: Shape, signal: AbortSignal): Promise<string[]> {
  if (!shape.symbol) return [];
  const symbol = name(shape.symbol);
  const result = await query(
    `SELECT ${symbol}, count(*) FROM ${name(shape.table)} WHERE ${symbol} IS NOT NULL
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${kSymbolsMax}`,
    kSymbolsMax,
    signal,
  );
  return result.rows.map((row) => String(row[0]));
}

/** The newest rows of a table, newest first. */
export async function loadNewest(shape: Shape, rows: number, signal: AbortSignal): Promise<Row[]> {
  const result = await query(
    `SELECT * FROM ${name(shape.table)} ORDER BY _offset DESC LIMIT ${rows}`,
    rows,
    signal,
  );
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, i) => [column.name, row[i]])),
  );
}

export interface History {
  bars: Bar[];
  /** Ticks up to this time are in the bars already. */
  upTo_ms: number;
}

/** The last bars of one symbol (or of a table without symbols), oldest first. */
export async function loadBars(
  shape: Shape,
  symbol: string,
  interval_s: number,
  signal: AbortSignal,
): Promise<History> {
  const sql = shape.bars ? finishedBars(shape, symbol) : barsOfTicks(shape, symbol, interval_s);
  if (!sql) return { bars: [], upTo_ms: 0 };
  const result = await query(sql, kFinishedBarsMax, signal);
  const bars: Bar[] = [];
  let upTo_ms = 0;
  for (const row of result.rows) {
    const [time, open, high, low, close, volume, last_ms] = row.map(numberOf) as number[];
    if (![time, open, high, low, close].every(Number.isFinite)) continue;
    const bar = { time, open, high, low, close, volume: volume || 0 } as Bar;
    // Two rows of one time: the chart takes strictly rising times only; the newer row came first.
    if (bars.at(-1)?.time !== bar.time) bars.push(bar);
    upTo_ms = Math.max(upTo_ms, last_ms || 0);
  }
  return { bars: bars.reverse(), upTo_ms };
}

function finishedBars(shape: Shape, symbol: string): string {
  if (!shape.bars || !shape.time) return "";
  const { open, high, low, close } = shape.bars;
  const time = `epoch(TRY_CAST(${name(shape.time)} AS TIMESTAMP))::BIGINT`;
  const where = shape.symbol ? `WHERE ${name(shape.symbol)} = ${literal(symbol)}` : "";
  return `SELECT ${time} AS bar_time, ${[open, high, low, close].map(name).join(", ")},
      ${shape.size ? name(shape.size) : "0"}, 0
    FROM ${name(shape.table)} ${where} ORDER BY 1 DESC, _offset DESC LIMIT ${kFinishedBarsMax}`;
}

function barsOfTicks(shape: Shape, symbol: string, interval_s: number): string {
  if (!shape.price) return "";
  const table = name(shape.table);
  const time = shape.time ? `TRY_CAST(${name(shape.time)} AS TIMESTAMP)` : "_append_time";
  const price = name(shape.price);
  const mine = shape.symbol ? `${name(shape.symbol)} = ${literal(symbol)}` : "true";
  const span = `INTERVAL ${kBarsAtStart * interval_s} SECOND`;
  return `SELECT (epoch_ms(${time}) // ${interval_s * 1000})::BIGINT * ${interval_s} AS bar_time,
      arg_min(${price}, _offset), max(${price}), min(${price}), arg_max(${price}, _offset),
      ${shape.size ? `sum(${name(shape.size)})::DOUBLE` : "count(*)"}, max(epoch_ms(${time}))
    FROM ${table}
    WHERE ${mine} AND ${price} IS NOT NULL
      AND ${time} > (SELECT max(${time}) FROM ${table} WHERE ${mine}) - ${span}
    GROUP BY 1 ORDER BY 1 DESC LIMIT ${kBarsAtStart}`;
}

/**
 * The 99th percentile, over the rows of the last half minute, from the time that a tick carries to
 * the moment when SQL could see it, in milliseconds. Undefined when no row came, or when the times
 * are not of now (a replay).
 */
export async function loadTickToSql(shape: Shape, signal: AbortSignal): Promise<number | undefined> {
  const since = new Date(Date.now() - 30_000).toISOString().slice(0, 23).replace("T", " ");
  const result = await query(
    `SELECT quantile_cont(epoch_us(_visible_time) - epoch_us(_event_time), 0.99) / 1000.0
     FROM ${name(shape.table)} WHERE _visible_time > TIMESTAMP ${literal(since)}`,
    1,
    signal,
  );
  const p99_ms = numberOf(result.rows[0]?.[0]);
  return p99_ms >= 0 && p99_ms < 3_600_000 ? p99_ms : undefined;
}
