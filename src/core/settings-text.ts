/** Pure: one setting in the text of a settings.json, everything else as it is: comments, order, indentation. */
import { applyEdits, findNodeAtLocation, getNodeValue, modify, type ParseError, parseTree } from 'jsonc-parser';

export type WithSetting =
  /** `before` is absent where it was not set. */
  | { readonly kind: 'text'; readonly text: string; readonly before?: unknown }
  /** The text is no object of settings and stays as it is; a sentence. */
  | { readonly kind: 'problem'; readonly message: string };

/** The text with the setting at this value; from nothing a whole new text. */
export function withSetting(text: string, key: string, value: unknown): WithSetting {
  const [mark, plain] = text.startsWith('\uFEFF') ? ['\uFEFF', text.slice(1)] : ['', text];
  const errors: ParseError[] = [];
  const root = parseTree(plain, errors, { allowTrailingComma: true, allowEmptyContent: true });
  if (errors.length > 0 || (root && root.type !== 'object'))
    return { kind: 'problem', message: 'It is not valid JSON with comments, so nothing was written. Mend it first.' };
  const known = root && findNodeAtLocation(root, [key]);
  const eol = plain.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([ \t]+)\S/m.exec(plain)?.[1] ?? '  ';
  const formattingOptions = { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length, eol };
  const changed = root
    ? applyEdits(plain, modify(plain, [key], value, { formattingOptions }))
    : `${plain === '' ? '' : `${plain.trimEnd()}${eol}`}${JSON.stringify({ [key]: value }, null, 2)}${eol}`;
  return { kind: 'text', text: mark + changed, ...(known ? { before: getNodeValue(known) as unknown } : {}) };
}
