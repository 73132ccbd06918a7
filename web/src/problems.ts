// What does not work just now: a partition, a topic, a table, while all else goes on.

import type { Status } from "./api";
import { byId, el, setText } from "./dom";
import { plural } from "./format";

/** More would push the page out of sight; `ticklake status` shows all. */
const kShown = 8;

export class Problems {
  private readonly box = byId("problems");
  private readonly title = byId("problems-title");
  private readonly list = byId("problems-list");
  private shown = "";

  show(status: Status): void {
    const problems = status.problems ?? [];
    const text = JSON.stringify(problems);
    if (text === this.shown) return;
    this.shown = text;
    this.box.hidden = problems.length === 0;
    setText(this.title, `${plural(problems.length, "problem")}; all else goes on`);
    const items = problems.slice(0, kShown).map(({ where, what, since }) =>
      el("li", {}, el("b", {}, where), ` ${what} `, el("time", { datetime: since }, `since ${clock(since)}`)),
    );
    if (problems.length > kShown) items.push(el("li", {}, `and ${problems.length - kShown} more: ticklake status`));
    this.list.replaceChildren(...items);
  }
}

/** "2026-11-24T00:15:03.123Z" as "00:15:03", with the day if it is not today's. */
export function clock(time: string, now = new Date()): string {
  const [day, rest] = time.split("T");
  const seconds = (rest ?? "").slice(0, 8);
  return day === now.toISOString().slice(0, 10) ? seconds : `${day} ${seconds}`;
}
