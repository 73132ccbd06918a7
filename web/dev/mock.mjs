// A gateway for work on the page without the binary: the same HTTP interface, made-up trades, and
// answers only to the statements that the page asks by itself or offers as examples.
// usage: node dev/mock.mjs [port] [ticks a second]; it serves web/dist, and prints its URL.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answerRoom } from "./mock_rooms.mjs";

const port = Number(process.argv[2] ?? 0);
const rate = Number(process.argv[3] ?? 1000);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const kKept = 400_000;
const kFlushRows = 20_000;

const symbols = [
  ["AAPL", 189.12], ["MSFT", 415.5], ["NVDA", 121.4], ["AMZN", 178.2], ["TSLA", 244.9],
  ["META", 502.3], ["GOOG", 171.9], ["JPM", 205.4], ["XOM", 113.6], ["KO", 64.18],
  ["PENNY", 0.8231], ["<img src=x onerror=alert(1)>", 10],
].map(([symbol, price], i) => ({ symbol, price, weight: 1 / (i + 1) }));
const weights = symbols.reduce((sum, one) => sum + one.weight, 0);

const trades = [];
let seq = 0;
let lakeRows = 0;
let files = 0;
let queries = 0;
const started = Date.now();

function trade(time_ms) {
  let pick = Math.random() * weights;
  const one = symbols.find((each) => (pick -= each.weight) <= 0) ?? symbols[0];
  const tick = one.price < 1 ? 0.0001 : 0.01;
  one.price = Math.max(tick, one.price * (1 + (Math.random() - 0.5) * 0.0006));
  return {
    symbol: one.symbol,
    price: Number((Math.round(one.price / tick) * tick).toFixed(4)),
    size: Math.ceil(Math.random() * 9) * (Math.random() < 0.8 ? 100 : 10),
    venue: "NQPZ"[Math.floor(Math.random() * 4)],
    seq: seq++,
    event_time: new Date(time_ms).toISOString().replace("Z", "456Z"),
  };
}

for (let i = 0; i < 200_000; i += 1) trades.push(trade(started - (200_000 - i) * 2));

const sp500 = [];
let level = 1469.25;
for (let day = 0; sp500.length < 5105; day += 1) {
  const date = new Date(Date.UTC(2000, 0, 3 + day));
  if (date.getUTCDay() % 6 === 0) continue;
  const open = level;
  level *= 1 + (Math.random() - 0.495) * 0.02;
  sp500.push({
    date: date.toISOString().slice(0, 10), open, high: Math.max(open, level) * 1.004,
    low: Math.min(open, level) * 0.996, close: level, adjclose: level, volume: 1e9 + Math.random() * 1e9,
  });
}

const type = (name, kind) => ({ name, type: kind });
const tables = () => [
  {
    name: "sp500", rows_lake: sp500.length, rows_tail: 0, files: 1,
    columns: [type("date", "DATE"), ...["open", "high", "low", "close", "adjclose"].map((n) => type(n, "DOUBLE")), type("volume", "BIGINT")],
  },
  {
    name: "trades", rows_lake: lakeRows, rows_tail: seq - lakeRows, files,
    columns: [type("symbol", "VARCHAR"), type("price", "DOUBLE"), type("size", "BIGINT"),
      type("venue", "VARCHAR"), type("seq", "BIGINT"), type("event_time", "TIMESTAMP")],
  },
];

const status = () => {
  const rows_per_second = Math.round(rate * (0.97 + Math.random() * 0.06));
  const known = tables().map(({ columns: _, ...table }) => ({ ...table, rows_per_second: table.name === "trades" ? rows_per_second : 0 }));
  return {
    version: "0.1.0", uptime_s: (Date.now() - started) / 1000, ready: true,
    problems: process.env.PROBLEMS ? [{ where: "images.dead-letter", what: "the topic did not take 1 of its dead letters: kept in the lake", since: new Date(started).toISOString() }] : [],
    broker: { address: "127.0.0.1:9092", topics: 2, partitions: 2, records_in: seq + 5105, bytes_in: seq * 122, connections: 3 },
    feed: { kind: "simulate", topic: "trades", rate: rows_per_second, records: seq, state: "running" },
    sink: {
      partitions: [{ topic: "trades", partition: 0, visible_offset: seq - 3, durable_offset: lakeRows, log_end_offset: seq, lag: Math.floor(Math.random() * 4) }],
      rows_visible: seq + 5105, rows_per_second, dead_letters: 0,
    },
    lake: { location: "file:///home/me/ticklake-data/lake", files: files + 1, rows: lakeRows + 5105, bytes: lakeRows * 9.1 },
    tables: known, query: { count: queries },
    aws: { url: "http://127.0.0.1:8090", listen: "127.0.0.1:8090", region: "us-east-1", env: "build/ticklake env" },
  };
};

function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function objects(rows, columns) {
  return { columns, rows: rows.map((row) => columns.map(({ name }) => row[name] ?? null)) };
}

