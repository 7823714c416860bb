/** XML as reports use it: elements with their attributes and text. Pure. */
import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, references resolved, CDATA included. */
  readonly text: string;
}

/**
 * The root element of a report, whatever stands before and after it. A document that breaks off gives what was complete until then,
 * with the elements that were open; undefined when no element begins.
 */
export function readXml(document: string): XmlElement | undefined {
  const start = document.search(/<(?:\?xml|[A-Za-z_])/);
  if (start < 0) return undefined;
  const parser = new SaxesParser();
  const open: Building[] = [];
  let root: Building | undefined;
  let over = false;
  parser.on('opentag', ({ name, attributes }) => {
    if (over) return;
    const element: Building = { name, attributes: { ...attributes }, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const add = (text: string) => {
    const element = open.at(-1);
    if (element && !over) element.text += text;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => {
    open.pop();
    over ||= open.length === 0;
  });
  // What breaks a document is not what it said before.
  parser.on('error', () => {
    over ||= root !== undefined && open.length === 0;
  });
  parser.write(document.slice(start)).close();
  return root;
}

/** All elements of this name below `element`, at any depth, in the order of the document. */
export function elementsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsNamed(child, name)]);
}

interface Building {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Building[];
  text: string;
}
