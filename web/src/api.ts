// The gateway's HTTP interface, as this page uses it. Addresses are relative, so that the dashboard
// also works behind a proxy that serves it below a path.

export interface Column {
  name: string;
  type: string;
}

export interface Table {
  name: string;
  columns: Column[];
  rows_lake: number;
  rows_tail: number;
  files: number;
}

export interface QueryResult {
  columns: Column[];
  rows: unknown[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}

export interface Problem {
  what: string;
  cause?: string;
  advice?: string;
}

export type Row = Record<string, unknown>;

/** Event `ticks`: rows that have just become visible in SQL. */
export interface Ticks {
  table: string;
  rows: Row[];
  total: number;
  dropped: number;
}

interface Partition {
  topic: string;
  partition: number;
  visible_offset: number;
  durable_offset: number;
  log_end_offset: number;
  lag: number;
}

/** Event `status`. A stage that does not run in this process is missing. */
export interface Status {
  version?: string;
  uptime_s?: number;
  ready?: boolean;
  /** Why it is not ready. */
  reason?: string;
  /** What does not work just now, while all else goes on; `since` is RFC 3339. */
  problems?: { where: string; what: string; since: string }[];
  broker?: {
    /** "external": somebody else's Kafka, of which only what follows `connections` is known. */
    kind?: string;
    address?: string;
    topics?: number;
    partitions?: number;
    records_in?: number;
    bytes_in?: number;
    connections?: number;
    reachable?: boolean;
    error?: string;
    brokers?: number;
    partitions_without_leader?: number;
  };
  /** `rate` is what was asked for, as text ("1000/s"), or what is measured, as a number. */
  feed?: { kind?: string; topic?: string; rate?: number | string; records?: number; state?: string };
  sink?: {
    partitions?: Partition[];
    rows_visible?: number;
    rows_per_second?: number;
    dead_letters?: number;
    tick_to_sql_p99_ms?: number;
  };
  lake?: { location?: string; files?: number; rows?: number; bytes?: number };
  tables?: {
    name: string;
    rows_lake: number;
    rows_tail: number;
    rows_per_second: number;
    files: number;
  }[];
  query?: { count?: number };
  /** The endpoint of AWS clients: as this machine calls it, and where it listens. */
  aws?: { url: string; listen: string; region: string; env: string };
}

/** A request that the gateway refused, or that did not reach it. */
export class RequestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.what);
  }
}

export function problemOf(value: unknown): Problem {
  const error = (value as { error?: Partial<Problem> } | null)?.error;
  if (!error?.what) return { what: "the server gave an answer that this page does not understand" };
  return {
    what: error.what,
    ...(error.cause ? { cause: error.cause } : {}),
    ...(error.advice ? { advice: error.advice } : {}),
  };
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError({
      what: "cannot reach ticklake",
      cause: "the connection was refused or broke off",
      advice: "see whether `ticklake up` still runs; this page reconnects by itself",
    });
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  if (body) throw new RequestError(problemOf(body));
  throw new RequestError({ what: `the server answered ${response.status}` });
}

function statement(sql: string, limit?: number, format?: "csv"): [string, RequestInit] {
  return [
    format ? `api/query?format=${format}` : "api/query",
    {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(limit === undefined ? { sql } : { sql, limit }),
    },
  ];
}

export async function query(sql: string, limit: number, signal?: AbortSignal): Promise<QueryResult> {
  const [path, init] = statement(sql, limit);
  const response = await request(path, signal ? { ...init, signal } : init);
  return (await response.json()) as QueryResult;
}

export async function queryCsv(sql: string): Promise<Blob> {
  const [path, init] = statement(sql, undefined, "csv");
  return (await request(path, init)).blob();
}

export async function tables(): Promise<Table[]> {
  return (await (await request("api/tables", {})).json()) as Table[];
}

/** A GET of the JSON at this address. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await request(path, signal ? { signal } : {})).json()) as T;
}

/** A POST without a body, which has something done. */
export async function post<T>(path: string): Promise<T> {
  return (await (await request(path, { method: "POST" })).json()) as T;
}

/** What a request failed by, in words. */
export function problemFrom(error: unknown): Problem {
  return error instanceof RequestError ? error.problem : { what: String(error) };
}

export const eventsUrl = (table: string): string =>
  table ? `api/events?table=${encodeURIComponent(table)}` : "api/events";

export const liveUrl = (sql: string): string => `api/query/live?sql=${encodeURIComponent(sql)}`;
