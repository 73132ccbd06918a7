import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BarBuilder } from "../src/bars";
import { bytes, cell, compact, decimalsOf, duration_ms, uptime } from "../src/format";
import { hashOf, partsOf } from "../src/rooms/room";
import { kUsual, placesOf, stepsOf, type Places } from "../src/rooms/tutorial_text";
import { shapeOf, tickColumns, tickOf, timeOf } from "../src/shape";

const columns = (...names: string[]) => names.map((name) => ({ name, type: "VARCHAR" }));

test("ticks of one interval make one bar, the next interval starts another", () => {
  const bars = new BarBuilder(5, 100);
  for (const [ms, price, size] of [[10_000, 3, 1], [11_000, 5, 2], [14_999, 4, 3], [15_000, 6, 4]]) {
    bars.add(ms!, price!, size!);
  }
  assert.deepEqual(bars.all, [
    { time: 10, open: 3, high: 5, low: 3, close: 4, volume: 6 },
    { time: 15, open: 6, high: 6, low: 6, close: 6, volume: 4 },
  ]);
});

test("a tick that the history already holds is not counted twice", () => {
  const bars = new BarBuilder(1, 100);
  bars.reset([{ time: 10, open: 1, high: 1, low: 1, close: 1, volume: 7 }], 10_400);
  assert.equal(bars.add(10_400, 9, 1), undefined);
  assert.equal(bars.add(10_401, 2, 1)?.volume, 8);
});

test("a late tick widens its own bar and leaves every close alone", () => {
  const bars = new BarBuilder(1, 100);
  bars.add(10_000, 5, 1);
  bars.add(11_000, 6, 1);
  assert.equal(bars.add(10_500, 9, 1)?.time, 10);
  assert.deepEqual(bars.all.map((bar) => [bar.high, bar.close]), [[9, 5], [6, 6]]);
  assert.equal(bars.add(3_000, 1, 1), undefined, "before the first bar");
});

test("bars are kept up to their bound, and a missing price makes none", () => {
  const bars = new BarBuilder(1, 3);
  for (let i = 1; i <= 4; i += 1) bars.add(i * 1000, i, NaN);
  assert.deepEqual(bars.all.map((bar) => bar.time), [2, 3, 4]);
  assert.equal(bars.add(5000, NaN, 1), undefined);
  assert.equal(bars.last?.volume, 0);
});

test("a finished bar replaces the newest of its time, and an older one is left out", () => {
  const bars = new BarBuilder(86_400, 10);
  const bar = { time: 86_400, open: 1, high: 2, low: 1, close: 2, volume: 1 };
  bars.put(bar);
  bars.put({ ...bar, close: 1.5 });
  assert.equal(bars.put({ ...bar, time: 0 }), undefined);
  assert.deepEqual(bars.all.map((one) => one.close), [1.5]);
});

test("columns find their meaning whatever their case", () => {
  const trades = shapeOf({ name: "t", columns: columns("Ticker", "PX", "qty", "ts", "exchange") });
  assert.deepEqual(
    [trades.symbol, trades.price, trades.size, trades.time, trades.venue, trades.bars],
    ["Ticker", "PX", "qty", "ts", "exchange", undefined],
  );
  const daily = shapeOf({ name: "d", columns: columns("date", "open", "high", "low", "close", "volume") });
  assert.deepEqual(daily.bars, { open: "open", high: "high", low: "low", close: "close" });
  assert.equal(tickColumns(shapeOf({ name: "x", columns: columns("a", "b") })).length, 2);
});

test("times are read as text and in every unit, UTC unless they say otherwise", () => {
  const ms = Date.UTC(2026, 10, 24, 0, 15, 3);
  for (const value of [
    ms / 1000, ms, ms * 1e3, ms * 1e6,
    "2026-11-24T00:15:03Z", "2026-11-24 00:15:03", "2026-11-24T01:15:03+01:00", "2026-11-24 00:15:03.000000",
  ]) {
    assert.equal(timeOf(value), ms, String(value));
  }
  assert.equal(timeOf("2000-01-03"), Date.UTC(2000, 0, 3));
  assert.ok(Number.isNaN(timeOf("yesterday")) && Number.isNaN(timeOf(null)));
});

