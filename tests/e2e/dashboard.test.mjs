// The dashboard in a real browser, on the real pipeline. The tests share one page and run in order,
// as a visit does: look, ask, break, come back.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, openPage } from "./browser.mjs";
import { Server, until } from "./server.mjs";

const pictures = process.env.SCREENSHOTS ?? tmpdir();
const server = new Server();
let browser;
let page;
/** Errors on the console while the server was up. */
const complaints = [];
/** What the server refused, for whoever reads a failure. */
const refusals = [];
let isAway = false;

const text = (id) => page.getByTestId(id).innerText();
const number = async (id) => Number((await text(id)).replace(/[^\d.-]/g, ""));
const bars = async () => Number(await page.getByTestId("chart").getAttribute("data-bars"));
const refreshed = async () => Number(await page.getByTestId("sql-result").getAttribute("data-refreshed"));
const firstCell = () => page.getByTestId("sql-result").locator("tbody td").first().innerText();

/** Waits for the price to change so many times; a quiet symbol goes to and fro between a few. */
async function pricesMove(changes) {
  let last = await text("price");
  for (let seen = 0; seen < changes; seen += 1) {
    const what = `change ${seen + 1} of the price ${last} of ${await page.title()}`;
    last = await until(async () => {
      const price = await text("price");
      return price !== last && price !== "–" && price;
    }, what);
    assert.match(last, /^\d{1,3}(,\d{3})*\.\d{2,8}$/);
  }
}

async function typeSql(sql) {
  await page.getByTestId("sql-editor").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(sql);
  assert.equal((await text("sql-editor")).trim(), sql);
  await page.getByTestId("sql-run").click();
}

before(async () => {
  await server.start("--feed", "simulate", "--rate", "1000/s", "--seed", "1");
  browser = await openBrowser();
  page = await openPage(browser);
  page.on("console", (message) => {
    if (message.type() === "error" && !isAway) complaints.push(message.text());
  });
  page.on("response", async (response) => {
    if (response.status() < 400) return;
    const answer = await response.text().catch(() => "");
    refusals.push(`${response.status()} ${response.request().postData() ?? response.url()}: ${answer}`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(server.url);
});

after(async () => {
  if (page && process.env.SCREENSHOTS) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, "dashboard-at-the-end.png") });
  }
  await browser?.close();
  const code = await server.stop();
  if (code !== 0) console.log(`the server ended with ${code}:\n${server.log.slice(-4000)}`);
  await server.dispose();
});

test("the page is live and ready, and says so", async () => {
  await until(async () => (await text("connection")) === "live", "the connection is live");
  await until(async () => (await text("ready")) === "ready", "the pipeline is ready");
  await until(() => page.getByTestId("table").inputValue(), "a table is chosen");
  assert.equal(await page.getByTestId("table").inputValue(), "trades");
});

test("prices move without a reload", async () => {
  await pricesMove(4);
});

test("the count of rows grows, and ticks a second are counted", async () => {
  const first = await until(() => number("row-count"), "there are rows");
  await until(async () => (await number("row-count")) > first + 500, "500 rows more");
  await until(async () => (await number("rate")) > 100, "more than 100 ticks a second");
});

test("the tick table shows the newest ticks", async () => {
  const top = page.getByTestId("tick-table").locator("tbody tr").first();
  const first = await until(() => top.innerText(), "there is a tick");
  await until(async () => (await top.innerText()) !== first, "another tick is on top");
  assert.match(await top.innerText(), /\d\d:\d\d:\d\d\.\d{3}/);
});

test("the chart has drawn candles, and adds one as time passes", async () => {
  const first = await until(bars, "there are bars");
  await until(async () => (await bars()) > first, "another bar");
  const colors = await page.getByTestId("chart").evaluate((chart) => {
    const found = new Set();
    for (const canvas of chart.querySelectorAll("canvas")) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4) found.add(data.slice(i, i + 4).join());
    }
    return [...found];
  });
  const [up, down] = ["47,195,143,255", "242,105,92,255"];
  assert.ok(colors.includes(up) || colors.includes(down), "no candle in the colour of a rise or a fall");
});

test("another interval and another symbol draw another chart", async () => {
  await page.getByText("1 min", { exact: true }).click();
  await until(async () => (await bars()) > 0, "there are bars of a minute");
  await page.getByText("1 s", { exact: true }).click();
  const symbols = await page.getByTestId("symbol").locator("option").allInnerTexts();
  assert.ok(symbols.length > 1, "more than one symbol to choose from");
  await page.getByTestId("symbol").selectOption(symbols[1]);
  await until(async () => (await page.title()).startsWith(`${symbols[1]} `), "its price is in the title");
});

test("a typed query is answered, and its live result refreshes", async () => {
  await typeSql("SELECT count(*) AS how_many FROM trades");
  const head = page.getByTestId("sql-result").locator("th");
  const isAnswered = async () => (await head.first().innerText()) === "how_many";
  await until(isAnswered, "the query is answered").catch(async (error) => {
    throw new Error(`${error.message}; ${await text("sql-summary")} ${await text("sql-error")}`);
  });
  const first = Number(await firstCell());
  assert.ok(first > 0);
  const times = await refreshed();
  await until(async () => (await refreshed()) >= times + 2, "the result is refreshed twice");
  assert.ok(Number(await firstCell()) > first, "the live count grew");
  assert.match(await text("sql-summary"), /^1 row · [\d.]+ m?s$/);
});

test("a statement with a mistake is answered with what is wrong, and the page goes on", async () => {
  await typeSql("SELEC 1");
  await until(() => page.getByTestId("sql-error").isVisible(), "the error is shown");
  assert.match(await text("sql-error"), /SELEC/);
  await typeSql("SELECT 41 + 1 AS answer FROM trades LIMIT 1");
  await until(() => page.getByTestId("sql-error").isHidden(), "the error is gone");
});

test("a result can be taken away as CSV", async () => {
  await typeSql("SELECT count(*) AS how_many FROM trades");
  const download = page.waitForEvent("download");
  await page.getByTestId("sql-csv").click();
  assert.equal((await download).suggestedFilename(), "ticklake.csv");
});

test("bars of the real data set are drawn as they are", { skip: process.env.MOCK ? "mock" : false }, async () => {
  const tables = await page.getByTestId("table").locator("option").allInnerTexts();
  assert.ok(tables.includes("sp500"), `sp500 is not among ${tables}`);
  await page.getByTestId("table").selectOption("sp500");
  await until(async () => (await bars()) === 5105, "5,105 daily bars");
  await page.getByTestId("table").selectOption("trades");
  await until(async () => (await bars()) > 0 && (await bars()) !== 5105, "trades are back");
});

test("nothing complained on the console", async () => {
  assert.deepEqual(complaints, [], refusals.join("\n"));
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, "dashboard.png") });
});

test("the page says that the server is away, and is live again after its restart", async () => {
  isAway = true;
  await server.stop();
  await until(async () => (await text("connection")) === "reconnecting…", "the page says so");
  await server.start("--feed", "simulate", "--rate", "1000/s", "--seed", "1");
  await until(async () => (await text("connection")) === "live", "the connection is back");
  const rows = await until(() => number("row-count"), "there are rows");
  await until(async () => (await number("row-count")) > rows + 500, "500 rows more");
  await pricesMove(2);
});
