// A stream of server-sent events that mends itself. The browser's own EventSource gives up for good
// on some errors and waits for ever on a silent connection; this one retries, and says what it does.

export type StreamState = "connecting" | "open" | "waiting" | "paused" | "closed";

export interface StreamOptions {
  /** Called with the parsed data of each event of that name. */
  on: Record<string, (data: unknown) => void>;
  onState?: (state: StreamState) => void;
  /** A connection that says nothing for this long is taken for dead. */
  silence_ms_max: number;
}

const kRetryFirst_ms = 300;
const kRetryMost_ms = 3000;

export class Stream {
  private source: EventSource | undefined;
  private url = "";
  private retry_ms = kRetryFirst_ms;
  private retryTimer = 0;
  private silenceTimer = 0;
  private state: StreamState = "closed";
  private isAway = false;

  constructor(private readonly options: StreamOptions) {
    // A hidden page holds no connection: browsers allow six to a server, and nobody looks.
    document.addEventListener("visibilitychange", () => this.onVisibility());
  }

  /** Holds no connection either while its part of the page is away. */
  setAway(isAway: boolean): void {
    this.isAway = isAway;
    this.onVisibility();
  }

  /** Opens the stream, or moves it to another address. */
  open(url: string): void {
    this.stop();
    this.url = url;
    this.retry_ms = kRetryFirst_ms;
    if (this.isUnseen) this.become("paused");
    else this.connect();
  }

  close(): void {
    this.stop();
    this.url = "";
    this.become("closed");
  }

  get isOpen(): boolean {
    return this.state === "open";
  }

  private get isUnseen(): boolean {
    return document.hidden || this.isAway;
  }

  private onVisibility(): void {
    if (!this.url) return;
    if (this.isUnseen) {
      this.stop();
      this.become("paused");
    } else if (this.state === "paused") {
      this.open(this.url);
    }
  }

  private connect(): void {
    this.become("connecting");
    const source = new EventSource(this.url);
    this.source = source;
    this.expectWord();
    source.onopen = () => this.heard();
    source.onerror = () => this.failed();
    for (const [name, handle] of Object.entries(this.options.on)) {
      source.addEventListener(name, (event) => {
        if (this.source !== source) return;
        this.heard();
        handle(parse((event as MessageEvent<string>).data));
      });
    }
  }

  private heard(): void {
    this.retry_ms = kRetryFirst_ms;
    this.expectWord();
    this.become("open");
  }

  private expectWord(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = window.setTimeout(() => this.failed(), this.options.silence_ms_max);
  }

  private failed(): void {
    this.stop();
    this.become("waiting");
    this.retryTimer = window.setTimeout(() => this.connect(), this.retry_ms);
    this.retry_ms = Math.min(this.retry_ms * 2, kRetryMost_ms);
  }

  private stop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.source?.close();
    this.source = undefined;
  }

  private become(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
