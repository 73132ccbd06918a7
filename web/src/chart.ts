// The candlestick chart with its volume, and the line of figures under the crosshair.

import {
  CandlestickSeries,
  ColorType,
  createChart,
  CrosshairMode,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Bar } from "./bars";
import { byId, setText } from "./dom";
import { compact, decimalsOf, price } from "./format";
import { color, onTheme } from "./theme";

const kBarWidth_px = 7;

export class Chart {
  private readonly container = byId("chart");
  private readonly legend = byId("chart-legend");
  private readonly note = byId("chart-note");
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly volume: ISeriesApi<"Histogram">;
  private volumes = new Map<number, number>();
  private decimals = 2;
  private lastBar: Bar | undefined;
  private hovered = false;

  constructor() {
    this.chart = createChart(this.container, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.24 } },
      timeScale: { borderVisible: false, timeVisible: true, secondsVisible: true, rightOffset: 3 },
    });
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.candles = this.chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.chart.subscribeCrosshairMove((event) => this.onCrosshair(event));
    onTheme(() => this.paint());
  }

  /** Draws these bars, oldest first, and moves to the newest of them unless the view is to stay. */
  show(bars: readonly Bar[], interval_s: number, keepView: boolean): void {
    this.decimals = decimalsOf(bars.slice(-50).flatMap((bar) => [bar.open, bar.close]));
    const minMove = 10 ** -this.decimals;
    this.candles.applyOptions({ priceFormat: { type: "price", precision: this.decimals, minMove } });
    this.chart.timeScale().applyOptions({
      timeVisible: interval_s < 86_400,
      secondsVisible: interval_s < 60,
    });
    this.candles.setData(bars.map(candle));
    this.volume.setData(bars.map((bar) => this.histogram(bar)));
    this.volumes = new Map(bars.map((bar) => [bar.time, bar.volume]));
    this.lastBar = bars.at(-1);
    this.container.dataset["bars"] = String(bars.length);
    const inView = Math.max(20, Math.round(this.container.clientWidth / kBarWidth_px));
    const from = Math.max(bars.length, inView / 2) - inView;
    if (!keepView) this.chart.timeScale().setVisibleLogicalRange({ from, to: bars.length + 3 });
    this.showLegend(this.lastBar);
  }

  /** Draws one bar that was added or that changed. */
  update(bar: Bar): void {
    const late = this.lastBar !== undefined && bar.time < this.lastBar.time;
    this.candles.update(candle(bar), late);
    this.volume.update(this.histogram(bar), late);
    this.volumes.set(bar.time, bar.volume);
    if (late) return;
    this.lastBar = bar;
    this.container.dataset["bars"] = String(this.volumes.size);
    if (!this.hovered) this.showLegend(bar);
  }

  /** Says why there is nothing to draw; an empty text takes it away. */
  say(text: string): void {
    setText(this.note, text);
    this.note.hidden = text === "";
  }

  get priceDecimals(): number {
    return this.decimals;
  }

  private histogram(bar: Bar) {
    const value = bar.volume;
    return { time: utc(bar.time), value, color: color(bar.close < bar.open ? "down-soft" : "up-soft") };
  }

  private paint(): void {
    const [up, down] = [color("up"), color("down")];
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: color("surface") },
        textColor: color("dim"),
        fontFamily: color("sans"),
        fontSize: 11,
      },
      grid: { vertLines: { color: color("grid") }, horzLines: { color: color("grid") } },
      crosshair: {
        vertLine: { color: color("dim"), labelBackgroundColor: color("label") },
        horzLine: { color: color("dim"), labelBackgroundColor: color("label") },
      },
    });
    this.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    this.volume.setData(
      this.candles.data().map((item) => {
        const bar = item as { time: UTCTimestamp; open: number; close: number };
        const value = this.volumes.get(bar.time) ?? 0;
        return { time: bar.time, value, color: color(bar.close < bar.open ? "down-soft" : "up-soft") };
      }),
    );
  }

  private onCrosshair(event: MouseEventParams): void {
    const item = event.seriesData.get(this.candles);
    this.hovered = item !== undefined && "open" in item;
    if (item && "open" in item) {
      const time = item.time as number;
      this.showLegend({ ...item, time, volume: this.volumes.get(time) ?? 0 });
    } else {
      this.showLegend(this.lastBar);
    }
  }

  private showLegend(bar: Bar | undefined): void {
    if (!bar) {
      setText(this.legend, "");
      return;
    }
    const figures = [bar.open, bar.high, bar.low, bar.close].map((v) => price(v, this.decimals));
    setText(
      this.legend,
      `O ${figures[0]}  H ${figures[1]}  L ${figures[2]}  C ${figures[3]}  V ${compact(bar.volume)}`,
    );
    this.legend.className = bar.close < bar.open ? "legend down" : "legend up";
  }
}

const utc = (seconds: number): UTCTimestamp => seconds as UTCTimestamp;

function candle(bar: Bar) {
  return { time: utc(bar.time), open: bar.open, high: bar.high, low: bar.low, close: bar.close };
}
