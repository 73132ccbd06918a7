// What the rooms beside the live one have in common: they are asked for when they are shown, ask
// the server again and again while somebody looks, and change only what is no longer true.

import type { Status } from "../api";

export interface Room {
  /** What the address says behind the room's name; called at each change of it. */
  show(path: string[]): void;
  hide(): void;
  onStatus?(status: Status): void;
}

/** Of the server's listings. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Calls `ask` until it is stopped, some time after the last call has ended; not on a hidden page. */
export class Watch {
  private running: AbortController | undefined;
  private timer = 0;

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<void>,
    private readonly every_ms: number,
  ) {}

  /** Asks now, whatever was asked before. */
  start(): void {
    this.stop();
    const running = new AbortController();
    this.running = running;
    const again = (): void => {
      if (running.signal.aborted) return;
      this.timer = window.setTimeout(() => void turn(), this.every_ms);
    };
    const turn = async (): Promise<void> => {
      if (!document.hidden) await this.ask(running.signal);
      again();
    };
    void turn();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }
}

/** A part of a room that is made anew when what it shows has changed, under a focus that stays. */
export class Pane {
  private shown = "";

  constructor(readonly root: HTMLElement) {}

  show(what: unknown, make: () => Node[]): void {
    const text = JSON.stringify(what);
    if (text === this.shown) return;
    this.shown = text;
    const focused = document.activeElement;
    const key = focused instanceof HTMLElement && this.root.contains(focused) ? focused.dataset["key"] : undefined;
    this.root.replaceChildren(...make());
    if (key) this.root.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}

/** An address of this page: #room/part/part. */
export const hashOf = (...parts: string[]): string => `#${parts.map(encodeURIComponent).join("/")}`;

/** The parts of location.hash; what does not decode counts as it stands. */
export function partsOf(hash: string): string[] {
  return hash
    .replace(/^#/, "")
    .split("/")
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}
