// docs/TUTORIAL.md as the page shows it: the little Markdown that it is written in, its blocks of
// commands one by one, with the addresses of whoever reads it in the place of the usual ones.

import type { Status } from "../api";

export type Inline = { kind: "text" | "code" | "strong"; text: string };

export type Block =
  | { kind: "paragraph"; content: Inline[] }
  | { kind: "commands"; commands: string[] }
  | { kind: "pairs"; heads: Inline[][]; rows: Inline[][][] };

export interface Step {
  title: string;
  blocks: Block[];
}

/** Where the reader's own ticklake is. */
export interface Places {
  kafka: string;
  aws: string;
  page: string;
  /** As its user called it: build/ticklake. */
  program: string;
  env: string;
}

export const kUsual: Places = {
  kafka: "127.0.0.1:9092",
  aws: "http://127.0.0.1:8090",
  page: "http://127.0.0.1:8080",
  program: "build/ticklake",
  env: "build/ticklake env",
};

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.");
const isAny = (host: string): boolean => host === "0.0.0.0" || host === "[::]";

/** The address by which whoever sees the page at `host` reaches what listens at `listen`. */
function reached(listen: string, host: string): string {
  const colon = listen.lastIndexOf(":");
  if (!isAny(listen.slice(0, colon))) return listen;
  return `${isLoopback(host) ? "127.0.0.1" : host}${listen.slice(colon)}`;
}

/** `page`: the address of the page, location.hostname and location.origin. */
export function placesOf(status: Status | undefined, page: { hostname: string; origin: string }): Places {
  const { aws, broker } = status ?? {};
  const env = aws?.env ?? kUsual.env;
  return {
    kafka: broker?.address ? reached(broker.address.split(",")[0] ?? "", page.hostname) : kUsual.kafka,
    aws: !aws
      ? kUsual.aws
      : isLoopback(page.hostname)
        ? aws.url
        : `${aws.url.split("://")[0]}://${reached(aws.listen, page.hostname)}`,
    page: page.origin,
    program: env.split(" env")[0] ?? kUsual.program,
    env,
  };
}

/** The text with the reader's own places. */
export function withPlaces(text: string, places: Places): string {
  const sql = `${places.program} sql${places.page === kUsual.page ? "" : ` --url ${places.page}`}`;
  const crawl = `${places.program} crawl${places.env.slice(`${places.program} env`.length)}`;
  const usual = /http:\/\/127\.0\.0\.1:8090|http:\/\/127\.0\.0\.1:8080|127\.0\.0\.1:9092|build\/ticklake (?:env|sql|crawl)/g;
  return text.replace(usual, (found) => {
    if (found === kUsual.aws) return places.aws;
    if (found === kUsual.page) return places.page;
    if (found === kUsual.kafka) return places.kafka;
    if (found.endsWith(" env")) return places.env;
    return found.endsWith(" sql") ? sql : crawl;
  });
}

/** The parts that begin with "## "; what stands before the first is a step without a title. */
export function stepsOf(markdown: string, places: Places): Step[] {
  const steps: Step[] = [{ title: "", blocks: [] }];
  for (const part of markdown.split(/\n{2,}/)) {
    const heading = /^#+ +(.*)$/.exec(part.trim());
    if (heading) {
      if (part.startsWith("## ")) steps.push({ title: heading[1] ?? "", blocks: [] });
      continue;
    }
    // What is quoted is said to those who read the document elsewhere.
    if (part.trim() && !part.startsWith(">")) steps.at(-1)?.blocks.push(blockOf(part, places));
  }
  return steps;
}

function blockOf(part: string, places: Places): Block {
  const lines = part.split("\n").filter((line) => line.trim());
  if (lines.every((line) => line.startsWith("    "))) {
    return { kind: "commands", commands: commandsOf(lines.map((line) => withPlaces(line.slice(4), places))) };
  }
  if (lines[0]?.startsWith("|")) {
    const cells = lines.map((line) =>
      line.split("|").slice(1, -1).map((cell) => inlineOf(withPlaces(cell.trim(), places))),
    );
    return { kind: "pairs", heads: cells[0] ?? [], rows: cells.slice(2) };
  }
  return { kind: "paragraph", content: inlineOf(withPlaces(lines.join(" "), places)) };
}

/** Each command by itself: a line, with those of its here-document. */
function commandsOf(lines: string[]): string[] {
  const commands: string[] = [];
  let end = "";
  for (const line of lines) {
    if (end) commands.push(`${commands.pop()}\n${line}`);
    else commands.push(line);
    if (end && line === end) end = "";
    else if (!end) end = /<<'(\w+)'/.exec(line)?.[1] ?? "";
  }
  return commands.filter((command) => command.trim());
}

/** `code`, **strong**; of a link its text, since what it leads to is in the repository. */
function inlineOf(text: string): Inline[] {
  const plain = text.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
  return plain
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter(Boolean)
    .map((part) => {
      if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) };
      if (part.startsWith("**")) return { kind: "strong", text: part.slice(2, -2) };
      return { kind: "text", text: part };
    });
}
