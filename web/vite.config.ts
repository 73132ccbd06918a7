import { defineConfig } from "vite";

// `npm run dev` serves the page itself and passes the API on to a gateway (or to `npm run mock`).
const gateway = process.env["TICKLAKE_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy: { "/api": gateway, "/health": gateway },
  },
});
