// The dashboard: one stream of events moves everything on the page; SQL fills what was before it.

import "uplot/dist/uPlot.min.css";
import "./style.css";
import { eventsUrl, tables as loadTables, type Status, type Table, type Ticks } from "./api";
import { byId, setOptions, setText } from "./dom";
import { Figures, Pipeline } from "./figures";
import { loadTickToSql } from "./history";
import { MarketPanel } from "./market";
import { Problems } from "./problems";
import { Rooms } from "./rooms/rooms";
import { shapeOf } from "./shape";
import { SqlBox } from "./sql";
import { Stream, type StreamState } from "./stream";

/** The gateway sends a status twice a second; this long without one means that it is gone. */
const kSilence_ms_max = 6000;
const kTickToSqlEvery_ms = 10_000;

const kConnection: Record<StreamState, string> = {
  connecting: "connecting…",
  open: "live",
  waiting: "reconnecting…",
  paused: "paused",
  closed: "closed",
};

class Dashboard {
  private readonly figures = new Figures();
  private readonly pipeline = new Pipeline();
  private readonly problems = new Problems();
  private readonly market = new MarketPanel();
  private readonly sql = new SqlBox();
  private readonly rooms = new Rooms((isLive) => this.sql.setAway(!isLive));
  private readonly select = byId<HTMLSelectElement>("table");
  private readonly stream: Stream;
  private tables: Table[] = [];
  private table = "";
  private wasOpen = false;
  private known = "";
  private askedTickToSql_ms = 0;

  constructor() {
    this.stream = new Stream({
      silence_ms_max: kSilence_ms_max,
      on: {
        status: (data) => data && this.onStatus(data as Status),
        ticks: (data) => data && this.market.take(data as Ticks),
      },
      onState: (state) => this.onState(state),
    });
    this.select.addEventListener("change", () => this.choose(this.select.value));
    this.stream.open(eventsUrl(""));
  }

  private onState(state: StreamState): void {
    const pill = byId("connection");
    pill.dataset["state"] = state;
    setText(pill, kConnection[state]);
    if (state === "open") {
      void this.refreshTables();
      if (this.wasOpen) this.market.refill();
      this.wasOpen = true;
    } else if (state === "waiting") {
      this.pipeline.lost();
      this.showReady(undefined);
    }
  }

  private onStatus(status: Status): void {
    this.figures.show(status);
    this.pipeline.show(status);
    this.problems.show(status);
    this.rooms.onStatus(status);
    this.showReady(status.ready ?? true, status.reason);
    const names = (status.tables ?? []).map((table) => table.name).join("\n");
    if (names !== this.known) {
      this.known = names;
      void this.refreshTables();
    }
    if (status.sink && status.sink.tick_to_sql_p99_ms === undefined) this.askTickToSql();
  }

  private showReady(ready: boolean | undefined, reason = ""): void {
    const pill = byId("ready");
    pill.dataset["state"] = ready === undefined ? "unknown" : ready ? "ready" : "starting";
    pill.title = ready ? "" : reason;
    setText(pill, ready === undefined ? "state unknown" : ready ? "ready" : "starting");
  }

  private async refreshTables(): Promise<void> {
    try {
      this.tables = await loadTables();
    } catch {
      return; // The next status or reconnection asks again.
    }
    const names = this.tables.map((table) => table.name).sort(byInterest);
    setOptions(this.select, names, this.table);
    this.sql.setTables(this.tables);
    byId("empty").hidden = names.length > 0;
    const [first] = names;
    if (!this.table && first) this.choose(first);
  }

  private choose(name: string): void {
    const table = this.tables.find((one) => one.name === name);
    if (!table || name === this.table) return;
    this.table = name;
    this.select.value = name;
    this.wasOpen = false;
    this.askedTickToSql_ms = 0;
    this.figures.setP99(undefined);
    this.stream.open(eventsUrl(name));
    void this.market.open(table);
  }

  private askTickToSql(): void {
    const table = this.tables.find((one) => one.name === this.table);
    const now = Date.now();
    if (!table || now - this.askedTickToSql_ms < kTickToSqlEvery_ms) return;
    this.askedTickToSql_ms = now;
    loadTickToSql(shapeOf(table), AbortSignal.timeout(kTickToSqlEvery_ms))
      .then((p99_ms) => this.figures.setP99(p99_ms))
      .catch(() => this.figures.setP99(undefined));
  }
}

/** Trades first, then by name. */
function byInterest(a: string, b: string): number {
  return Number(b === "trades") - Number(a === "trades") || a.localeCompare(b);
}

new Dashboard();
