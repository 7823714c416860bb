/** The problem matchers and patterns that VS Code and its extensions contribute, by name. From the documented output of each tool. Pure. */
import { nearest } from '../complaints.js';
import type { MatcherSettings } from './configuration-schema.js';

/** The matcher of a name, in any case. Undefined when nobody knows it. */
export function knownMatcher(name: string): MatcherSettings | undefined {
  return BY_NAME.matchers.get(name.toLowerCase());
}

/** The pattern, or patterns, of a name, in any case. Undefined when nobody knows it. */
export function knownPattern(name: string): MatcherSettings['pattern'] {
  return BY_NAME.patterns.get(name.toLowerCase());
}

/** Completes "names “…”, which is not known.": what was meant, or all that there are. */
export function hintOf(name: string, of: 'matchers' | 'patterns'): string {
  const names = of === 'matchers' ? MATCHER_NAMES : PATTERN_NAMES;
  const meant = nearest(name, names);
  return meant === undefined ? `It can be: ${names.join(', ')}.` : `Did you mean “${meant}”?`;
}

const TSC: MatcherSettings = {
  source: 'ts',
  fileLocation: 'relative',
  pattern: {
    regexp: '^(\\S.*?)[(:](\\d+)[,:](\\d+)(?:\\):| -)\\s+(error|warning|info)\\s+(TS\\d+):\\s+(.*)$',
    file: 1,
    line: 2,
    column: 3,
    severity: 4,
    code: 5,
    message: 6,
  },
};

