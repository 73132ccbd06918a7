// A sparkline of the last minute, drawn by uPlot.

import uPlot from "uplot";
import { color, onTheme } from "./theme";

/** Two a second for a minute. */
const kSamples = 120;

export class Sparkline {
  private readonly times: number[] = Array.from({ length: kSamples }, (_, i) => i - kSamples);
  private readonly values: (number | null)[] = new Array<null>(kSamples).fill(null);
  private plot: uPlot | undefined;

  constructor(private readonly container: HTMLElement) {
    onTheme(() => this.make());
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(container);
  }

  add(value: number | undefined): void {
    this.times.push((this.times.at(-1) ?? 0) + 1);
    this.times.shift();
    this.values.push(value !== undefined && Number.isFinite(value) ? value : null);
    this.values.shift();
    this.plot?.setData([this.times, this.values]);
  }

  private size(): { width: number; height: number } {
    return { width: this.container.clientWidth, height: this.container.clientHeight };
  }

  private make(): void {
    this.plot?.destroy();
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [2, 0, 1, 0],
        legend: { show: false },
        cursor: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: {
          x: { time: false },
          y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, (high ?? 1) * 1.1)] },
        },
        series: [
          {},
          { stroke: color("accent"), width: 1.5, fill: color("accent-soft"), points: { show: false } },
        ],
      },
      [this.times, this.values],
      this.container,
    );
  }
}
