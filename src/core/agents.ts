/** The agents at work: each from its start to its end, and for a while after it, whatever run it belongs to. */

/** `starting`: it waits for its turn. The last three have ended. */
export type AgentStatus = 'starting' | 'running' | 'done' | 'failed' | 'cancelled';

/** An agent at work, as views show it. */
export interface AgentInstance {
  /** Unique among those of one `Agents`. */
  readonly id: string;
  /** Which agent: `claude`, `editor (gpt-5)`. */
  readonly name: string;
  readonly status: AgentStatus;
  /** Wall clock, ISO 8601, for people only. */
  readonly startedAt: string;
  /** Of prompt and answer together, once it has said how many it took. */
  readonly tokens?: number;
}

export interface Agents {
  /** Those that have not ended, and those that ended less than `keepMs` ago, in the order of their start. */
  snapshot(): readonly AgentInstance[];
  /** Starts tracking one, as `starting`. */
  add(name: string, startedAt: Date): TrackedAgent;
}

export interface TrackedAgent {
  running(name?: string): void;
  /** The first call counts. */
  ended(status: 'done' | 'failed' | 'cancelled', tokens?: number): void;
}

export interface AgentsOptions {
  /** How long one that has ended is still listed, in milliseconds. */
  readonly keepMs: number;
  /** Monotonic milliseconds. */
  now(): number;
}

/** An empty list. */
export function trackAgents({ keepMs, now }: AgentsOptions): Agents {
  const all = new Map<string, { readonly instance: AgentInstance; readonly endedAt?: number }>();
  let count = 0;
  const change = (id: string, more: Partial<AgentInstance>, endedAt?: number) => {
    const entry = all.get(id);
    if (!entry || entry.endedAt !== undefined) return;
    all.set(id, { instance: { ...entry.instance, ...more }, ...(endedAt === undefined ? {} : { endedAt }) });
  };
  const forget = () => {
    for (const [id, { endedAt }] of all) if (endedAt !== undefined && now() - endedAt >= keepMs) all.delete(id);
  };
  return {
    snapshot() {
      forget();
      return [...all.values()].map(({ instance }) => instance);
    },
    add(name, startedAt) {
      forget();
      count += 1;
      const id = String(count);
      all.set(id, { instance: { id, name, status: 'starting', startedAt: startedAt.toISOString() } });
      return {
        running: (known = name) => change(id, { status: 'running', name: known }),
        ended: (status, tokens) => change(id, { status, ...(tokens === undefined ? {} : { tokens }) }, now()),
      };
    },
  };
}
