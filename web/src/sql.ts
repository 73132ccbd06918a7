// The SQL box: run once or stay live, examples, error, CSV.

import { liveUrl, problemFrom, problemOf, query, queryCsv, type QueryResult, type Table } from "./api";
import { byId, el } from "./dom";
import type { Editor } from "./editor";
import { examplesFor } from "./examples";
import { ResultView } from "./result";
import { Stream, type StreamState } from "./stream";

const kRowsMax = 1000;
/** A live statement travels in the address, of which a server takes about 8 kB. */
const kLiveUrlMax = 6000;
/** A statement may take this long between two results. */
const kSilence_ms_max = 60_000;
const kRetry_ms = 3000;

export class SqlBox {
  private readonly live = byId<HTMLInputElement>("sql-live");
  private readonly examples = byId<HTMLSelectElement>("sql-examples");
  private readonly view = new ResultView();
  private readonly stream: Stream;
  private editor: Editor | undefined;
  private tables: Table[] = [];
  private running: AbortController | undefined;
  private retryTimer = 0;
  private current = "";
  private hasWorked = false;

  constructor() {
    this.stream = new Stream({
      silence_ms_max: kSilence_ms_max,
      on: {
        result: (data) => this.onResult(data as QueryResult),
        failed: (data) => this.onFailed(data),
      },
      onState: (state) => this.onState(state),
    });
    byId("sql-run").addEventListener("click", () => this.run());
    byId("sql-csv").addEventListener("click", () => void this.download());
    this.live.addEventListener("change", () => (this.current ? this.run() : undefined));
    this.examples.addEventListener("change", () => this.takeExample());
    void this.loadEditor();
  }

  setTables(tables: Table[]): void {
    this.tables = tables;
    if (this.editor) this.editor.tables = tables;
    const examples = examplesFor(tables);
    this.examples.replaceChildren(
      el("option", { value: "" }, "Examples…"),
      ...examples.map(({ title, sql }) => el("option", { value: sql }, title)),
    );
    this.startWithExample();
  }

  /** While nobody looks at it, its live statement is not run. */
  setAway(isAway: boolean): void {
    this.stream.setAway(isAway);
  }

  run(): void {
    const sql = this.text().trim();
    this.stopRunning();
    if (!sql) {
      this.view.say("nothing to run yet");
      return;
    }
    if (sql !== this.current) this.hasWorked = false;
    this.current = sql;
    this.view.say("running…");
    const isShort = liveUrl(sql).length <= kLiveUrlMax;
    if (this.live.checked && isShort) this.stream.open(liveUrl(sql));
    else void this.runOnce(sql);
  }

  private async loadEditor(): Promise<void> {
    const { Editor } = await import("./editor");
    const place = byId("sql-editor");
    place.replaceChildren();
    this.editor = new Editor(place, "", () => this.run(), () => {
      this.examples.value = "";
    });
    this.editor.tables = this.tables;
    this.startWithExample();
  }

  /** The first example that fits runs by itself, unless somebody was quicker. */
  private startWithExample(): void {
    const first = examplesFor(this.tables)[0];
    if (!first || !this.editor || this.editor.text || this.current) return;
    this.editor.text = first.sql;
    this.run();
  }

  private takeExample(): void {
    const sql = this.examples.value;
    if (!sql || !this.editor) return;
    this.editor.text = sql;
    this.examples.value = sql;
    this.run();
  }

  private async runOnce(sql: string): Promise<void> {
    const running = new AbortController();
    this.running = running;
    try {
      const result = await query(sql, kRowsMax, running.signal);
      if (this.running === running) this.view.show(result);
    } catch (error) {
      if (this.running === running) this.view.fail(problemFrom(error));
    }
  }

  private onResult(result: QueryResult): void {
    this.hasWorked = true;
    this.view.show(result);
  }

  /** A statement that has worked before is tried again: the server may just be starting. */
  private onFailed(data: unknown): void {
    this.stream.close();
    this.view.fail(problemOf(data));
    if (!this.hasWorked) return;
    this.retryTimer = window.setTimeout(() => this.stream.open(liveUrl(this.current)), kRetry_ms);
  }

  private onState(state: StreamState): void {
    if (state === "waiting") this.view.say("reconnecting…");
    byId("sql-live-mark").dataset["state"] = state;
  }

  private async download(): Promise<void> {
    const sql = this.text().trim();
    if (!sql) return;
    try {
      const url = URL.createObjectURL(await queryCsv(sql));
      el("a", { href: url, download: "ticklake.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      this.view.fail(problemFrom(error));
    }
  }

  private stopRunning(): void {
    clearTimeout(this.retryTimer);
    this.running?.abort();
    this.running = undefined;
    this.stream.close();
  }

  private text(): string {
    return this.editor?.text ?? "";
  }
}
