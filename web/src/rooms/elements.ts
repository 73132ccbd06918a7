// Parts of which the rooms are made.

import "./rooms.css";
import type { Problem } from "../api";
import { el } from "../dom";
import { copyButton } from "./copy";

type Child = Node | string;

/** A card with a heading and, beside it, whatever else belongs into its bar. */
export function card(title: string, bar: Child[], ...content: Child[]): HTMLElement {
  return el("section", { class: "card", "aria-label": title }, el("div", { class: "bar" }, el("h2", {}, title), ...bar), ...content);
}

export interface ColumnHead {
  title: string;
  isNumber?: boolean;
}

/** On a narrow page each row stands as a card of its own, where cells have their column's title. */
export function table(label: string, heads: ColumnHead[], rows: HTMLTableRowElement[], kind = ""): HTMLElement {
  const head = heads.map(({ title, isNumber }) => el("th", { scope: "col", class: isNumber ? "number" : undefined }, title));
  for (const row of rows) {
    [...row.cells].forEach((cell, i) => {
      const { title, isNumber } = heads[i] ?? { title: "" };
      if (title) cell.dataset["title"] = title;
      if (isNumber) cell.classList.add("number");
    });
  }
  return el(
    "div",
    { class: "frame" },
    el(
      "table",
      { class: `grid listing ${kind}`, "aria-label": label },
      el("thead", {}, el("tr", {}, ...head)),
      el("tbody", {}, ...rows),
    ),
  );
}

export const row = (...cells: Child[]): HTMLTableRowElement => el("tr", {}, ...cells.map((cell) => el("td", {}, cell)));

/** What is said in place of a listing. */
export const note = (...content: Child[]): HTMLElement => el("p", { class: "nothing" }, ...content);

/** What is wrong, why, and what to do. */
export function failure(problem: Problem): HTMLElement {
  const line = (label: string, text: string | undefined): Node[] =>
    text ? [el("p", {}, el("b", {}, label), el("span", { class: label }, text))] : [];
  return el(
    "div",
    { class: "error", role: "alert" },
    el("p", { class: "what" }, problem.what),
    ...line("cause", problem.cause),
    ...line("try", problem.advice),
  );
}

/** A state in a word, with a colour beside it. */
export const badge = (text: string, tone: "good" | "bad" | "busy" | "plain"): HTMLElement =>
  el("span", { class: "badge", "data-tone": tone }, text);

/** The button that brings the next page of a listing. */
export function more(key: string, onClick: () => void): HTMLElement {
  const button = el("button", { type: "button", class: "plain more", "data-key": key }, "More");
  button.addEventListener("click", onClick);
  return button;
}

/** A command or statement with a button that copies it. */
export function line(text: string): HTMLElement {
  return el("div", { class: "line-to-copy" }, el("pre", { tabindex: "0" }, el("code", {}, text)), copyButton(text));
}