/** `cl` and the other compilers of Microsoft's build share one format. */
const MATCHERS: Readonly<Record<string, MatcherSettings>> = {
  $tsc: TSC,
  '$tsc-watch': TSC,
  '$tsgo-watch': TSC,
  '$eslint-compact': {
    source: 'eslint',
    fileLocation: 'absolute',
    pattern: {
      regexp: '^(.+): line (\\d+), col (\\d+), (Error|Warning|Info) - (.+?)(?: \\(([^()]+)\\))?$',
      file: 1,
      line: 2,
      column: 3,
      severity: 4,
      message: 5,
      code: 6,
    },
  },
  '$eslint-stylish': {
    source: 'eslint',
    fileLocation: 'absolute',
    pattern: [
      { regexp: '^((?:[A-Za-z]:)?[./\\\\].*)$', file: 1 },
      {
        regexp: '^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.+?)(?:\\s{2,}(\\S+))?\\s*$',
        line: 1,
        column: 2,
        severity: 3,
        message: 4,
        code: 5,
        loop: true,
      },
    ],
  },
  $gcc: {
    source: 'gcc',
    fileLocation: 'autoDetect',
    pattern: {
      regexp: '^(\\S.*?):(\\d+):(?:(\\d+):)?\\s+(fatal error|error|warning):\\s+(.*?)(?:\\s+\\[([^\\]\\s]+)\\])?$',
      file: 1,
      line: 2,
      column: 3,
      severity: 4,
      message: 5,
      code: 6,
    },
  },
  $go: {
    source: 'go',
    fileLocation: 'relative',
    pattern: {
      regexp: '^(?:\\w+: )?((?:[A-Za-z]:)?[^:\\s][^:]*):(\\d+)(?::(\\d+))?: (.+)$',
      file: 1,
      line: 2,
      column: 3,
      message: 4,
    },
  },
  $jshint: {
    source: 'jshint',
    fileLocation: 'absolute',
    pattern: {
      regexp: '^(.+): line (\\d+), col (\\d+), (.+?)(?: \\(([EWI])(\\d+)\\))?$',
      file: 1,
      line: 2,
      column: 3,
      message: 4,
      severity: 5,
      code: 6,
    },
  },
  $lessCompile: {
    source: 'less',
    fileLocation: 'absolute',
    pattern: { regexp: '^\\s*(.+) in file (.+) line no\\. (\\d+)$', message: 1, file: 2, line: 3 },
  },
  $msCompile: {
    source: 'msCompile',
    fileLocation: 'absolute',
    pattern: {
      regexp:
        '^(?:\\s*\\d+>)?\\s*(\\S.*?)\\((\\d+(?:,\\d+){0,3})\\)\\s*:\\s+(?:\\S+\\s+)?(?:fatal\\s+)?(error|warning|info)\\s+(?:(\\w+\\d+)\\s*)?:\\s*(.*?)' +
        '(?:\\s+\\[[^\\]]*proj\\])?$',
      file: 1,
      location: 2,
      severity: 3,
      code: 4,
      message: 5,
    },
  },
  '$gulp-tsc': {
    source: 'ts',
    fileLocation: 'relative',
    pattern: {
      regexp: '^(\\S.*)\\((\\d+(?:,\\d+){0,3})\\):\\s+(\\d+)\\s+(.*)$',
      file: 1,
      location: 2,
      code: 3,
      message: 4,
    },
  },
  '$jshint-stylish': {
    source: 'jshint',
    fileLocation: 'absolute',
    pattern: [
      { regexp: '^(\\S.*)$', file: 1 },
      {
        regexp: '^\\s+line\\s+(\\d+)\\s+col\\s+(\\d+)\\s+(.+?)(?:\\s+\\(([EWI])(\\d+)\\))?\\s*$',
        line: 1,
        column: 2,
        message: 3,
        severity: 4,
        code: 5,
        loop: true,
      },
    ],
  },
  $lessc: {
    source: 'less',
    fileLocation: 'absolute',
    pattern: { regexp: '^(.*)\\sin\\s(.*)\\son line\\s(\\d+),\\scolumn\\s(\\d+)', message: 1, file: 2, line: 3, column: 4 },
  },
  '$node-sass': {
    source: 'node-sass',
    fileLocation: 'absolute',
    pattern: [
      { regexp: '^\\{$' },
      { regexp: '^\\s*"status":\\s\\d+,' },
      { regexp: '^\\s*"file":\\s"(.*)",', file: 1 },
      { regexp: '^\\s*"line":\\s(\\d+),', line: 1 },
      { regexp: '^\\s*"column":\\s(\\d+),', column: 1 },
      { regexp: '^\\s*"message":\\s"(.*)",', message: 1 },
      { regexp: '^\\s*"formatted":' },
      { regexp: '^\\}$' },
    ],
  },
  $nvcc: {
    source: 'nvcc',
    fileLocation: 'relative',
    pattern: {
      regexp: '^(\\S.*)\\((\\d+)\\):\\s+(error|warning)(?:\\s+#(\\S+))?:\\s+(.*)$',
      file: 1,
      location: 2,
      severity: 3,
      code: 4,
      message: 5,
    },
  },
};

/** One compiler of Microsoft's, told by the letters of its codes. */
const microsoft = (letters: string): MatcherSettings['pattern'] => ({
  regexp: `^(\\S.*)\\((\\d+(?:,\\d+){0,3})\\)\\s*:\\s+(?:fatal\\s+)?(error|warning|info)\\s+(${letters}\\d+)\\s*:\\s*(.*)$`,
  file: 1,
  location: 2,
  severity: 3,
  code: 4,
  message: 5,
});

/** Each matcher's own has its name; these have no matcher of theirs. */
const PATTERNS: Readonly<Record<string, MatcherSettings['pattern']>> = {
  ...Object.fromEntries(Object.entries(MATCHERS).map(([name, { pattern }]) => [name, pattern])),
  $cpp: microsoft('C'),
  $csc: microsoft('CS'),
  $vb: microsoft('BC'),
  '$nvcc-location': MATCHERS['$nvcc']?.pattern,
};

/** As they are written. */
export const MATCHER_NAMES: readonly string[] = Object.keys(MATCHERS);
export const PATTERN_NAMES: readonly string[] = Object.keys(PATTERNS);

function byName<T>(table: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(table).map(([name, value]) => [name.toLowerCase(), value]));
}

const BY_NAME = { matchers: byName(MATCHERS), patterns: byName(PATTERNS) };
