/** Pure: text that others wrote, made fit for formats that do not take every text. */

/** Halves of characters that stand alone: no encoding has them, and readers of JSON refuse or change them. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with U+FFFD in the place of lone surrogates. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** As it may be shown: line ends and tabs stay, whatever else moves a cursor or cannot be seen is U+FFFD. */
export function visible(text: string): string {
  return wellFormed(text).replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}

/** In one line and without characters that cannot be seen. */
export function oneLine(text: string): string {
  return wellFormed(text)
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '\ufffd')
    .trim();
}

/** JSON that any reader takes: every string in it is well formed. `indent`: spaces a level; none when left out. */
export function plainJson(value: unknown, indent?: number): string {
  return `${JSON.stringify(value, (_, each: unknown) => (typeof each === 'string' ? wellFormed(each) : each), indent)}\n`;
}

/** Text inside an XML element or attribute: markup escaped, U+FFFD for what XML 1.0 forbids. */
export function xmlText(text: string): string {
  return wellFormed(text)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\r]/g, (character) => XML_NAMES[character] ?? character);
}

/** An attribute: readers turn line ends and tabs into spaces unless they are written as references. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replace(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `>` always, so that no text ends a section of character data. A carriage return would be read as a line feed. */
const XML_NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
