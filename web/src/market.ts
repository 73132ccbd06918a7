// The market panel: one table's chart and ticks. It fills the chart once by SQL; from then on pushed
// ticks move it. Ticks that arrive while the query runs wait, so that none is missed or counted twice.

import type { Table, Ticks } from "./api";
import { BarBuilder, type Bar } from "./bars";
import { Chart } from "./chart";
import { byId, el, setOptions, setText } from "./dom";
import * as format from "./format";
import { loadBars, loadNewest, loadSymbols } from "./history";
import { numberOf, shapeOf, tickColumns, tickOf, type Shape, type Tick } from "./shape";
import { TickTable } from "./ticks";
import { setLiveTitle } from "./title";

const kBarsMax = 6000;
const kNewestRows = 40;
/** Ticks kept while no frame is drawn; older ones are dropped, a refill brings their bars back. */
const kBacklogMax = 5000;
/** When the server had to leave ticks out, the bars are asked for again, but not more often. */
const kRefillEvery_ms = 10_000;
const kDay_s = 86_400;

export class MarketPanel {
  private readonly chart = new Chart();
  private readonly ticks = new TickTable((symbol) => this.chooseSymbol(symbol));
  private readonly symbols = byId<HTMLSelectElement>("symbol");
  private readonly onlyMine = byId<HTMLInputElement>("tick-mine");
  private shape: Shape | undefined;
  private symbol = "";
  private interval_s = 1;
  private bars = new BarBuilder(1, kBarsMax);
  private loading: AbortController | undefined;
  private isFilled = false;
  private backlog: Tick[] = [];
  private refilled_ms = 0;
  private lastPrice = NaN;

