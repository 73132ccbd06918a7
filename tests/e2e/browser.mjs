// Chromium, without a window and without a word to anything but the page's own server.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export async function openBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`there is no browser at ${executablePath}; install chromium, or set CHROMIUM`);
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/** A page of the size that the dashboard is drawn for. */
export function openPage(browser, options = {}) {
  return browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "dark", ...options });
}
