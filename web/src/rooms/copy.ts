// A button that copies a text, and says that it has.

import { el, setText } from "../dom";

const kSaid_ms = 1500;

export function copyButton(text: string): HTMLElement {
  const button = el("button", { type: "button", class: "plain copy", "aria-label": `Copy: ${text}` }, "Copy");
  const said = el("span", { class: "unseen", role: "status" });
  let timer = 0;
  button.addEventListener("click", () => {
    void copy(text).then((isCopied) => {
      setText(button, isCopied ? "Copied" : "Ctrl C");
      setText(said, isCopied ? "copied" : "press Ctrl C to copy");
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        setText(button, "Copy");
        setText(said, "");
      }, kSaid_ms);
    });
  });
  return el("span", { class: "copier" }, button, said);
}

/** Browsers keep the clipboard from pages that came without TLS from another machine: there the old way is tried. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el("textarea", { class: "unseen", "aria-hidden": "true" });
    field.value = text;
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
  }
}
