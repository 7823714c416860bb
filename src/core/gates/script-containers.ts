/** Tools that a line starts in a container over the repository: `docker run -v $PWD:/mnt koalaman/shellcheck a.sh`. Pure. */
import type { Command, Word as ShellWord } from 'unbash';
import type { Word } from './script-runners.js';
import { holeFor, literal } from './script-words.js';

export interface ContainedCall {
  /** What the image is called, without whose it is and which version. */
  readonly image: string;
  /** What it is given, with places in the container as places of the repository. */
  readonly words: readonly Word[];
}

/**
 * What the command starts in a container, seen from the folder in which the command runs. Undefined for any other command, where the
 * container does not see that folder, works in another one, or is told what is not understood.
 */
export function containedCall({ name, args }: Command): ContainedCall | undefined {
  const [run, ...all] = args.filter((arg) => arg.type === 'Word');
  if (!/^(?:docker|podman)$/.test(name?.value ?? '') || run?.value !== 'run' || all.length < args.length - 1) return undefined;
  const told = optionsOf(all);
  if (!told || told.mounts.length === 0 || told.mounts.includes(undefined)) return undefined;
  const [image, ...given] = told.rest;
  const called = /^(?:[\w.-]+(?::\d+)?\/)*([\w.-]+)(?:[:@]\S*)?$/.exec(image?.text ?? '')?.[1];
  const inside = told.mounts.filter((mount) => mount !== undefined);
  if (called === undefined || (told.directory !== undefined && !inside.includes(told.directory))) return undefined;
  const words = given.map((word) => placed(literal(word) ?? holeFor(word), inside));
  return words.every((word) => word !== undefined) ? { image: called, words } : undefined;
}

interface Options {
  /** Where the container sees the folder; undefined for a mount of something else. */
  readonly mounts: readonly (string | undefined)[];
  readonly directory: string | undefined;
  /** The image and what it is given. */
  readonly rest: readonly ShellWord[];
}

function optionsOf(words: readonly ShellWord[]): Options | undefined {
  const mounts: (string | undefined)[] = [];
  let directory: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const text = words[index]?.text ?? '';
    if (!text.startsWith('-')) return { mounts, directory, rest: words.slice(index) };
    if (FLAGS.test(text)) continue;
    const [, option = '', inline] = /^(--?[a-z-]+)(?:=(.*))?$/.exec(text) ?? [];
    if (!VALUED.has(option)) return undefined;
    if (inline === undefined) index += 1;
    const value = (inline ?? words[index]?.text ?? '').replace(/^["']|["']$/g, '');
    if (option === '-v' || option === '--volume') mounts.push(HERE.exec(value)?.[1]);
    if (option === '-w' || option === '--workdir') directory = value;
  }
  return undefined;
}

/** The folder in which the line runs, and where the container sees it. */
const HERE = /^["']?(?:\$\(pwd\)|\$\{?PWD\}?|\.)\/?["']?:(\/[\w./-]*\w)(?::\w+)?$/;
const FLAGS = /^(?:--(?:rm|init|interactive|tty|quiet|read-only)(?:=true)?|-[itq]{1,3})$/;
/** What starts something else than the image says, or in the background, is not among them. */
const VALUED = new Set(
  '-v --volume -w --workdir -e --env -u --user --name --platform --network --net --env-file -h --hostname --pull'.split(' '),
);

function placed(word: Word, mounts: readonly string[]): Word | undefined {
  if (!word.value.startsWith('/')) return word;
  const mount = mounts.find((each) => word.value === each || word.value.startsWith(`${each}/`));
  if (mount === undefined) return undefined;
  return { ...word, value: word.value.slice(mount.length + 1) || '.' };
}
