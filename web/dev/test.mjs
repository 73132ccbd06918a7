// Runs the unit tests of the page's pure parts: bundles them with the esbuild that Vite brings, and
// hands them to node's own test runner.
import { mkdtempSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "ticklake-web-"));
const outfile = join(folder, "page.test.mjs");
buildSync({
  entryPoints: [fileURLToPath(new URL("page.test.ts", import.meta.url))],
  bundle: true, format: "esm", platform: "node", outfile, sourcemap: "inline", logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", outfile], {
  stdio: "inherit",
  env: { ...process.env, TUTORIAL: fileURLToPath(new URL("../../docs/TUTORIAL.md", import.meta.url)) },
});
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
