/**
 * Patches in the format of Codex (`*** Begin Patch`) as writes and edits: a file each. Pure. Reads what their grammar has; what it finds only by
 * looking into the files is left out.
 */

/** What a patch does to one file; `because` completes "It was left out, because …". */
export type PatchedFile =
  | { readonly kind: 'written'; readonly path: string; readonly content: string }
  | {
      readonly kind: 'edited';
      readonly path: string;
      readonly replacements: readonly { readonly old: string; readonly new: string }[];
    }
  | { readonly kind: 'removed'; readonly path: string }
  | { readonly kind: 'left out'; readonly path: string; readonly because: string };

/** The patch in a text, which may be a line for a shell around it; undefined when there is none. */
export function patchIn(text: string): string | undefined {
  return /^\*\*\* Begin Patch[ \t]*\r?\n([\s\S]*?)^\*\*\* End Patch/m.exec(text)?.[1];
}

/** The files of a patch, in its order. */
export function patchedFiles(patch: string): readonly PatchedFile[] {
  const files: PatchedFile[] = [];
  let section: { readonly what: string; readonly path: string; readonly lines: string[] } | undefined;
  const close = () => {
    if (section) files.push(fileOf(section.what, section.path, section.lines));
    section = undefined;
  };
  for (const line of patch.split(/\r?\n/)) {
    const [, what, path] = /^\*\*\* (Add|Update|Delete) File: (.+?)\s*$/.exec(line) ?? [];
    if (what === undefined || path === undefined) section?.lines.push(line);
    else {
      close();
      section = { what, path, lines: [] };
    }
  }
  close();
  return files;
}

function fileOf(what: string, path: string, lines: readonly string[]): PatchedFile {
  if (what === 'Delete') return { kind: 'removed', path };
  if (what === 'Add') {
    const content = lines.filter((line) => line.startsWith('+')).map((line) => `${line.slice(1)}\n`);
    return { kind: 'written', path, content: content.join('') };
  }
  if (lines.some((line) => line.startsWith('*** Move to: ')))
    return { kind: 'left out', path, because: 'it moves a file, for which a batch has no tool' };
  const replacements = hunksOf(lines).map((hunk) => ({ old: sideOf(hunk, '-'), new: sideOf(hunk, '+') }));
  if (replacements.length === 0 || replacements.some(({ old }) => old.trim() === ''))
    return { kind: 'left out', path, because: 'where a part of it belongs is found only by looking into the file' };
  return { kind: 'edited', path, replacements: replacements.filter((each) => each.old !== each.new) };
}

/** Lines that begin with a blank, `-` or `+`, between lines that begin with `@@`. */
function hunksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const hunks: string[][] = [];
  let hunk: string[] | undefined;
  for (const line of lines) {
    if (line.startsWith('@@')) hunk = undefined;
    // An empty line of context may have lost its blank.
    else if (/^[ +-]/.test(line) || (line === '' && hunk)) {
      hunk ??= hunks[hunks.push([]) - 1];
      hunk?.push(line === '' ? ' ' : line);
    }
  }
  // The text ends with a line end, behind which is nothing.
  return hunks.map((each) => (each.at(-1) === ' ' ? each.slice(0, -1) : each)).filter((each) => each.length > 0);
}

function sideOf(hunk: readonly string[], side: '-' | '+'): string {
  return hunk
    .filter((line) => line.startsWith(' ') || line.startsWith(side))
    .map((line) => line.slice(1))
    .join('\n');
}