  constructor() {
    this.symbols.addEventListener("change", () => this.chooseSymbol(this.symbols.value));
    this.onlyMine.addEventListener("change", () => this.ticks.only(this.mine()));
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=interval]")) {
      input.addEventListener("change", () => {
        this.interval_s = Number(input.value);
        void this.fill();
      });
    }
    requestAnimationFrame(() => this.frame());
  }

  /** Shows another table, from the beginning. */
  async open(table: Table): Promise<void> {
    const shape = shapeOf(table);
    this.shape = shape;
    this.symbol = "";
    this.backlog = [];
    this.isFilled = false;
    this.ticks.start(shape, tickColumns(shape));
    this.onlyMine.checked = false;
    this.ticks.only("");
    byId("symbol-field").hidden = !shape.symbol;
    byId("interval-field").hidden = shape.bars !== undefined || !shape.price;
    byId("tick-mine-field").hidden = !shape.symbol;
    setOptions(this.symbols, []);
    const loading = this.begin();
    const [symbols, newest] = await Promise.allSettled([
      loadSymbols(shape, loading.signal),
      loadNewest(shape, kNewestRows, loading.signal),
    ]);
    if (this.loading !== loading) return;
    if (newest.status === "fulfilled") {
      const now = Date.now();
      this.ticks.add(newest.value.reverse().map((row) => tickOf(shape, row, now)));
    }
    if (symbols.status === "fulfilled" && !this.symbol) {
      setOptions(this.symbols, symbols.value);
      this.symbol = symbols.value[0] ?? "";
      this.symbols.value = this.symbol;
    }
    await this.fill();
  }

  /** Asks for the bars again, after the connection was away or ticks were left out. */
  refill(): void {
    if (this.shape) void this.fill();
  }

  /** Takes an event `ticks`. */
  take(event: Ticks): void {
    const { shape } = this;
    if (!shape || event.table !== shape.table) return;
    const now = Date.now();
    this.backlog.push(...event.rows.map((row) => tickOf(shape, row, now)));
    if (this.backlog.length > kBacklogMax) this.backlog.splice(0, this.backlog.length - kBacklogMax);
    if (event.dropped > 0 && this.isFilled && now - this.refilled_ms > kRefillEvery_ms) {
      void this.fill();
    }
  }

  private begin(): AbortController {
    this.loading?.abort();
    this.loading = new AbortController();
    return this.loading;
  }

  private chooseSymbol(symbol: string): void {
    if (!symbol || symbol === this.symbol) return;
    const known = [...this.symbols.options].some((option) => option.value === symbol);
    if (!known) this.symbols.append(el("option", { value: symbol }, symbol));
    this.symbols.value = symbol;
    this.symbol = symbol;
    this.ticks.only(this.mine());
    this.isFilled = false;
    void this.fill();
  }

  private mine(): string {
    return this.onlyMine.checked ? this.symbol : "";
  }

  private async fill(): Promise<void> {
    const { shape } = this;
    if (!shape) return;
    const loading = this.begin();
    this.refilled_ms = Date.now();
    if (!shape.bars && !shape.price) {
      this.draw(new BarBuilder(1, kBarsMax));
      this.chart.say("No price column in this table, so there is no chart of it. SQL below can read it.");
      return;
    }
    const bars = new BarBuilder(shape.bars ? kDay_s : this.interval_s, kBarsMax);
    try {
      const history = await loadBars(shape, this.symbol, bars.interval_s, loading.signal);
      if (this.loading !== loading) return;
      bars.reset(history.bars, history.upTo_ms);
    } catch {
      // The ticks alone draw the chart then; the next reconnection asks again.
      if (this.loading !== loading) return;
      if (this.isFilled) return;
    }
    this.draw(bars);
  }

  private draw(bars: BarBuilder): void {
    // A refill of the same bars must not throw away where the reader has scrolled to.
    const again = this.isFilled && bars.interval_s === this.bars.interval_s;
    this.bars = bars;
    this.isFilled = true;
    this.chart.show(bars.all, bars.interval_s, again);
    this.chart.say(bars.last ? "" : "Waiting for the first tick…");
    this.lastPrice = bars.last?.close ?? NaN;
    this.showPrice();
  }

  /** Once a frame: what has arrived since the last one moves the chart and the table. */
  private frame(): void {
    requestAnimationFrame(() => this.frame());
    if (!this.shape) return;
    if (this.isFilled && this.backlog.length > 0) {
      const batch = this.backlog;
      this.backlog = [];
      this.ticks.add(batch);
      this.apply(batch);
    }
    this.ticks.draw(this.chart.priceDecimals);
  }

  private apply(batch: Tick[]): void {
    const changed = new Map<number, Bar>();
    for (const tick of batch) {
      if (this.shape?.symbol && tick.symbol !== this.symbol) {
        // The first symbol of an empty table is as good as any.
        if (this.symbol || !tick.symbol) continue;
        this.chooseSymbol(tick.symbol);
        return;
      }
      const bar = this.shape?.bars
        ? this.bars.put(barOf(this.shape, tick))
        : this.bars.add(tick.time_ms, tick.price, tick.size);
      if (bar) changed.set(bar.time, bar);
    }
    if (changed.size === 0) return;
    const bars = [...changed.values()].sort((a, b) => a.time - b.time);
    if (bars.length > 500) this.chart.show(this.bars.all, this.bars.interval_s, false);
    else bars.forEach((bar) => this.chart.update(bar));
    this.chart.say("");
    this.lastPrice = this.bars.last?.close ?? NaN;
    this.showPrice();
  }

  private showPrice(): void {
    const shown = byId("price");
    const decimals = this.chart.priceDecimals;
    const text = Number.isFinite(this.lastPrice) ? format.price(this.lastPrice, decimals) : "–";
    const before = Number(shown.dataset["value"] ?? NaN);
    if (this.lastPrice !== before && Number.isFinite(before)) {
      shown.className = this.lastPrice > before ? "price up" : "price down";
    }
    shown.dataset["value"] = String(this.lastPrice);
    setText(shown, text);
    this.showChange();
    const name = this.symbol || this.shape?.table || "";
    setLiveTitle(name ? `${name} ${text} · ticklake` : "ticklake");
  }

  private showChange(): void {
    const place = byId("change");
    const first = this.bars.all[Math.max(0, this.bars.all.length - 300)]?.open;
    const change = first ? (this.lastPrice / first - 1) * 100 : NaN;
    setText(place, Number.isFinite(change) ? `${change >= 0 ? "+" : "−"}${Math.abs(change).toFixed(2)} %` : "");
    place.className = change < 0 ? "change down" : "change up";
    place.title = "since the first of the last 300 bars";
  }
}

function barOf(shape: Shape, tick: Tick): Bar {
  const value = (name: string): number => numberOf(tick.row[name]);
  const { open, high, low, close } = shape.bars ?? { open: "", high: "", low: "", close: "" };
  return {
    time: Math.floor(tick.time_ms / 1000),
    open: value(open),
    high: value(high),
    low: value(low),
    close: value(close),
    volume: tick.size || 0,
  };
}
