// What the page talks to: `ticklake up` as its user runs it, or (MOCK=1) the mock of web/dev.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const kStart_ms_max = 60_000;
const kStop_ms_max = 30_000;
const root = fileURLToPath(new URL("../../", import.meta.url));

/** The first true value of condition(), asked again every 50 ms; an error if there is none in time. */
export async function until(condition, what, ms_max = 30_000) {
  const end = Date.now() + ms_max;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${ms_max / 1000} s: ${what}`);
    await wait(50);
  }
}

function binaryPath() {
  const binary = process.env.TICKLAKE ?? join(root, "build/ticklake");
  if (!existsSync(binary)) {
    throw new Error(`there is no binary at ${binary}; run \`make build\`, or set TICKLAKE`);
  }
  return binary;
}

export class Server {
  #data = mkdtempSync(join(tmpdir(), "ticklake-e2e-"));
  #port = 0;
  #process;
  #log = "";

  get url() {
    return `http://127.0.0.1:${this.#port}/`;
  }

  get log() {
    return this.#log;
  }

  /** The environment that `ticklake env` gives to AWS's clients. */
  get awsEnvironment() {
    const text = execFileSync(binaryPath(), ["env", "--data", this.#data, "--format", "json"], { encoding: "utf8" });
    return JSON.parse(text);
  }

  /** Starts it, at first on any free port, later on the port that it had. */
  async start(...flags) {
    const [program, ...given] = this.#command(flags);
    this.#log = "";
    const child = spawn(program, given, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const take = (chunk) => (this.#log += chunk);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => take(`${error}\n`));
    this.#port ||= await until(() => {
      this.#mustRun();
      return Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#log)?.[1] ?? 0);
    }, "the server prints its URL", kStart_ms_max);
    await until(() => {
      this.#mustRun();
      return fetch(`${this.url}health/ready`).then((answer) => answer.ok, () => false);
    }, "GET /health/ready answers 200", kStart_ms_max);
  }

  /** Ctrl-C, and its exit status; a process that does not end in time is killed. */
  async stop() {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode;
    const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill("SIGINT");
    const late = wait(kStop_ms_max, "late", { ref: false });
    const code = await Promise.race([ended, late]);
    if (code === "late") child.kill("SIGKILL");
    return code;
  }

  /** Stops it and removes all that it kept. */
  async dispose() {
    await this.stop();
    rmSync(this.#data, { recursive: true, force: true });
  }

  #command(flags) {
    if (process.env.MOCK) {
      return [process.execPath, join(root, "web/dev/mock.mjs"), String(this.#port)];
    }
    const aws = flags.includes("--aws-listen") ? [] : ["--aws-listen", "127.0.0.1:0"];
    return [
      binaryPath(), "up", "--data", this.#data, "--kafka-listen", "127.0.0.1:0",
      "--http-listen", `127.0.0.1:${this.#port}`, ...aws, ...flags,
    ];
  }

  #mustRun() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`the server ended with ${exitCode ?? signalCode}:\n${this.#log.slice(-4000)}`);
  }
}
