// What a table's columns mean: which one is the price, which the time. Tables come from any topic, so
// the names are guessed from what market data is usually called; a role that is not found is absent.

import type { Column, Row, Table } from "./api";

export interface Shape {
  table: string;
  symbol?: string;
  time?: string;
  price?: string;
  size?: string;
  venue?: string;
  /** The table holds finished bars: they are drawn as they are. */
  bars?: { open: string; high: string; low: string; close: string };
  columns: string[];
}

const kNames = {
  symbol: ["symbol", "ticker", "sym", "instrument", "pair", "product_id"],
  time: ["event_time", "time", "timestamp", "ts", "datetime", "date", "day", "trade_time"],
  price: ["price", "last", "last_price", "close", "px", "trade_price"],
  size: ["size", "volume", "qty", "quantity", "amount", "vol"],
  venue: ["venue", "exchange", "exch", "market", "side"],
};

export function shapeOf(table: Pick<Table, "name" | "columns">): Shape {
  const columns = table.columns.map((column) => column.name);
  const find = (names: string[]): string | undefined => {
    for (const name of names) {
      const found = columns.find((column) => column.toLowerCase() === name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const shape: Shape = { table: table.name, columns };
  for (const role of ["symbol", "time", "price", "size", "venue"] as const) {
    const column = find(kNames[role]);
    if (column !== undefined) shape[role] = column;
  }
  const [open, high, low, close] = ["open", "high", "low", "close"].map((name) => find([name]));
  if (open && high && low && close && shape.time) shape.bars = { open, high, low, close };
  return shape;
}

/** A number, also from text; NaN where there is none. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
}

/**
 * Milliseconds since 1970 of a time in a row: ISO text (UTC unless it says otherwise), or a number in
 * seconds, milliseconds, microseconds or nanoseconds, told apart by its size.
 */
export function timeOf(value: unknown): number {
  if (typeof value === "number") {
    const size = Math.abs(value);
    return size < 1e11 ? value * 1e3 : size < 1e14 ? value : size < 1e17 ? value / 1e3 : value / 1e6;
  }
  if (typeof value !== "string") return NaN;
  const zoned = /([zZ]|[+-]\d\d:?\d\d)$/.test(value);
  const text = value.replace(" ", "T");
  if (!text.includes("T")) return Date.parse(text);
  return Date.parse(zoned ? text : `${text}Z`);
}

export interface Tick {
  symbol: string;
  time_ms: number;
  price: number;
  size: number;
  row: Row;
}

export function tickOf(shape: Shape, row: Row, arrival_ms: number): Tick {
  const time_ms = shape.time ? timeOf(row[shape.time]) : NaN;
  const symbol = shape.symbol ? row[shape.symbol] : undefined;
  return {
    symbol: symbol === null || symbol === undefined ? "" : String(symbol),
    time_ms: Number.isFinite(time_ms) ? time_ms : arrival_ms,
    price: shape.price ? numberOf(row[shape.price]) : NaN,
    size: shape.size ? numberOf(row[shape.size]) : NaN,
    row,
  };
}

/** The columns that the tick table shows: what matters first, five at most. */
export function tickColumns(shape: Shape): string[] {
  const roles = shape.bars
    ? [shape.time, shape.symbol, ...Object.values(shape.bars)]
    : [shape.time, shape.symbol, shape.price, shape.size, shape.venue];
  const named = roles.filter((name): name is string => name !== undefined);
  return [...new Set(named.length >= 2 ? named : shape.columns)].slice(0, 5);
}

export const isNumeric = (column: Column): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|REAL|DOUBLE|DECIMAL|NUMERIC)/i.test(column.type);
