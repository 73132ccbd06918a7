// The tutorial of docs/TUTORIAL.md, whose lines are ready to be pasted: they name this ticklake.

import markdown from "../../../docs/TUTORIAL.md?raw";
import type { Status } from "../api";
import { el } from "../dom";
import { card, line, note } from "./elements";
import { Pane, type Room } from "./room";
import { placesOf, stepsOf, type Block, type Inline, type Step } from "./tutorial_text";

export class TutorialRoom implements Room {
  private readonly content: Pane;
  private status: Status | undefined;
  private isShown = false;

  constructor(place: HTMLElement) {
    this.content = new Pane(el("div", { class: "tutorial", "data-testid": "tutorial" }));
    place.replaceChildren(this.content.root);
  }

  show(): void {
    this.isShown = true;
    this.draw();
  }

  hide(): void {
    this.isShown = false;
  }

  onStatus(status: Status): void {
    this.status = status;
    if (this.isShown) this.draw();
  }

  private draw(): void {
    const { status } = this;
    const places = placesOf(status, location);
    const isOff = status !== undefined && status.aws === undefined;
    this.content.show([places, isOff], () => {
      const [intro, ...steps] = stepsOf(markdown, places);
      return [introCard(intro, places.aws, places.kafka, isOff), ...steps.map(stepCard)];
    });
  }
}

function introCard(intro: Step | undefined, aws: string, kafka: string, isOff: boolean): HTMLElement {
  const facts = el(
    "dl",
    { class: "facts" },
    el("div", {}, el("dt", {}, "S3, Glue, Athena, STS, IAM"), el("dd", {}, isOff ? "off" : el("code", {}, aws))),
    el("div", {}, el("dt", {}, "Kafka"), el("dd", {}, el("code", {}, kafka))),
  );
  const off = isOff
    ? [note("The endpoint of AWS clients is off: start ", el("code", {}, "ticklake up"), " without ", el("code", {}, "--aws-listen none"), ".")]
    : [];
  return card("The classic tutorial, on this ticklake", [], ...off, ...(intro?.blocks ?? []).map(nodeOf), facts);
}

const stepCard = (step: Step): HTMLElement => card(step.title, [], ...step.blocks.map(nodeOf));

function nodeOf(block: Block): Node {
  if (block.kind === "paragraph") return el("p", {}, ...block.content.map(inline));
  if (block.kind === "commands") return el("div", { class: "commands" }, ...block.commands.map(line));
  return el(
    "dl",
    { class: "pairs" },
    ...block.rows.flatMap((cells) =>
      cells.map((cell, i) =>
        el("div", {}, el("dt", {}, ...(block.heads[i] ?? []).map(inline)), el("dd", {}, ...cell.map(inline))),
      ),
    ),
  );
}

function inline({ kind, text }: Inline): Node {
  return kind === "text" ? document.createTextNode(text) : el(kind, {}, text);
}
