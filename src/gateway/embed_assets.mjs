// Puts web/dist into the binary: writes assets.S (the files, compressed, by .incbin) and
// asset_list.cc (their names and types) into OUT. Builds web/dist first if it is older than its
// sources. usage: node embed_assets.mjs WEB OUT
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const [web, out] = process.argv.slice(2);
const dist = join(web, "dist");

const types = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
  ".ico": "image/x-icon", ".json": "application/json", ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
};

function fail(what, cause, advice) {
  process.stderr.write(`error: ${what}\ncause: ${cause}\ntry: ${advice}\n`);
  process.exit(1);
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

function isFresh() {
  const page = join(dist, "index.html");
  if (!existsSync(page)) return false;
  const tutorial = join(web, "../docs/TUTORIAL.md");
  const inputs = readdirSync(web)
    .filter((name) => !["dist", "node_modules", "dev"].includes(name))
    .flatMap((name) => {
      const path = join(web, name);
      return statSync(path).isDirectory() ? filesOf(path) : [path];
    })
    .concat(tutorial);
  const built = statSync(page).mtimeMs;
  return inputs.every((path) => statSync(path).mtimeMs <= built);
}

if (!isFresh()) {
  if (!existsSync(join(web, "node_modules"))) {
    fail("cannot build the dashboard", `${web}/node_modules is missing`, "scripts/setup.sh build");
  }
  try {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: web, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    fail("cannot build the dashboard", `${error.stdout}${error.stderr}`.trim(), `cd ${web} && npm run build`);
  }
}

mkdirSync(out, { recursive: true });
let assembly = '    .section .rodata\n    .section .note.GNU-stack,"",%progbits\n    .section .rodata\n';
let declarations = "";
let list = "";
filesOf(dist).filter((path) => !path.endsWith(".map")).sort().forEach((path, n) => {
  const bytes = readFileSync(path);
  const packed = join(out, `asset_${n}.gz`);
  writeFileSync(packed, gzipSync(bytes, { level: 9 }));
  const name = `/${relative(dist, path)}`;
  const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  // Vite writes NAME-HASH.EXT into assets/.
  const immutable = /^\/assets\/.*-[\w-]{8}\.\w+$/.test(name);
  const symbol = `ticklake_asset_${n}`;
  assembly += `    .global ${symbol}\n    .global ${symbol}_end\n    .balign 16\n` +
    `${symbol}:\n    .incbin "${packed}"\n${symbol}_end:\n    .byte 0\n`;
  declarations += `extern "C" const unsigned char ${symbol}[];\nextern "C" const unsigned char ${symbol}_end[];\n`;
  list += `    {"${name}", "${types[extname(path)] ?? "application/octet-stream"}", "\\"${etag}\\"", ` +
    `${immutable}, ${symbol}, ${symbol}_end},\n`;
});
writeFileSync(join(out, "assets.S"), assembly);
writeFileSync(join(out, "asset_list.cc"), `// Made by embed_assets.mjs.
#include "gateway/assets.h"

${declarations}
namespace ticklake::gateway {
namespace {
const Asset kAssets[] = {
${list}};
}  // namespace
std::span<const Asset> embedded_assets() { return kAssets; }
}  // namespace ticklake::gateway
`);
