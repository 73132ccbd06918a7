// The history of Athena's queries, newest first; #history/ID has one of them open.

import { get, problemFrom } from "../api";
import { el } from "../dom";
import { bytes, count, duration_ms } from "../format";
import { clock } from "../problems";
import { copyButton } from "./copy";
import { badge, card, failure, line, more, note, row, table } from "./elements";
import { hashOf, Pane, Watch, type Page, type Room } from "./room";

const kEvery_ms = 2000;
const enc = encodeURIComponent;

interface Execution {
  id: string;
  sql: string;
  is_cut: boolean;
  state: string;
  error: string;
  database: string;
  work_group: string;
  parameters: string[];
  submitted: string;
  total_ms: number;
  queued_ms: number;
  scanned_bytes: number;
  rows: number | null;
  output: string;
}

const kTones: Record<string, "good" | "bad" | "busy" | "plain"> = {
  SUCCEEDED: "good",
  FAILED: "bad",
  CANCELLED: "plain",
  QUEUED: "busy",
  RUNNING: "busy",
};

export class HistoryRoom implements Room {
  private readonly content: Pane;
  private readonly watch = new Watch((signal) => this.refresh(signal), kEvery_ms);
  private open = "";
  private detail: Execution | undefined;
  /** Pages after the first, which is the only one that changes at its top. */
  private further: Execution[] = [];
  private next: string | null = null;
  private first: Execution[] = [];

  constructor(place: HTMLElement) {
    this.content = new Pane(el("div", { "data-testid": "history" }));
    place.replaceChildren(this.content.root);
  }

  show(path: string[]): void {
    this.open = path[0] ?? "";
    this.detail = undefined;
    this.watch.start();
  }

  hide(): void {
    this.watch.stop();
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    try {
      const page = await get<Page<Execution>>("api/executions", signal);
      // What is at the end of the first page stays in the list when new ones push it out.
      const fresh = new Set(page.items.map((one) => one.id));
      if (this.further.length > 0) this.further = [...this.first, ...this.further].filter((one) => !fresh.has(one.id));
      else this.next = page.next;
      this.first = page.items;
      if (this.open) this.detail = await get<Execution>(`api/executions/${enc(this.open)}`, signal);
      this.draw();
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemFrom(error);
      this.content.show(problem, () => [card("Queries", [], failure(problem))]);
    }
  }

  private draw(): void {
    const executions = [...this.first, ...this.further];
    const known = executions.some((one) => one.id === this.open);
    if (this.detail && !known) executions.unshift(this.detail);
    this.content.show([executions, this.detail, this.next], () => [this.listCard(executions)]);
  }

  private listCard(executions: Execution[]): HTMLElement {
    const rows = executions.flatMap((one) => {
      const isOpen = one.id === this.open && this.detail !== undefined;
      return isOpen && this.detail ? [rowOf(one, true), detailRow(this.detail)] : [rowOf(one, false)];
    });
    const made = card(
      "Queries of Athena's clients",
      [el("span", { class: "summary" }, executions.length > 0 ? "newest first, kept for 45 days" : "")],
      rows.length > 0
        ? table(
            "Queries",
            [
              { title: "state" },
              { title: "statement" },
              { title: "database" },
              { title: "submitted" },
              { title: "took", isNumber: true },
              { title: "rows", isNumber: true },
              { title: "scanned", isNumber: true },
            ],
            rows,
          )
        : note(
            "No query yet. What boto3, awswrangler, pyathena or ",
            el("code", {}, "aws athena"),
            " run is listed here; the ",
            el("a", { href: "#tutorial" }, "tutorial"),
            " runs one in its step 5.",
          ),
    );
    made.classList.add("history");
    if (this.next) made.append(more("more", () => void this.loadMore()));
    return made;
  }

  private async loadMore(): Promise<void> {
    try {
      const page = await get<Page<Execution>>(`api/executions?from=${enc(this.next ?? "")}`);
      const known = new Set([...this.first, ...this.further].map((one) => one.id));
      this.further = [...this.further, ...page.items.filter((one) => !known.has(one.id))];
      this.next = page.next;
      this.draw();
    } catch (error) {
      this.content.root.append(failure(problemFrom(error)));
    }
  }
}

function rowOf(one: Execution, isOpen: boolean): HTMLTableRowElement {
  const sql = one.sql.replace(/\s+/g, " ").trim();
  const isOver = !["QUEUED", "RUNNING"].includes(one.state);
  const made = row(
    badge(one.state.toLowerCase(), kTones[one.state] ?? "plain"),
    el(
      "a",
      { href: isOpen ? "#history" : hashOf("history", one.id), class: "sql-line", "data-key": one.id, "aria-expanded": String(isOpen), title: sql },
      sql,
    ),
    one.database || "–",
    el("time", { datetime: one.submitted }, clock(one.submitted)),
    isOver ? duration_ms(one.total_ms) : "…",
    one.rows === null ? "–" : count(one.rows),
    el("span", { title: `${one.scanned_bytes} bytes` }, isOver ? bytes(one.scanned_bytes) : "…"),
  );
  made.dataset["state"] = one.state;
  return made;
}

function detailRow(one: Execution): HTMLTableRowElement {
  const fact = (name: string, value: Node | string): Node[] =>
    value ? [el("div", {}, el("dt", {}, name), el("dd", {}, value))] : [];
  return el(
    "tr",
    { class: "detail" },
    el(
      "td",
      { colspan: "7" },
      line(one.sql),
      ...(one.error ? [el("p", { class: "bad" }, one.error)] : []),
      el(
        "dl",
        { class: "facts" },
        ...fact("id", el("span", {}, el("code", {}, one.id), " ", copyButton(one.id))),
        ...fact("work group", one.work_group),
        ...fact("parameters", one.parameters.join(", ")),
        ...fact("waited", duration_ms(one.queued_ms)),
        ...fact("scanned", `${count(one.scanned_bytes)} bytes`),
        ...fact("result", one.state === "SUCCEEDED" && one.output ? resultLink(one.output) : ""),
      ),
    ),
  );
}

/** A file of rows or lines to be saved; what a statement has written elsewhere is only named. */
function resultLink(output: string): Node {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+\.(?:csv|txt))$/.exec(output) ?? [];
  if (!bucket || !key) return document.createTextNode(output);
  return el("a", { href: `api/buckets/${enc(bucket)}/object?key=${enc(key)}`, download: "" }, output);
}
