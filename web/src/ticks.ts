// The tick table: newest on top, a fixed number of rows that exist from the start. A frame rewrites
// the text of cells; nothing is ever inserted, so nothing moves and a thousand ticks a second cost
// the same as twenty.

import { byId, el, setText } from "./dom";
import { cell, clock, price } from "./format";
import { numberOf, timeOf, type Shape, type Tick } from "./shape";

const kRows = 40;

interface Shown {
  tick: Tick;
  direction: "up" | "down" | "";
}

export class TickTable {
  private readonly body = byId("tick-rows");
  private readonly head = byId("tick-head");
  private readonly note = byId("tick-note");
  private readonly rows: HTMLTableRowElement[] = [];
  private readonly lastPrices = new Map<string, number>();
  private shown: Shown[] = [];
  private columns: string[] = [];
  private shape: Shape | undefined;
  private filter = "";
  private dirty = false;
  private hovered = false;

  constructor(onSymbol: (symbol: string) => void) {
    const frame = byId("tick-frame");
    frame.addEventListener("pointerenter", (event) => this.hold(event.pointerType === "mouse"));
    frame.addEventListener("pointerleave", () => this.hold(false));
    this.body.addEventListener("click", (event) => {
      const row = (event.target as Element).closest("tr");
      const tick = row && this.shown[this.rows.indexOf(row)]?.tick;
      if (tick?.symbol) onSymbol(tick.symbol);
    });
  }

  /** Makes the table anew for these columns. */
  start(shape: Shape, columns: string[]): void {
    this.shape = shape;
    this.columns = columns;
    this.shown = [];
    this.lastPrices.clear();
    this.head.replaceChildren(
      ...columns.map((name) => el("th", { scope: "col", class: this.classOf(name) }, name)),
    );
    this.rows.length = 0;
    for (let i = 0; i < kRows; i += 1) {
      this.rows.push(el("tr", {}, ...columns.map((name) => el("td", { class: this.classOf(name) }, ""))));
    }
    this.body.replaceChildren(...this.rows);
    this.body.parentElement?.classList.toggle("of-bars", shape.bars !== undefined);
    this.dirty = true;
  }

  /** Shows only this symbol; an empty one shows all. */
  only(symbol: string): void {
    this.filter = symbol;
    this.shown = symbol ? this.shown.filter(({ tick }) => tick.symbol === symbol) : this.shown;
    this.dirty = true;
  }

  /** Takes ticks, oldest first. They are drawn with the next frame. */
  add(ticks: Tick[]): void {
    const fresh: Shown[] = [];
    for (const tick of ticks) {
      const before = this.lastPrices.get(tick.symbol);
      if (Number.isFinite(tick.price)) this.lastPrices.set(tick.symbol, tick.price);
      if (this.filter && tick.symbol !== this.filter) continue;
      const change = before === undefined ? 0 : tick.price - before;
      fresh.push({ tick, direction: change > 0 ? "up" : change < 0 ? "down" : "" });
    }
    if (fresh.length === 0) return;
    this.shown = [...fresh.reverse(), ...this.shown].slice(0, kRows);
    this.dirty = true;
  }

  /** Draws what has changed; to be called once a frame. */
  draw(decimals: number): void {
    if (!this.dirty || this.hovered) return;
    this.dirty = false;
    this.note.hidden = this.shown.length > 0;
    this.rows.forEach((row, i) => {
      const shown = this.shown[i];
      const direction = shown?.direction ?? "";
      if (row.className !== direction) row.className = direction;
      this.columns.forEach((name, k) => {
        const td = row.cells[k];
        if (td) setText(td, shown ? this.text(shown, name, decimals) : "");
      });
    });
  }

  private text({ tick, direction }: Shown, name: string, decimals: number): string {
    const value = tick.row[name];
    if (name === this.shape?.time) {
      const ms = timeOf(value);
      return typeof value === "string" && value.length <= 10 ? value : clock(ms);
    }
    if (name === this.shape?.price) {
      const isMarked = direction !== "" && this.shape?.bars === undefined;
      const mark = isMarked ? (direction === "up" ? "▲ " : "▼ ") : "";
      if (!Number.isFinite(tick.price)) return "–";
      return mark + price(tick.price, Math.max(decimals, Math.abs(tick.price) < 1 ? 4 : 2));
    }
    if (this.isBarColumn(name)) return price(numberOf(value), decimals);
    return value === null || value === undefined ? "–" : cell(value);
  }

  private classOf(name: string): string {
    const { shape } = this;
    if (name === shape?.price || this.isBarColumn(name)) return "number price";
    if (name === shape?.size) return "number size";
    return name === shape?.time ? "time" : name === shape?.venue ? "venue" : "";
  }

  private isBarColumn(name: string): boolean {
    return this.shape?.bars !== undefined && Object.values(this.shape.bars).includes(name);
  }

  private hold(held: boolean): void {
    this.hovered = held;
    byId("tick-held").hidden = !held;
  }
}
