// Buckets and their objects, a folder at a time: #buckets/BUCKET/PREFIX.

import { get, problemFrom } from "../api";
import { el } from "../dom";
import { bytes } from "../format";
import { clock } from "../problems";
import { card, failure, line, more, note, row, table } from "./elements";
import { hashOf, Pane, Watch, type Page, type Room } from "./room";

const kEvery_ms = 3000;

interface Bucket {
  name: string;
  is_lake: boolean;
  created?: string;
}

interface StoredObject {
  key: string;
  bytes: number;
  modified: string;
}

interface Folder extends Page<StoredObject> {
  folders: string[];
}

const enc = encodeURIComponent;

export class BucketsRoom implements Room {
  private readonly list = new Pane(el("div", { class: "side" }));
  private readonly content = new Pane(el("div", { "data-testid": "objects" }));
  private readonly watch = new Watch((signal) => this.refresh(signal), kEvery_ms);
  private path: string[] = [];
  /** Pages of the folder after the first; while there are some, it stays as it was read. */
  private further: Folder[] = [];

  constructor(place: HTMLElement) {
    place.replaceChildren(el("div", { class: "halves" }, this.list.root, this.content.root));
  }

  show(path: string[]): void {
    this.path = path;
    this.further = [];
    this.watch.start();
  }

  hide(): void {
    this.watch.stop();
  }

  private async refresh(signal: AbortSignal): Promise<void> {
    if (this.further.length > 0) return;
    try {
      const buckets = await allBuckets(signal);
      // Without a name in the address: the newest that a person made, before those that are always there.
      const mine = buckets.filter((bucket) => !bucket.is_lake && bucket.name !== "athena-results");
      const name = this.path[0] || (mine[0] ?? buckets[0])?.name;
      this.list.show([buckets, name], () => [this.bucketCard(buckets, name)]);
      if (!name) {
        this.content.show("none", () => [noBucket()]);
        return;
      }
      await this.showFolder(name, this.path[1] ?? "", signal);
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemFrom(error);
      this.content.show(problem, () => [card("Objects", [], failure(problem))]);
    }
  }

  private async showFolder(bucket: string, prefix: string, signal: AbortSignal): Promise<void> {
    const first = await get<Folder>(folderUrl(bucket, prefix), signal);
    this.content.show([bucket, prefix, first], () => [this.folderCard(bucket, prefix, [first])]);
  }

  private async loadMore(bucket: string, prefix: string, pages: Folder[]): Promise<void> {
    const next = pages.at(-1)?.next;
    if (!next) return;
    try {
      const page = await get<Folder>(`${folderUrl(bucket, prefix)}&from=${enc(next)}`);
      if (this.path[0] !== undefined && this.path[0] !== "" && this.path[0] !== bucket) return;
      if ((this.path[1] ?? "") !== prefix) return;
      this.further = [...pages.slice(1), page];
      const all = [...pages, page];
      this.content.show([bucket, prefix, all], () => [this.folderCard(bucket, prefix, all)]);
    } catch (error) {
      const problem = problemFrom(error);
      this.content.root.append(failure(problem));
    }
  }

  private bucketCard(buckets: Bucket[], chosen: string | undefined): HTMLElement {
    const items = buckets.map(({ name, is_lake, created }) =>
      el(
        "li",
        {},
        el(
          "a",
          {
            href: hashOf("buckets", name),
            "data-key": name,
            "aria-current": name === chosen ? "true" : undefined,
            title: created ? `made ${clock(created)}` : undefined,
          },
          el("span", { class: "name" }, name),
          is_lake ? el("small", {}, "the sink's files") : "",
        ),
      ),
    );
    return card("Buckets", [], el("ul", { class: "links", "data-testid": "buckets" }, ...items));
  }

  private folderCard(bucket: string, prefix: string, pages: Folder[]): HTMLElement {
    const folders = pages.flatMap((page) => page.folders);
    const objects = pages.flatMap((page) => page.items);
    const isMore = Boolean(pages.at(-1)?.next);
    const rows = [
      ...folders.map((folder) =>
        row(
          el("a", { href: hashOf("buckets", bucket, folder), class: "folder", "data-key": folder }, folder.slice(prefix.length)),
          "",
          "",
          "",
        ),
      ),
      ...objects.map((object) => objectRow(bucket, prefix, object)),
    ];
    const what = `${folders.length + objects.length}${isMore ? "+" : ""} here`;
    const listing =
      rows.length > 0
        ? table(
            `Objects of ${bucket}/${prefix}`,
            [{ title: "name" }, { title: "size", isNumber: true }, { title: "modified" }, { title: "" }],
            rows,
            "objects",
          )
        : note(prefix ? "Nothing stands here any more." : "Nothing in this bucket yet.");
    const made = card("Objects", [crumbs(bucket, prefix), el("span", { class: "summary" }, what)], listing);
    if (isMore) made.append(more("more", () => void this.loadMore(bucket, prefix, pages)));
    return made;
  }
}

const folderUrl = (bucket: string, prefix: string): string =>
  `api/buckets/${enc(bucket)}/objects?prefix=${enc(prefix)}`;

async function allBuckets(signal: AbortSignal): Promise<Bucket[]> {
  const all: Bucket[] = [];
  let from = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await get<Page<Bucket>>(`api/buckets?from=${enc(from)}`, signal);
    all.push(...page.items);
    if (!page.next) break;
    from = page.next;
  }
  return all;
}

function objectRow(bucket: string, prefix: string, object: StoredObject): HTMLTableRowElement {
  const href = `api/buckets/${enc(bucket)}/object?key=${enc(object.key)}`;
  const name = object.key.slice(prefix.length) || object.key;
  return row(
    el("span", { class: "name", title: object.key }, name),
    el("span", { title: `${object.bytes} bytes` }, bytes(object.bytes)),
    el("time", { datetime: object.modified }, clock(object.modified)),
    el("a", { href, download: "", class: "download", "aria-label": `Download ${object.key}`, "data-key": object.key }, "Download"),
  );
}

/** bucket / folder / folder, each a way back. */
function crumbs(bucket: string, prefix: string): HTMLElement {
  const parts = prefix.split("/").slice(0, -1);
  const steps = parts.map((part, i) => [part || "/", parts.slice(0, i + 1).join("/") + "/"] as const);
  const links = [[bucket, ""] as const, ...steps].map(([name, to], i, all) =>
    el(
      "li",
      {},
      i === all.length - 1
        ? el("span", { "aria-current": "location" }, name)
        : el("a", { href: to ? hashOf("buckets", bucket, to) : hashOf("buckets", bucket) }, name),
    ),
  );
  return el("nav", { "aria-label": "Folder", class: "crumbs" }, el("ol", {}, ...links));
}

const noBucket = (): HTMLElement =>
  card("Objects", [], note("No bucket yet. Any client of S3 makes one:"), line("aws s3 mb s3://stock-market"));
