// The catalog's databases and tables, #catalog/DATABASE/TABLE, and the crawlers that make them.

import { get, problemFrom } from "../api";
import { el } from "../dom";
import { count } from "../format";
import { clock } from "../problems";
import { CrawlersCard } from "./crawlers";
import { badge, card, failure, line, more, note, row, table } from "./elements";
import { hashOf, Pane, Watch, type Page, type Room } from "./room";

const kEvery_ms = 3000;
const enc = encodeURIComponent;

interface Column {
  name: string;
  type: string;
  comment: string;
}

interface TableHead {
  name: string;
  database: string;
  type: string;
  format: string;
  location: string;
  column_count: number;
  partition_keys: Column[];
  updated: string;
}

interface TableDetail extends TableHead {
  description: string;
  columns: Column[];
  serde: string;
  view: string;
  parameters: Record<string, string>;
}

interface Partition {
  values: string[];
  location: string;
}

type Partitions = Page<Partition>;

const kDatabases = "api/catalog/databases";
const tablesUrl = (database: string): string => `${kDatabases}/${enc(database)}/tables`;
const tableUrl = (database: string, name: string): string => `${tablesUrl(database)}/${enc(name)}`;

export class CatalogRoom implements Room {
  private readonly crawlers = new CrawlersCard();
  private readonly list = new Pane(el("div", { class: "side" }));
  private readonly content = new Pane(el("div", { "data-testid": "catalog-table" }));
  private readonly watch = new Watch((signal) => this.refresh(signal), kEvery_ms);
  private path: string[] = [];
  private further: Partitions[] = [];

  constructor(place: HTMLElement) {
    place.replaceChildren(
      el("div", { class: "halves" }, this.list.root, this.content.root),
      this.crawlers.root,
    );
  }

  show(path: string[]): void {
    this.path = path;
    this.further = [];
    this.watch.start();
    this.crawlers.show();
  }

  hide(): void {
    this.watch.stop();
    this.crawlers.hide();
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    try {
      const databases = (await all<{ name: string }>(kDatabases, signal)).map(({ name }) => name);
      const database = this.path[0] || (databases.includes("ticklake") ? "ticklake" : databases[0]) || "";
      const tables = database ? await all<TableHead>(tablesUrl(database), signal) : [];
      const name = this.path[1] || tables[0]?.name || "";
      this.list.show([databases, database, tables.map((one) => one.name), name], () => [
        listCard(databases, database, tables, name),
      ]);
      if (!name) {
        this.content.show(["empty", database], () => [card("Table", [], note(`No table in ${database} yet.`))]);
        return;
      }
      await this.showTable(database, name, signal);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemFrom(error);
      this.content.show(problem, () => [card("Table", [], failure(problem))]);
    }
  }

  private async showTable(database: string, name: string, signal: AbortSignal): Promise<void> {
    const detail = await get<TableDetail>(tableUrl(database, name), signal);
    const isPartitioned = detail.partition_keys.length > 0;
    const first = isPartitioned ? await get<Partitions>(`${tableUrl(database, name)}/partitions`, signal) : undefined;
    if (this.further.length > 0) return;
    this.draw(detail, first ? [first] : []);
  }

  private draw(detail: TableDetail, pages: Partitions[]): void {
    this.content.show([detail, pages], () => {
      const cards = [tableCard(detail)];
      if (pages.length > 0) cards.push(this.partitionsCard(detail, pages));
      return cards;
    });
  }

  private partitionsCard(detail: TableDetail, pages: Partitions[]): HTMLElement {
    const partitions = pages.flatMap((page) => page.items);
    const isMore = Boolean(pages.at(-1)?.next);
    const heads = [...detail.partition_keys.map((key) => ({ title: key.name })), { title: "location" }];
    const rows = partitions.map((one) => row(...one.values, place(one.location)));
    const shown = `${partitions.length}${isMore ? "+" : ""}`;
    const made = card(
      "Partitions",
      [el("span", { class: "summary" }, shown)],
      rows.length > 0 ? table("Partitions", heads, rows) : note("No partition yet."),
    );
    if (isMore) made.append(more("more", () => void this.morePartitions(detail, pages)));
    return made;
  }

