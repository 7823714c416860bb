/** A workspace whose gates wait until the test lets them end, and write down the processes that they are. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually, lives, pidsIn } from './processes.js';
import { makeWorkspace } from './sample.js';

export interface HeldWorkspace {
  /** Absolute, without links. */
  readonly folder: string;
  /** Lets a gate end with this exit code, also each time it starts anew, until it is held again. */
  release(gate: string, exitCode?: number): Promise<void>;
  hold(gate: string): Promise<void>;
  /** The processes that a gate is, once `count` of them have been started since the workspace was made. */
  pids(gate: string, count?: number): Promise<readonly number[]>;
  /** The names of the gates that were ever started. */
  started(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Waits for its file in `end/`, in which its exit code stands. */
const HELD = `echo $$ >> "pids/$1"
echo "$1 has begun"
while [ ! -e "end/$1" ]; do sleep 0.05; done
echo "$1 ends"
exit "$(cat "end/$1")"
`;

/** Never ends, ignores every signal that can be ignored, and so does its child. */
const DEAF = `trap '' INT TERM HUP
(echo "$(exec sh -c 'echo $PPID')" >> "pids/$1"; while :; do sleep 600; done) &
echo $$ >> "pids/$1"
while :; do sleep 600; done
`;

/** Its package.json has these scripts; `held NAME` and `deaf NAME` in them stand for the two kinds of gates. */
export async function heldWorkspace(
  scripts: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<HeldWorkspace> {
  const commands = Object.entries(scripts).map(([name, text]) => [name, text.replace(/^(held|deaf) /, 'sh $1.sh ')] as const);
  const { folder, remove } = await makeWorkspace({
    'package.json': JSON.stringify({ name: 'held', private: true, scripts: Object.fromEntries(commands) }, null, 2),
    'held.sh': HELD,
    'deaf.sh': DEAF,
    ...files,
  });
  for (const name of ['pids', 'end']) await mkdir(path.join(folder, name));
  const end = (gate: string) => path.join(folder, 'end', gate);
  return {
    folder,
    async release(gate, exitCode = 0) {
      // Whole at once: the gate must not read half of it.
      await writeFile(`${end(gate)}.new`, String(exitCode));
      await rename(`${end(gate)}.new`, end(gate));
    },
    hold: (gate) => rm(end(gate), { force: true }),
    pids: (gate, count = 1) => pidsIn(path.join(folder, 'pids', gate), count),
    started: () => readdir(path.join(folder, 'pids')),
    remove,
  };
}

/** Resolves when none of the processes lives. */
export function allGone(pids: readonly number[]): Promise<void> {
  return eventually(
    `the end of the processes ${pids.join(', ')}`,
    async () => !(await Promise.all(pids.map(lives))).includes(true),
  );
}
