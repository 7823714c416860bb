/**
 * Which language a file is written in, by GitHub's table of languages: its name, its ending, or the program that its first line names.
 * Where an ending belongs to several languages, those that GitHub counts as popular come first. Pure.
 */
import * as linguist from 'linguist-languages';

/** After GitHub's popular.yml, and what is wide-spread among the rest of those that share an ending. */
const POPULAR: readonly string[] = (
  'JavaScript TypeScript TSX Python Java C C++ C# Go Rust Ruby PHP Shell HTML CSS SCSS Less JSON YAML XML Markdown SQL Kotlin Swift Scala Dart ' +
  'Lua Perl R Haskell Elixir Erlang Clojure F# OCaml Objective-C Objective-C++ MATLAB Assembly Verilog GLSL Groovy Julia PowerShell Text INI TeX ' +
  'Makefile Dockerfile Vue Svelte Fortran Pascal Prolog D Puppet CUE Solidity GDScript Starlark Smarty BitBake Typst Nickel Gnuplot'
).split(' ');
const RANKS = new Map(
  [
    ...POPULAR,
    'Common Lisp',
    'Visual Basic 6.0',
    'Java Properties',
    'Roff Manpage',
    'RPM Spec',
    'XML Property List',
    'Lean 4',
  ].map((name, index) => [name, index]),
);
const LAST = 1000;

interface Table {
  readonly names: ReadonlyMap<string, string>;
  readonly endings: ReadonlyMap<string, string>;
  readonly programs: ReadonlyMap<string, string>;
}

let table: Table | undefined;

/** The name as GitHub writes it; null when nothing tells. `text` is asked for its first line only. */
export function languageOf(path: string, text: string): string | null {
  table ??= makeTable();
  const name = path.slice(path.lastIndexOf('/') + 1);
  const byName = table.names.get(name);
  if (byName !== undefined) return byName;
  // The longest ending says most: `.html.erb` is no `.erb`.
  for (let dot = name.indexOf('.', name.startsWith('.') ? 1 : 0); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const byEnding = table.endings.get(name.slice(dot).toLowerCase());
    if (byEnding !== undefined) return byEnding;
  }
  return byFirstLine(text, table.programs);
}

/** `#!/usr/bin/env -S node --test`, `#!/bin/sh`, `#!/usr/bin/python3.12`. */
function byFirstLine(text: string, programs: Table['programs']): string | null {
  const line = /^#!\s*(\S+)(?:[ \t]+(?:-\S+[ \t]+|\w+=\S+[ \t]+)*(\S+))?/.exec(text.slice(0, 200));
  if (!line) return null;
  const called = line[1]?.split('/').at(-1) ?? '';
  const program = (called === 'env' ? line[2] : called)?.split('/').at(-1) ?? '';
  return programs.get(program) ?? programs.get(program.replace(/[\d.]+$/, '')) ?? null;
}

function makeTable(): Table {
  const names = createBest();
  const endings = createBest();
  const programs = createBest();
  for (const language of Object.values(linguist) as readonly linguist.Language[]) {
    const rank = RANKS.get(language.name) ?? LAST;
    for (const name of language.filenames ?? []) names.offer(name, language.name, rank);
    // Its first ending is a language's own.
    for (const [index, ending] of (language.extensions ?? []).entries())
      endings.offer(ending.toLowerCase(), language.name, index === 0 ? rank : rank + 1);
    for (const program of language.interpreters ?? []) programs.offer(program, language.name, rank);
  }
  return { names: names.best, endings: endings.best, programs: programs.best };
}

/** Keeps for each key what was offered with the lowest rank. */
function createBest() {
  const best = new Map<string, string>();
  const ranks = new Map<string, number>();
  return {
    best,
    offer(key: string, value: string, rank: number) {
      if ((ranks.get(key) ?? Number.POSITIVE_INFINITY) <= rank) return;
      ranks.set(key, rank);
      best.set(key, value);
    },
  };
}
