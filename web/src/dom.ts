// Small builders of elements. Data from outside reaches the page only as text nodes and attributes
// set through the DOM, never as markup.

type Child = Node | string;
type Attributes = Record<string, string | boolean | undefined>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** The element of the page with this id; a missing one is a mistake in index.html. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element #${id}`);
  return element as T;
}

/** Sets the text only when it differs, so that an unchanged figure costs no layout. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Replaces the options of a select, keeping the chosen value where it still exists. */
export function setOptions(select: HTMLSelectElement, values: string[], chosen?: string): void {
  const keep = chosen ?? select.value;
  select.replaceChildren(...values.map((value) => el("option", { value }, value)));
  if (values.includes(keep)) select.value = keep;
}
