// The crawlers: their states, what the last crawl did, and a button that runs one.

import { get, post, problemFrom, type Problem } from "../api";
import { el } from "../dom";
import { duration_ms, plural } from "../format";
import { clock } from "../problems";
import { badge, card, failure, more, note, row, table } from "./elements";
import { Pane, Watch, type Page } from "./room";

const kEvery_ms = 1000;
const enc = encodeURIComponent;

interface Crawl {
  id: string;
  state: string;
  started: string;
  ended: string | null;
  error: string;
  tables_created: number;
  tables_updated: number;
  tables_deleted: number;
}

interface Crawler {
  name: string;
  state: string;
  database: string;
  targets: string[];
  schedule: string;
  last: Crawl | null;
}

export class CrawlersCard {
  readonly root = el("div", { "data-testid": "crawlers" });
  private readonly pane = new Pane(this.root);
  private readonly watch = new Watch((signal) => this.refresh(signal), kEvery_ms);
  private problem: Problem | undefined;
  /** The report that is open, by the crawl's id. */
  private report: { id: string; text: string } | undefined;
  private pages = 1;

  show(): void {
    this.watch.start();
  }

  hide(): void {
    this.watch.stop();
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    try {
      const crawlers: Crawler[] = [];
      let from: string | null = "";
      for (let i = 0; i < this.pages && from !== null; i += 1) {
        const page: Page<Crawler> = await get(`api/crawlers?from=${enc(from)}`, signal);
        crawlers.push(...page.items);
        from = page.next;
      }
      const next = from;
      this.pane.show([crawlers, next, this.problem, this.report], () => [this.draw(crawlers, next !== null)]);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemFrom(error);
      this.pane.show(problem, () => [card("Crawlers", [], failure(problem))]);
    }
  }

  private draw(crawlers: Crawler[], isMore: boolean): HTMLElement {
    const rows = crawlers.flatMap((crawler) => {
      const report = this.report && this.report.id === crawler.last?.id ? this.report : undefined;
      return report ? [this.rowOf(crawler), reportRow(report.text)] : [this.rowOf(crawler)];
    });
    const heads = ["crawler", "state", "reads", "into", "last crawl", ""].map((title) => ({ title }));
    const made = card(
      "Crawlers",
      [],
      ...(this.problem ? [failure(this.problem)] : []),
      rows.length > 0
        ? table("Crawlers", heads, rows)
        : note("No crawler yet. The ", el("a", { href: "#tutorial" }, "tutorial"), " makes one in its step 4."),
    );
    if (isMore) {
      made.append(
        more("more", () => {
          this.pages += 1;
          this.watch.start();
        }),
      );
    }
    return made;
  }

  private rowOf(crawler: Crawler): HTMLTableRowElement {
    const isReady = crawler.state === "READY";
    const run = el(
      "button",
      // Not `disabled`, which would take the focus away from whoever has just pressed it.
      { type: "button", "data-key": `run ${crawler.name}`, "aria-label": `Run ${crawler.name}`, "aria-disabled": isReady ? undefined : "true" },
      isReady ? "Run" : "Running",
    );
    if (isReady) run.addEventListener("click", () => void this.run(crawler.name));
    const actions = el("span", { class: "actions" });
    if (crawler.last?.ended) actions.append(this.reportButton(crawler.name, crawler.last.id));
    actions.append(run);
    return row(
      el("span", { class: "name" }, crawler.name),
      badge(crawler.state.toLowerCase(), isReady ? "good" : "busy"),
      crawler.targets.join(", "),
      crawler.database,
      lastOf(crawler),
      actions,
    );
  }

  private reportButton(name: string, crawl: string): HTMLElement {
    const isOpen = this.report?.id === crawl;
    const button = el(
      "button",
      { type: "button", class: "plain", "data-key": `report ${name}`, "aria-label": `Report of ${name}`, "aria-expanded": String(isOpen) },
      "Report",
    );
    button.addEventListener("click", () => void this.toggleReport(crawl));
    return button;
  }

  private async toggleReport(crawl: string): Promise<void> {
    if (this.report?.id === crawl) {
      this.report = undefined;
    } else {
      await this.attempt(async () => {
        const { report } = await get<{ report: string }>(`api/crawls/${enc(crawl)}/report`);
        this.report = { id: crawl, text: report };
      });
    }
    this.watch.start();
  }

  private async run(name: string): Promise<void> {
    await this.attempt(() => post(`api/crawlers/${enc(name)}/start`));
    this.watch.start();
  }

  private async attempt(act: () => Promise<unknown>): Promise<void> {
    this.problem = undefined;
    try {
      await act();
    } catch (error) {
      this.problem = problemFrom(error);
    }
  }
}

function lastOf({ last }: Crawler): Node {
  if (!last) return el("span", {}, "never");
  if (!last.ended) return el("span", {}, `since ${clock(last.started)}`);
  const took = duration_ms(Date.parse(last.ended) - Date.parse(last.started));
  const did = [
    last.tables_created > 0 ? `${plural(last.tables_created, "table")} made` : "",
    last.tables_updated > 0 ? `${plural(last.tables_updated, "table")} changed` : "",
    last.tables_deleted > 0 ? `${plural(last.tables_deleted, "table")} gone` : "",
  ].filter(Boolean);
  const what = last.error || (last.state === "COMPLETED" ? did.join(", ") || "nothing new" : last.state.toLowerCase());
  return el(
    "span",
    { class: last.error ? "bad" : undefined },
    `${what} · ${took} · `,
    el("time", { datetime: last.ended }, clock(last.ended)),
  );
}

function reportRow(text: string): HTMLTableRowElement {
  return el("tr", { class: "detail" }, el("td", { colspan: "6" }, el("pre", { tabindex: "0" }, text)));
}