  private async morePartitions(detail: TableDetail, pages: Partitions[]): Promise<void> {
    const url = `${tableUrl(detail.database, detail.name)}/partitions?from=${enc(pages.at(-1)?.next ?? "")}`;
    const before = this.path;
    try {
      const page = await get<Partitions>(url);
      if (this.path !== before) return;
      this.further = [...pages.slice(1), page];
      this.draw(detail, [...pages, page]);
    } catch (error) {
      this.content.root.append(failure(problemFrom(error)));
    }
  }
}

/** A catalog of more than a thousand databases, or tables in one, is not read through here. */
async function all<T>(url: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let from = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await get<Page<T>>(`${url}?from=${enc(from)}`, signal);
    items.push(...page.items);
    if (!page.next) break;
    from = page.next;
  }
  return items;
}

function listCard(databases: string[], chosen: string, tables: TableHead[], table: string): HTMLElement {
  const tablesOf = el(
    "ul",
    {},
    ...tables.map((one) =>
      el(
        "li",
        {},
        el(
          "a",
          { href: hashOf("catalog", chosen, one.name), "data-key": `${chosen}/${one.name}`, "aria-current": one.name === table ? "true" : undefined },
          el("span", { class: "name" }, one.name),
          el("small", {}, one.format),
        ),
      ),
    ),
  );
  const items = databases.map((name) =>
    el(
      "li",
      {},
      el(
        "a",
        { href: hashOf("catalog", name), "data-key": name, class: "parent" },
        el("span", { class: "name" }, name),
        el("small", {}, name === chosen ? `${count(tables.length)} ${tables.length === 1 ? "table" : "tables"}` : ""),
      ),
      ...(name === chosen ? [tablesOf] : []),
    ),
  );
  return card("Databases", [], el("ul", { class: "links", "data-testid": "databases" }, ...items));
}

function tableCard(detail: TableDetail): HTMLElement {
  const rows = [
    ...detail.columns.map((column) => row(column.name, code(column.type), column.comment)),
    ...detail.partition_keys.map((column) => row(column.name, code(column.type), badge("partition", "plain"))),
  ];
  const fact = (name: string, value: Node | string): Node[] =>
    value ? [el("div", {}, el("dt", {}, name), el("dd", {}, value))] : [];
  const rowCount = detail.parameters["recordCount"];
  const facts = el(
    "dl",
    { class: "facts" },
    ...fact("format", detail.format),
    ...fact("rows at the last crawl", rowCount ? count(Number(rowCount)) : ""),
    ...fact("updated", clock(detail.updated)),
    ...fact("location", detail.location ? place(detail.location) : ""),
  );
  const left = detail.column_count - detail.columns.length;
  return card(
    `${detail.database}.${detail.name}`,
    [el("span", { class: "summary" }, `${count(detail.column_count + detail.partition_keys.length)} columns`)],
    facts,
    line(`SELECT * FROM ${quoted(detail.database)}.${quoted(detail.name)} LIMIT 10`),
    table("Columns", [{ title: "column" }, { title: "type" }, { title: "" }], rows, "columns"),
    ...(left > 0 ? [note(`and ${count(left)} more columns`)] : []),
    ...(detail.view ? [note("A view.")] : []),
  );
}

const code = (text: string): HTMLElement => el("code", {}, text);
const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** An S3 location as a way into the room of buckets. */
function place(location: string): Node {
  const [, bucket, prefix] = /^s3[an]?:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
  if (!bucket) return document.createTextNode(location);
  const folder = prefix && !prefix.endsWith("/") ? `${prefix}/` : (prefix ?? "");
  return el("a", { href: folder ? hashOf("buckets", bucket, folder) : hashOf("buckets", bucket), class: "place" }, location);
}
