// Takes the picture of the README: docs/dashboard.png (or the path given), from `ticklake up` after
// it has run for a while.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openBrowser, openPage } from "./browser.mjs";
import { Server, until } from "./server.mjs";

const kRun_ms = Number(process.env.RUN_SECONDS ?? 75) * 1000;
const path = process.argv[2] ?? fileURLToPath(new URL("../../docs/dashboard.png", import.meta.url));

const server = new Server();
let browser;
try {
  await server.start();
  browser = await openBrowser();
  const page = await openPage(browser, { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 });
  await page.goto(server.url);
  await until(async () => (await page.getByTestId("connection").innerText()) === "live", "live");
  await wait(kRun_ms);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
  console.log(path);
} finally {
  await browser?.close();
  await server.dispose();
}
