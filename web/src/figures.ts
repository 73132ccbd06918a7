// The row of figures, and the pipeline strip: each stage with what it has done.

import type { Status } from "./api";
import { byId, el, setText } from "./dom";
import { bytes, compact, count, duration_ms, plural, uptime } from "./format";
import { Sparkline } from "./sparkline";

interface Totals {
  lake: number;
  tail: number;
  files: number | undefined;
  rate: number | undefined;
  lag: number | undefined;
}

export function totalsOf(status: Status): Totals {
  const tables = status.tables ?? [];
  const sum = (pick: (table: (typeof tables)[number]) => number): number =>
    tables.reduce((total, table) => total + (pick(table) || 0), 0);
  const partitions = status.sink?.partitions;
  return {
    lake: tables.length > 0 ? sum((t) => t.rows_lake) : (status.lake?.rows ?? 0),
    tail: sum((t) => t.rows_tail),
    files: status.lake?.files ?? (tables.length > 0 ? sum((t) => t.files) : undefined),
    rate: status.sink?.rows_per_second ?? (tables.length > 0 ? sum((t) => t.rows_per_second) : undefined),
    lag: partitions?.reduce((total, partition) => total + Math.max(0, partition.lag || 0), 0),
  };
}

export class Figures {
  private readonly rate = new Sparkline(byId("rate-line"));
  private readonly tail = new Sparkline(byId("tail-line"));
  private readonly lag = new Sparkline(byId("lag-line"));
  private readonly p99 = new Sparkline(byId("p99-line"));
  private p99_ms: number | undefined;

  show(status: Status): void {
    const totals = totalsOf(status);
    const all = totals.lake + totals.tail;
    setText(byId("rate"), compact(totals.rate));
    setText(byId("row-count"), count(all));
    setText(byId("rows-lake"), count(totals.lake));
    setText(byId("rows-tail"), count(totals.tail));
    setText(byId("lag"), totals.lag === undefined ? "–" : compact(totals.lag));
    setText(byId("lag-unit"), totals.lag === 1 ? "record" : "records");
    setText(byId("lake-size"), `${count(totals.files)} files · ${bytes(status.lake?.bytes)}`);
    byId("share").style.setProperty("--share", all > 0 ? String(totals.lake / all) : "0");
    setText(byId("uptime"), status.uptime_s === undefined ? "" : `up ${uptime(status.uptime_s)}`);
    setText(byId("version"), status.version ? `v${status.version}` : "");
    this.rate.add(totals.rate);
    this.tail.add(totals.tail);
    this.lag.add(totals.lag);
    this.showP99(status.sink?.tick_to_sql_p99_ms ?? this.p99_ms);
  }

  /** The p99 from tick to SQL, where the page had to ask for it by a query. */
  setP99(p99_ms: number | undefined): void {
    this.p99_ms = p99_ms;
  }

  private showP99(p99_ms: number | undefined): void {
    const [figure, unit] = duration_ms(p99_ms).split(" ");
    setText(byId("p99"), figure ?? "–");
    setText(byId("p99-unit"), unit ?? "");
    this.p99.add(p99_ms);
  }
}

interface Stage {
  name: string;
  state: "flowing" | "idle" | "failed" | "off";
  main: string;
  details: string[];
}

/** The states in which a feed sends something. */
const kFeeding = /running|simulating|replaying/;

function rateOf(rate: number | string | undefined): string {
  const [, figure] = /^(\d+)\/s$/.exec(String(rate)) ?? [];
  if (typeof rate === "string" && figure === undefined) return rate;
  return `${compact(Number(figure ?? rate))} /s`;
}

