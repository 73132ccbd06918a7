// How figures are written. Everything is in the reader's eye, not the machine's: at most four digits
// that matter, units beside them, and no jumping width.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1,234,567 */
export function count(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : grouped.format(Math.round(value));
}

/** 1,234 up to 99,999, then 123 k, 1.23 M, 4.56 G */
export function compact(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (Math.abs(value) < 100_000) return grouped.format(Math.round(value));
  return scaled(value, 1000, ["k", "M", "G", "T"]);
}

/** 12.3 MB (powers of 1000, as disks are sold) */
export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (value < 1000) return `${Math.round(value)} B`;
  return scaled(value, 1000, ["kB", "MB", "GB", "TB"]);
}

function scaled(value: number, step: number, units: string[]): string {
  let unit = -1;
  do {
    value /= step;
    unit += 1;
  } while (Math.abs(value) >= step && unit < units.length - 1);
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** 0.4 ms, 12 ms, 1.2 s */
export function duration_ms(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (value < 10) return `${value.toFixed(1)} ms`;
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1000).toFixed(1)} s`;
  return uptime(value / 1000);
}

/** 42 s, 3 min 05 s, 2 h 07 min, 3 d 4 h */
export function uptime(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "–";
  const s = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** Decimals that these prices need: two for shares, more for what costs less than a dollar. */
export function decimalsOf(prices: number[]): number {
  const largest = Math.max(0, ...prices.map(Math.abs));
  const most = largest >= 100 ? 2 : largest >= 1 ? 4 : 8;
  let needed = 2;
  for (const price of prices) {
    const fraction = String(price).split(".")[1];
    if (fraction && !fraction.includes("e")) needed = Math.max(needed, fraction.length);
  }
  return Math.min(needed, most);
}

export function price(value: number, decimals: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** 14:03:07.123, in UTC like every time in the lake. */
export function clock(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : "";
}

/** One value of a result as SQL would show it; noise of binary fractions is rounded away. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));
  }
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** "1 topic", "2 topics"; a figure that is missing is "–". */
export const plural = (value: number | undefined, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
