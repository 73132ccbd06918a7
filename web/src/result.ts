// The result of a statement as a table. A live result is refreshed in place: cells that changed
// flash once, the rest stays untouched.

import type { Problem, QueryResult } from "./api";
import { byId, el, setText } from "./dom";
import { cell, count, duration_ms } from "./format";
import { isNumeric } from "./shape";

/** Rows that are shown; the CSV has them all. */
const kRowsShown = 200;

export class ResultView {
  private readonly frame = byId("sql-result");
  private readonly summary = byId("sql-summary");
  private readonly error = byId("sql-error");
  private readonly head = el("tr");
  private readonly body = el("tbody");
  private signature = "";

  constructor() {
    const table = el("table", { class: "grid" }, el("thead", {}, this.head), this.body);
    byId("sql-grid").replaceChildren(table);
  }

  show(result: QueryResult): void {
    this.error.hidden = true;
    this.frame.classList.remove("stale");
    const signature = JSON.stringify(result.columns);
    const sameColumns = signature === this.signature;
    this.signature = signature;
    if (!sameColumns) this.makeHead(result);
    const rows = result.rows.slice(0, kRowsShown);
    const numeric = result.columns.map(isNumeric);
    while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
    rows.forEach((values, i) => this.showRow(i, values, numeric, sameColumns));
    setText(this.summary, summaryOf(result, rows.length));
    this.frame.dataset["refreshed"] = String(Number(this.frame.dataset["refreshed"] ?? 0) + 1);
  }

  fail(problem: Problem): void {
    this.frame.classList.add("stale");
    this.error.hidden = false;
    const line = (label: string, text: string | undefined) =>
      text ? [el("p", {}, el("b", {}, label), el("span", { class: label }, text))] : [];
    this.error.replaceChildren(
      el("p", { class: "what" }, problem.what),
      ...line("cause", problem.cause),
      ...line("try", problem.advice),
    );
    setText(this.summary, "failed");
  }

  say(text: string): void {
    setText(this.summary, text);
  }

  private makeHead(result: QueryResult): void {
    this.body.replaceChildren();
    this.head.replaceChildren(
      ...result.columns.map((column) =>
        el(
          "th",
          { scope: "col", title: column.type, ...(isNumeric(column) ? { class: "number" } : {}) },
          column.name,
        ),
      ),
    );
  }

  private showRow(i: number, values: unknown[], numeric: boolean[], sameColumns: boolean): void {
    let row = this.body.rows[i];
    const fresh = row === undefined;
    if (!row) {
      row = this.body.insertRow();
      for (const isNumber of numeric) {
        row.append(el("td", isNumber ? { class: "number" } : {}, ""));
      }
    }
    values.forEach((value, k) => {
      const td = row.cells[k];
      const text = cell(value);
      if (!td || td.textContent === text) return;
      td.textContent = text;
      td.classList.toggle("null", value === null);
      if (sameColumns && !fresh) flash(td);
    });
  }
}

function summaryOf(result: QueryResult, shown: number): string {
  const total = `${count(result.row_count)}${result.truncated ? "+" : ""}`;
  const rows = result.row_count === 1 && !result.truncated ? "1 row" : `${total} rows`;
  const part = shown < result.row_count ? ` (${count(shown)} shown)` : "";
  return `${rows}${part} · ${duration_ms(result.elapsed_ms)}`;
}

function flash(td: HTMLElement): void {
  td.animate?.([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], {
    duration: 700,
    easing: "ease-out",
  });
}