test("a row without a time has the time of its arrival; a price in text is a price", () => {
  const shape = shapeOf({ name: "t", columns: columns("symbol", "price") });
  const tick = tickOf(shape, { symbol: 7, price: "1.5" }, 42);
  assert.deepEqual([tick.symbol, tick.time_ms, tick.price], ["7", 42, 1.5]);
  assert.ok(Number.isNaN(tickOf(shape, { symbol: "A", price: null }, 42).price));
});

test("figures are short and have their unit", () => {
  assert.deepEqual([99_999, 100_000, 1_234_567, 4.56e9, undefined].map(compact),
    ["99,999", "100 k", "1.23 M", "4.56 G", "–"]);
  assert.deepEqual([999, 1_820_000].map(bytes), ["999 B", "1.82 MB"]);
  assert.deepEqual([0.42, 12, 1234, 61_000].map(duration_ms), ["0.4 ms", "12 ms", "1.2 s", "1 min 01 s"]);
  assert.deepEqual([42, 185, 7620, 273_600].map(uptime), ["42 s", "3 min 05 s", "2 h 07 min", "3 d 4 h"]);
  assert.deepEqual([0.1 + 0.2, null, 12, { a: 1 }].map(cell), ["0.3", "NULL", "12", '{"a":1}']);
  assert.deepEqual([[1455.219971], [64.18], [0.8231]].map(decimalsOf), [2, 2, 4]);
});

test("the parts of an address come back as they went in", () => {
  const parts = ["buckets", "stock-market", "a/b c%/ü/"];
  assert.deepEqual(partsOf(hashOf(...parts)), parts);
  assert.deepEqual(partsOf(""), [""]);
  assert.deepEqual(partsOf("#buckets/100%"), ["buckets", "100%"]);
});

const tutorial = readFileSync(process.env["TUTORIAL"]!, "utf8");
const commands = (places: Places) =>
  stepsOf(tutorial, places).flatMap(({ blocks }) => blocks.flatMap((b) => (b.kind === "commands" ? b.commands : [])));

test("the tutorial's lines are those of the document, one command each", () => {
  const lines = commands(kUsual);
  for (const line of lines.join("\n").split("\n")) {
    assert.ok(!line.trim() || tutorial.includes(`    ${line}\n`), `the document has no line ${line}`);
  }
  const indented = tutorial.split("\n").filter((line) => line.startsWith("    "));
  assert.equal(lines.join("\n").split("\n").filter((line) => line.trim()).length, indented.length);
  assert.equal(lines.filter((line) => line.includes("<<'PY'")).length, lines.filter((line) => line.endsWith("\nPY")).length);
  assert.deepEqual(stepsOf(tutorial, kUsual).slice(1, 3).map(({ title }) => title),
    ["1. A Kafka, a bucket, a catalog, an Athena", "2. The producer"]);
});

test("the tutorial's lines name the ticklake of whoever reads them", () => {
  const status = {
    broker: { address: "127.0.0.1:19092" },
    aws: { url: "http://127.0.0.1:18090", listen: "127.0.0.1:18090", region: "us-east-1", env: "build/ticklake env --data 'my data'" },
  };
  const places = placesOf(status, { hostname: "127.0.0.1", origin: "http://127.0.0.1:18080" });
  const text = commands(places).join("\n");
  for (const line of [
    'eval "$(build/ticklake env --data \'my data\')"',
    "export AWS_ENDPOINT_URL=http://127.0.0.1:18090",
    "producer.py 127.0.0.1:19092 demo",
    'build/ticklake sql --url http://127.0.0.1:18080 "SELECT count(*) FROM demo"',
  ]) {
    assert.ok(text.includes(line), `${line} is not in\n${text}`);
  }
  assert.ok(!/127\.0\.0\.1:(9092|8090|8080)\b/.test(text));
});

test("who asks another machine for the page is told that machine's name", () => {
  const status = {
    broker: { address: "0.0.0.0:9092" },
    aws: { url: "https://localhost:8090", listen: "0.0.0.0:8090", region: "us-east-1", env: "ticklake env" },
  };
  const far = placesOf(status, { hostname: "lake.example", origin: "https://lake.example:8080" });
  assert.deepEqual([far.kafka, far.aws], ["lake.example:9092", "https://lake.example:8090"]);
  const near = placesOf(status, { hostname: "localhost", origin: "http://localhost:8080" });
  assert.deepEqual([near.kafka, near.aws], ["127.0.0.1:9092", "https://localhost:8090"]);
});
