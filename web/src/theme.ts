// Colours live in style.css as custom properties; canvases need them as values.

export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls back now, and whenever the system turns dark or light. */
export function onTheme(apply: () => void): void {
  apply();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
}
