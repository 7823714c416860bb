/** Small helpers around the DOM. Text only ever becomes text: nothing here parses markup. */

const SVG = 'http://www.w3.org/2000/svg';

/** A new element with a class and children; strings become text. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A new SVG element with attributes. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A push button that calls `press`. */
export function button(text: string, className: string, press: () => void): HTMLButtonElement {
  const element = html('button', className, text);
  element.type = 'button';
  element.addEventListener('click', press);
  return element;
}

/** Sets or (undefined) removes an attribute; touches the document only when that changes something. */
export function setAttribute(element: Element, name: string, value: string | number | undefined): void {
  const text = value === undefined ? null : String(value);
  if (element.getAttribute(name) === text) return;
  if (text === null) element.removeAttribute(name);
  else element.setAttribute(name, text);
}

/** Sets the text of an element that holds nothing else; touches the document only when that changes something. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a style property through the object model, which a strict content security policy allows. */
export function setStyle(element: HTMLElement | SVGElement, name: string, value: string): void {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

/** Puts `children` in this order into `parent`, moving only what is out of place, and removes all others. */
export function arrange(parent: Element, children: readonly Element[]): void {
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const after: Element | null = next.nextElementSibling;
    next.remove();
    next = after;
  }
}

/** Keeps one element for each key between updates of a list, so that what did not change is not touched. */
export interface Keyed<Item, Kind extends Element> {
  update(items: readonly Item[]): void;
  /** The element of a key, while its item is in the list. */
  get(key: string): Kind | undefined;
}

/** A list in `parent` of which only the differences are applied. */
export function keyed<Item, Kind extends Element>(
  parent: Element,
  key: (item: Item) => string,
  create: (item: Item) => Kind,
  change: (element: Kind, item: Item) => void,
): Keyed<Item, Kind> {
  let elements = new Map<string, Kind>();
  return {
    update(items) {
      const next = new Map<string, Kind>();
      for (const item of items) {
        const name = key(item);
        const element = elements.get(name) ?? create(item);
        change(element, item);
        next.set(name, element);
      }
      arrange(parent, [...next.values()]);
      elements = next;
    },
    get: (name) => elements.get(name),
  };
}

/** Shortens `text` with an ellipsis until `measure` says that it fits; empty when not even two letters do. */
export function elide(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const letters = [...text];
  let fits = 0;
  let tooLong = letters.length;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (measure(`${letters.slice(0, middle).join('')}…`) <= width) fits = middle;
    else tooLong = middle;
  }
  return fits < 2 ? '' : `${letters.slice(0, fits).join('').trimEnd()}…`;
}
