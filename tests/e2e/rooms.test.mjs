// The rooms beside the live one, in a real browser: what boto3 does on the endpoint is seen there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openBrowser, openPage } from "./browser.mjs";
import { Server, until } from "./server.mjs";

const root = new URL("../../", import.meta.url);
const python = process.env.AWS_PYTHON ?? fileURLToPath(new URL("build/deps/aws/python/bin/python", root));
const step = fileURLToPath(new URL("aws_step.py", import.meta.url));
const kFeed = ["--feed", "simulate", "--rate", "500/s", "--seed", "1"];
const server = new Server();
const complaints = [];
let browser;
let page;
let settings;

const aws = (...what) =>
  execFileSync(python, ["-B", step, ...what], { encoding: "utf8", env: { ...process.env, ...settings } }).trim();
const room = (name) => page.goto(`${server.url}#${name}`);
const within = (id) => page.getByTestId(id);
const shows = (id, text) => until(async () => (await within(id).innerText()).includes(text), `${id} shows ${text}`);
const rowOf = (id, text) => within(id).locator("tbody tr").filter({ hasText: text }).first();

before(async () => {
  await server.start(...kFeed);
  settings = server.awsEnvironment;
  browser = await openBrowser();
  page = await openPage(browser);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
});

after(async () => {
  await browser?.close();
  const code = await server.stop();
  if (code !== 0) console.log(`the server ended with ${code}:\n${server.log.slice(-4000)}`);
  await server.dispose();
});

test("an object that a client of S3 puts appears, and is saved as it is", async () => {
  await room("buckets");
  await shows("buckets", "lake");
  const html = "<script>document.title = 'run'</script>";
  aws("bucket", "stock-market");
  aws("put", "stock-market", "notes/read me.html", html);
  await shows("buckets", "stock-market");
  await within("buckets").getByText("stock-market").click();
  await within("objects").getByText("notes/").click();
  await shows("objects", "read me.html");
  assert.match(await rowOf("objects", "read me.html").innerText(), new RegExp(`${html.length} B`));
  const download = page.waitForEvent("download");
  await within("objects").getByText("Download").click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), "read me.html");
  assert.equal(readFileSync(await saved.path(), "utf8"), html);
});

test("a folder has an address, and a way back", async () => {
  assert.equal(decodeURIComponent(new URL(page.url()).hash), "#buckets/stock-market/notes/");
  await page.reload();
  await shows("objects", "read me.html");
  await within("objects").getByRole("navigation").getByText("stock-market").click();
  await shows("objects", "notes/");
});

test("a crawler is run by its button, and the table that it makes is shown", async () => {
  aws("put", "stock-market", "ticks/1.json", '{"symbol": "A", "price": 1.5}');
  aws("crawler", "stocks", "stock_market_kafka", "s3://stock-market/ticks/");
  await room("catalog");
  await shows("crawlers", "never");
  await within("crawlers").getByRole("button", { name: "Run stocks" }).click();
  await shows("crawlers", "1 table made");
  await within("databases").getByText("stock_market_kafka").click();
  await within("databases").getByText("ticks").click();
  await shows("catalog-table", "stock_market_kafka.ticks");
  assert.match(await rowOf("catalog-table", "price").innerText(), /double/);
  await within("crawlers").getByRole("button", { name: "Report of stocks" }).click();
  await shows("crawlers", "create table");
  await within("catalog-table").getByText("s3://stock-market/ticks/").click();
  await shows("objects", "1.json");
});

test("the tables that the sink writes are in the catalog too", async () => {
  await server.stop(); // which commits what is in the tail
  await server.start(...kFeed);
  settings = server.awsEnvironment;
  complaints.length = 0;
  await room("catalog/ticklake/trades");
  await shows("catalog-table", "ticklake.trades");
  await shows("catalog-table", "Partitions");
});

test("a query of boto3 is in the history, with what it scanned", async () => {
  await room("history");
  const sql = "SELECT symbol, max(price) AS most FROM ticks GROUP BY symbol";
  const scanned = Number(aws("query", sql, "stock_market_kafka"));
  assert.ok(scanned > 0);
  const text = await until(async () => {
    const [found] = await within("history").locator("tbody tr").filter({ hasText: sql }).allInnerTexts();
    return found?.includes("succeeded") && found;
  }, "the history shows that it succeeded");
  assert.match(text, new RegExp(`\\s1\\s+${scanned} B`));
  await within("history").getByText(sql).click();
  const download = page.waitForEvent("download");
  await within("history").getByText("s3://athena-results/").click();
  assert.equal(readFileSync(await (await download).path(), "utf8"), '"symbol","most"\n"A","1.5"\n');
});

test("a query that failed says why", async () => {
  aws("query", "SELECT nobody FROM ticks", "stock_market_kafka");
  await within("history").getByText("SELECT nobody").click();
  await shows("history", "COLUMN_NOT_FOUND");
});

test("a line of the tutorial that is copied names this ticklake", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await room("tutorial");
  const copied = async (text) => {
    await page.getByRole("button", { name: `Copy: ${text}` }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  await until(async () => (await within("tutorial").innerText()).includes(settings.AWS_ENDPOINT_URL), "the endpoint is shown");
  assert.equal(await copied("export AWS_ENDPOINT_URL"), `export AWS_ENDPOINT_URL=${settings.AWS_ENDPOINT_URL}`);
  const kafka = /Kafka +(127\.0\.0\.1:\d+)/.exec(server.log)[1];
  assert.match(await copied("tutorial/bin/python tests/aws/tutorial/producer.py"), new RegExp(` ${kafka} demo `));
  const env = await copied("eval");
  const endpoint = execFileSync("sh", ["-c", `${env}; echo "$AWS_ENDPOINT_URL"`], { encoding: "utf8", cwd: fileURLToPath(root) });
  assert.equal(endpoint.trim(), settings.AWS_ENDPOINT_URL);
  assert.ok(!(await page.content()).includes(settings.AWS_SECRET_ACCESS_KEY), "the secret is on the page");
});

test("the keyboard leads through the rooms, and back to live prices", async () => {
  const links = within("rooms").getByRole("link");
  await links.first().focus();
  for (const name of ["Buckets", "Catalog", "History", "Tutorial"]) {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(() => page.locator(`#room-${name.toLowerCase()}`).isVisible(), `${name} is shown`);
    assert.equal(await within("rooms").locator("[aria-current=page]").innerText(), name);
    assert.equal(await page.title(), `${name} · ticklake`);
  }
  await links.first().press("Enter");
  const bars = async () => Number(await within("chart").getAttribute("data-bars"));
  const first = await until(bars, "there are bars");
  await until(async () => (await bars()) > first, "another bar");
  const width = await within("chart").locator("canvas").first().evaluate((canvas) => canvas.clientWidth);
  assert.ok(width > 300, `the chart is ${width} wide`);
  await until(async () => (await page.title()).includes(" · ticklake"), "its price is in the title");
});

test("nothing complained on the console", () => assert.deepEqual(complaints, []));

test("without the endpoint the rooms say that it is off, and the catalog goes on", async () => {
  await server.stop();
  await server.start(...kFeed, "--aws-listen", "none");
  for (const [name, id] of [["buckets", "objects"], ["history", "history"], ["catalog", "crawlers"]]) {
    await room(name);
    await shows(id, "start `ticklake up` without --aws-listen none");
  }
  await room("catalog/ticklake/trades");
  await shows("catalog-table", "price");
  await room("tutorial");
  await shows("tutorial", "The endpoint of AWS clients is off");
});
