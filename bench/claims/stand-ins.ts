/** Operations that really wait, and for what they stand. Each notes how long it waits, from which bounds are calculated. */
import { HALF_BYTES, MADE, type Place } from './place.js';

/** Members of a batch that is being written, and how long each of them waits. */
export interface StandIns {
  /** Milliseconds by the id as it stands in the batch. */
  readonly waits: ReadonlyMap<string, number>;
  /** Reads a real file with a wait between its halves, as a disk far away has. What it touches is concluded from its text. */
  slowRead(id: string, file: string, ms: number): object;
  /** Searches in such a slow file. */
  slowGrep(id: string, file: string, ms: number): object;
  /** Lists a directory, and waits. */
  slowList(id: string, directory: string, ms: number): object;
  /** A program that waits. */
  command(id: string, ms: number, more?: object): object;
  /** The tool Fetch, from a server that answers late. Nothing but the request happens in this process. */
  fetch(id: string, ms: number, more?: object): object;
  /** Such a request whose answer has so many words. */
  words(id: string, ms: number, count: number): object;
  /** A command that waits and then adds a line to a file that others add to as well. */
  append(id: string, ms: number, file: string): object;
  /** The tool Fetch, from a server that sends a file piece by piece. */
  pacedFetch(id: string, ms: number): object;
  /** An agent of the command line that answers after a wait, and keeps its answer in a file, by default of its own name. */
  agent(id: string, ms: number, more?: object, name?: string): object;
}

/** Stand-ins for one batch. */
export function standIns({ server }: Pick<Place, 'server'>): StandIns {
  const waits = new Map<string, number>();
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  const operation = (id: string, ms: number, tool: string, input: object, more: object = {}) => {
    waits.set(id, ms);
    return { id, tool, input, ...more };
  };
  const slowly = (file: string, ms: number) =>
    `head -c ${HALF_BYTES} ${file}; sleep ${seconds(ms)}; tail -c +${HALF_BYTES + 1} ${file}`;
  return {
    waits,
    slowRead: (id, file, ms) => operation(id, ms, 'command', { shell: slowly(file, ms) }),
    slowGrep: (id, file, ms) => operation(id, ms, 'command', { shell: `(${slowly(file, ms)}) | grep "line 00.7"` }),
    slowList: (id, directory, ms) => operation(id, ms, 'command', { shell: `ls ${directory}; sleep ${seconds(ms)}` }),
    command: (id, ms, more) => operation(id, ms, 'command', { argv: ['sleep', seconds(ms)] }, more),
    fetch: (id, ms, more) => operation(id, ms, 'fetch', { url: `${server}/wait/${ms}/${id}` }, more),
    words: (id, ms, count) => operation(id, ms, 'fetch', { url: `${server}/words/${ms}/${count}` }),
    append: (id, ms, file) => operation(id, ms, 'command', { shell: `sleep ${seconds(ms)}; echo ${id} >> ${MADE}/${file}` }),
    pacedFetch: (id, ms) => operation(id, ms, 'fetch', { url: `${server}/paced/${ms}/${id}` }),
    agent(id, ms, more, name = id) {
      const file = `${MADE}/${name}.txt`;
      const argv = ['sh', 'agent.sh', seconds(ms), file, '{prompt}'];
      const input = { prompt: `What is to be said of ${id}?`, agent: { argv } };
      return operation(id, ms, 'agent', input, { reads: [], writes: [file], ...more });
    },
  };
}

/** How long an operation waits: members of pipelines and matrices have the id of what they stand for, and an index. */
export function waitOf(waits: ReadonlyMap<string, number>, id: string): number {
  return waits.get(id) ?? waits.get(id.replace(/\[.*$/, '')) ?? 0;
}