/** Knows a statement by a word in it; good enough to look at the page, and no more. */
function answer(sql) {
  const table = tables().find((one) => sql.includes(`"sp500"`) || /\bsp500\b/.test(sql) ? one.name === "sp500" : one.name === "trades");
  const data = table.name === "sp500" ? sp500 : trades;
  const mine = /= '([^']*(?:''[^']*)*)'/.exec(sql)?.[1].replaceAll("''", "'");
  if (!/^\s*(select|with|from|show|describe)/i.test(sql)) {
    throw { what: "the statement cannot be read", cause: `Parser Error: syntax error at or near "${sql.trim().split(/\s/)[0]}"\nLINE 1: ${sql}\n        ^`, advice: "look at the word that the cause names" };
  }
  if (sql.includes("quantile_cont(epoch_us")) return { columns: [type("p99", "DOUBLE")], rows: [[3 + Math.random() * 2]] };
  if (sql.includes("bar_time") && table.name === "sp500") {
    return { columns: ["bar_time", "open", "high", "low", "close", "volume", "0"].map((n) => type(n, "DOUBLE")),
      rows: sp500.map((r) => [Date.parse(r.date) / 1000, r.open, r.high, r.low, r.close, r.volume, 0]).reverse() };
  }
  if (sql.includes("bar_time")) {
    const interval = Number(/BIGINT \* (\d+)/.exec(sql)[1]);
    const groups = groupBy(trades.filter((r) => r.symbol === mine), (r) => Math.floor(Date.parse(r.event_time) / 1000 / interval) * interval);
    const rows = [...groups].map(([time, g]) => {
      const p = g.map((r) => r.price);
      return [time, p[0], Math.max(...p), Math.min(...p), p.at(-1), g.reduce((s, r) => s + r.size, 0), Date.parse(g.at(-1).event_time)];
    });
    return { columns: ["bar_time", "o", "h", "l", "c", "v", "t"].map((n) => type(n, "DOUBLE")), rows: rows.reverse().slice(0, 300) };
  }
  if (/"symbol", count\(\*\)/.test(sql)) {
    const groups = [...groupBy(trades, (r) => r.symbol)].sort((a, b) => b[1].length - a[1].length);
    return { columns: [type("symbol", "VARCHAR"), type("count_star()", "BIGINT")], rows: groups.map(([s, g]) => [s, g.length]) };
  }
  if (/count\(\*\)/i.test(sql) && !/group by/i.test(sql)) {
    const name = /\) as (\w+)/i.exec(sql)?.[1] ?? "count_star()";
    return { columns: [type(name, "BIGINT")], rows: [[table.rows_lake + table.rows_tail]] };
  }
  if (/group by/i.test(sql)) {
    const groups = [...groupBy(trades.slice(-60_000), (r) => r.symbol)].sort((a, b) => b[1].length - a[1].length).slice(0, 10);
    return {
      columns: [type("symbol", "VARCHAR"), type("trades", "BIGINT"), type("volume", "HUGEINT"), type("last_price", "DOUBLE"), type("change_pct", "DOUBLE")],
      rows: groups.map(([s, g]) => [s, g.length, g.reduce((v, r) => v + r.size, 0), g.at(-1).price, Number((100 * (g.at(-1).price / g[0].price - 1)).toFixed(2))]),
    };
  }
  const limit = Number(/limit (\d+)/i.exec(sql)?.[1] ?? 100);
  return objects(data.slice(-limit).reverse(), table.columns);
}

function run(sql) {
  queries += 1;
  const from = performance.now();
  const result = answer(sql);
  return { ...result, row_count: result.rows.length, truncated: false, elapsed_ms: performance.now() - from };
}

const clients = new Set();
let fresh = [];
let owed = 0;
setInterval(() => {
  owed += rate / 20;
  const now = Date.now();
  for (; owed >= 1; owed -= 1) fresh.push(trade(now));
  if (fresh.length === 0) return;
  trades.push(...fresh);
  if (trades.length > kKept) trades.splice(0, trades.length - kKept);
  if (seq - lakeRows > kFlushRows) {
    lakeRows = seq;
    files += 1;
  }
  const rows = fresh.slice(-200);
  const frame = { table: "trades", rows, total: fresh.length, dropped: fresh.length - rows.length };
  for (const client of clients) if (client.table === "trades") send(client.response, "ticks", frame);
  fresh = [];
}, 50);
setInterval(() => {
  for (const client of clients) send(client.response, "status", status());
}, 500);

const send = (response, event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const json = (response, code, data) => {
  response.writeHead(code, { "Content-Type": "application/json" });
  response.end(JSON.stringify(data));
};
const stream = (response) => response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

async function serveFile(path, response) {
  const file = join(dist, normalize(path === "/" ? "/index.html" : path));
  try {
    const content = await readFile(file);
    response.writeHead(200, { "Content-Type": kTypes[extname(file)] ?? "application/octet-stream" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  const attempt = (respond) => {
    try {
      return respond();
    } catch (error) {
      return json(response, 400, { error: error.what ? error : { what: String(error) } });
    }
  };
  if (url.pathname.startsWith("/health/")) return json(response, 200, { ready: true });
  if (url.pathname === "/api/tables") return json(response, 200, tables());
  if (url.pathname === "/api/status") return json(response, 200, status());
  if (url.pathname === "/api/query") {
    const { sql } = JSON.parse(await body(request));
    return attempt(() => {
      const result = run(sql);
      if (url.searchParams.get("format") !== "csv") return json(response, 200, result);
      response.writeHead(200, { "Content-Type": "text/csv" });
      return response.end([result.columns.map((c) => c.name), ...result.rows].map((r) => r.join(",")).join("\n"));
    });
  }
  if (url.pathname === "/api/query/live") {
    stream(response);
    const tick = () => {
      try {
        send(response, "result", run(url.searchParams.get("sql")));
      } catch (error) {
        send(response, "failed", { error: error.what ? error : { what: String(error) } });
      }
    };
    tick();
    const timer = setInterval(tick, 1000);
    return response.on("close", () => clearInterval(timer));
  }
  if (url.pathname === "/api/events") {
    stream(response);
    const client = { response, table: url.searchParams.get("table") };
    clients.add(client);
    send(response, "status", status());
    return response.on("close", () => clients.delete(client));
  }
  const room = answerRoom(url, request.method);
  if (room) return json(response, 200, room);
  return serveFile(url.pathname, response);
});
server.listen(port, "127.0.0.1", () => console.log(`dashboard: http://127.0.0.1:${server.address().port}/`));
