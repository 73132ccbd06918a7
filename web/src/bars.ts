// Bars built from ticks: open, high, low, close and volume of each interval.

export interface Bar {
  /** Start of the interval, in seconds since 1970. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export class BarBuilder {
  private bars: Bar[] = [];
  private upTo_ms = 0;

  constructor(
    readonly interval_s: number,
    private readonly bars_max: number,
  ) {}

  /** Starts over from bars, oldest first, that hold every tick up to `upTo_ms`. */
  reset(bars: Bar[], upTo_ms: number): void {
    this.bars = bars.slice(-this.bars_max);
    this.upTo_ms = upTo_ms;
  }

  get all(): readonly Bar[] {
    return this.bars;
  }

  get last(): Bar | undefined {
    return this.bars.at(-1);
  }

  /** Takes one tick; returns the bar that it changed, or nothing when it is known or too old. */
  add(time_ms: number, price: number, size: number): Bar | undefined {
    if (!Number.isFinite(price) || time_ms <= this.upTo_ms) return undefined;
    const volume = Number.isFinite(size) ? size : 0;
    const time = Math.floor(time_ms / 1000 / this.interval_s) * this.interval_s;
    const last = this.last;
    if (!last || time > last.time) {
      const bar = { time, open: price, high: price, low: price, close: price, volume };
      this.bars.push(bar);
      if (this.bars.length > this.bars_max) this.bars.shift();
      return bar;
    }
    // A late tick widens the bar in which it belongs; only the newest bar's close moves.
    const bar = time === last.time ? last : this.bars.findLast((other) => other.time === time);
    if (!bar) return undefined;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.volume += volume;
    if (bar === last) bar.close = price;
    return bar;
  }

  /** Takes a finished bar: a new one, or a correction of the newest. */
  put(bar: Bar): Bar | undefined {
    const last = this.last;
    if (last && bar.time < last.time) return undefined;
    if (last?.time === bar.time) this.bars.pop();
    this.bars.push(bar);
    if (this.bars.length > this.bars_max) this.bars.shift();
    return bar;
  }
}
