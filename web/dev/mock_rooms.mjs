// What the mock's rooms show: made-up buckets, a catalog, crawlers and queries.

const started = Date.now();
const time = (ago_s) => new Date(started - ago_s * 1000).toISOString();
const page = (items, more = {}) => ({ items, next: null, ...more });

const buckets = [
  { name: "athena-results", is_lake: false, created: time(90_000) },
  { name: "lake", is_lake: true },
  { name: "stock-market", is_lake: false, created: time(3600) },
];
const objects = Array.from({ length: 250 }, (_, i) => ({
  key: `stock_market_${String(i).padStart(4, "0")}.json`, bytes: 130 + (i % 17), modified: time(2500 - i), etag: "0".repeat(32),
}));
const folders = { "": ["<b>no markup</b>/", "year=2026/"] };

const column = (name, type, comment = "") => ({ name, type, comment });
const trades = {
  name: "trades", database: "ticklake", description: "", type: "EXTERNAL_TABLE", format: "parquet",
  location: "s3://lake/trades/", column_count: 6, partition_keys: [column("dt", "string")], created: time(9000), updated: time(60), version: 3,
  columns: [column("symbol", "string"), column("price", "double", "in dollars"), column("size", "bigint"), column("venue", "string"), column("seq", "bigint"), column("event_time", "timestamp")],
  serde: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", view: "", parameters: { classification: "parquet", recordCount: "1234567" },
};
const stocks = {
  ...trades, name: "stock_market", database: "stock_market_kafka", format: "json", location: "s3://stock-market/", partition_keys: [], column_count: 3,
  columns: [column("index", "string"), column("open", "double"), column("quotes", "array<struct<bid:double,ask:double,venue:string,conditions:array<string>>>")],
};
const tables = { default: [], stock_market_kafka: [stocks], ticklake: [{ ...trades, name: "sp500" }, trades] };

const crawl = (state, error = "") => ({
  id: "1b4e28ba-2fa1-41d2-883f-0016d3cca427", state, started: time(200), ended: state === "RUNNING" ? null : time(198.6), error,
  tables_created: 1, tables_updated: 0, tables_deleted: 0,
});
let runsUntil = 0;
const crawlers = () => [
  { name: "nightly", state: "READY", database: "default", targets: ["s3://stock-market/year=2026/"], schedule: "cron(0 3 * * ? *)", role: "glue", last: crawl("FAILED", "The bucket nobody-s does not exist") },
  { name: "stocks", state: Date.now() < runsUntil ? "RUNNING" : "READY", database: "stock_market_kafka", targets: ["s3://stock-market/"], schedule: "", role: "glue", last: crawl(Date.now() < runsUntil ? "RUNNING" : "COMPLETED") },
];

const execution = (i, sql, state = "SUCCEEDED", error = "") => ({
  id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`, sql, is_cut: false, state, error, database: "stock_market_kafka", work_group: "primary",
  caller: "arn:aws:iam::000000000000:root", parameters: [], submitted: time(i * 97), completed: time(i * 97 - 1), total_ms: 12 + ((i * 7919) % 900), queued_ms: 1,
  scanned_bytes: state === "SUCCEEDED" ? (i * 104_729) % 9_000_000 : 0, rows: state === "SUCCEEDED" ? 1 + ((i * 31) % 2000) : null, output: `s3://athena-results/${i}.csv`,
});
const executions = [
  execution(0, "SELECT count(*) FROM stock_market CROSS JOIN stock_market", "RUNNING"),
  execution(1, "SELECT nobody FROM stock_market", "FAILED", "COLUMN_NOT_FOUND: line 1:8: Column 'nobody' cannot be resolved"),
  execution(2, "SELECT symbol,\n       approx_percentile(price, 0.99) AS p99, max_by(price, event_time) AS last_price\nFROM ticklake.trades\nWHERE dt = '2026-11-29'\nGROUP BY symbol ORDER BY p99 DESC LIMIT 20"),
  ...Array.from({ length: 12 }, (_, i) => execution(3 + i, "SELECT count(*) AS n FROM stock_market")),
];

/** The answer to a request for a room, as JSON; undefined if it is none. */
export function answerRoom(url, method) {
  const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
  const prefix = url.searchParams.get("prefix") ?? "";
  const from = Number(url.searchParams.get("from") ?? 0);
  if (path[0] === "buckets" && path.length === 1) return page(buckets);
  if (path[0] === "buckets" && path[2] === "objects") {
    const mine = path[1] === "stock-market" && !prefix ? objects : [];
    const next = from + 100 < mine.length ? String(from + 100) : null;
    return page(mine.slice(from, from + 100), { next, folders: path[1] === "stock-market" && from === 0 ? (folders[prefix] ?? []) : [] });
  }
  if (path[0] === "catalog" && path.length === 2) return page(Object.keys(tables).map((name) => ({ name, created: time(9000) })));
  if (path[0] === "catalog" && path.length === 4) return page(tables[path[2]] ?? []);
  if (path[0] === "catalog" && path.length === 5) return (tables[path[2]] ?? []).find((one) => one.name === path[4]);
  if (path[0] === "catalog" && path[5] === "partitions") return page([{ values: ["2026-11-28"], location: "s3://lake/trades/dt=2026-11-28/" }, { values: ["2026-11-29"], location: "s3://lake/trades/dt=2026-11-29/" }]);
  if (path[0] === "crawlers" && path[2] === "start" && method === "POST") {
    runsUntil = Date.now() + 3000;
    return { state: "RUNNING" };
  }
  if (path[0] === "crawlers") return page(crawlers());
  if (path[0] === "crawls") return { report: "250 files, 34,120 bytes\ncreate table: stock_market: 250 JSON files with 6 columns\nadd column: open: double\n" };
  if (path[0] === "executions") return path[1] ? executions.find((one) => one.id === path[1]) : page(executions);
  return undefined;
}