/** A Kafka that is not ours: whether it answers is all there is to see. */
function externalKafka(kafka: NonNullable<Status["broker"]>, flowing: boolean): Stage {
  const where = `your Kafka, ${kafka.address ?? ""}`;
  if (kafka.reachable === false) {
    return { name: "broker", state: "failed", main: "no answer", details: [kafka.error ?? "", where] };
  }
  const leaderless = kafka.partitions_without_leader ?? 0;
  return {
    name: "broker",
    state: leaderless > 0 ? "failed" : flowing ? "flowing" : "idle",
    main: plural(kafka.brokers, "broker"),
    details: [
      leaderless > 0
        ? `${plural(leaderless, "partition")} without a leader`
        : `${plural(kafka.topics, "topic")} · ${plural(kafka.partitions, "partition")}`,
      where,
    ],
  };
}

function ownBroker(broker: Status["broker"], flowing: boolean): Stage {
  return {
    name: "broker",
    state: !broker ? "off" : flowing ? "flowing" : "idle",
    main: broker ? `${compact(broker.records_in)} records` : "off",
    details: broker
      ? [`${bytes(broker.bytes_in)} · ${plural(broker.topics, "topic")}`, broker.address ?? ""]
      : ["an outside Kafka"],
  };
}

function stagesOf(status: Status): Stage[] {
  const { feed, broker, sink, lake, query } = status;
  const totals = totalsOf(status);
  const feeding = feed !== undefined && feed.kind !== undefined && feed.kind !== "none";
  const flowing = (totals.rate ?? 0) > 0;
  return [
    {
      name: "feed",
      state: !feeding ? "off" : kFeeding.test(feed.state ?? "running") ? "flowing" : "idle",
      main: feeding ? rateOf(feed.rate) : "off",
      details: feeding
        ? [[feed.kind, feed.topic].filter(Boolean).join(" → "), feed.state ?? ""]
        : ["produce from outside"],
    },
    broker?.kind === "external" ? externalKafka(broker, flowing) : ownBroker(broker, flowing),
    {
      name: "sink",
      state: status.problems?.length ? "failed" : !sink ? "off" : flowing ? "flowing" : "idle",
      main: sink ? `${compact(sink.rows_visible)} rows` : "off",
      details: [`lag ${compact(totals.lag)}`, plural(sink?.dead_letters ?? 0, "dead letter")],
    },
    {
      name: "lake",
      state: !lake ? "off" : flowing ? "flowing" : "idle",
      main: lake ? `${compact(lake.files)} files` : "off",
      details: lake ? [`${bytes(lake.bytes)} Parquet`, shortLocation(lake.location)] : [],
    },
    {
      name: "query",
      state: query ? "flowing" : "off",
      main: query ? plural(query.count, "query", "queries") : "off",
      details: [plural(status.tables?.length ?? 0, "table"), "SQL over lake + tail"],
    },
  ];
}

function shortLocation(location: string | undefined): string {
  const parts = (location ?? "").replace(/^file:\/\//, "").split("/").filter(Boolean);
  return location?.includes("://") && !location.startsWith("file:") ? location : parts.slice(-2).join("/");
}

export class Pipeline {
  private readonly stages = new Map<string, HTMLElement[]>();

  constructor() {
    const list = byId("pipeline");
    for (const name of ["feed", "broker", "sink", "lake", "query"]) {
      const main = el("strong", { "data-testid": `stage-${name}` }, "–");
      const details = [el("span", {}, ""), el("span", {}, "")];
      const item = el("li", { class: "stage" }, el("b", {}, name), main, ...details);
      this.stages.set(name, [item, main, ...details]);
      list.append(item);
    }
  }

  show(status: Status | undefined): void {
    for (const stage of status ? stagesOf(status) : []) {
      const [item, main, ...details] = this.stages.get(stage.name) ?? [];
      if (!item || !main) continue;
      item.dataset["state"] = stage.state;
      setText(main, stage.main);
      details.forEach((line, i) => {
        setText(line, stage.details[i] ?? "");
        line.title = stage.details[i] ?? "";
      });
    }
  }

  /** Nothing is known while the connection is away. */
  lost(): void {
    for (const [item] of this.stages.values()) if (item) item.dataset["state"] = "unknown";
  }
}
