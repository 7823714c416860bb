/** What is told of many runs together, as types: figures kept of each run, trends of gates, time saved, two runs compared. Types only. */
import type { Mode, OperationId, OutcomeKind, Phase, RunId, RunOutcome, ScopeKind, VerificationId } from './model.js';

// ------------------------------------------------------------------------------------------------------ figures of a run

/** What is kept of an operation of a run, long after its events are gone. */
export interface OperationFigures {
  readonly id: OperationId;
  readonly name: string;
  readonly group: string;
  /** How it ended with all that it found; `cached` is said by `answeredBy`. */
  readonly outcome: Exclude<OutcomeKind, 'cached'>;
  /** The run that found what it was answered with: it was not executed. */
  readonly answeredBy?: RunId;
  /** Running time in milliseconds, without what Volley itself did meanwhile. Absent when it was not executed. */
  readonly ms?: number;
  /** How many findings it had; in a run of new findings only, new ones. */
  readonly findings?: number;
  /** By which equal findings are known: all of them, as a set. Absent when there were none. */
  readonly digest?: string;
  /** How many attempts it took, when more than one. */
  readonly attempts?: number;
  /** In how many parts it ran. */
  readonly parts?: number;
  /** By which the same files are known, when it was limited to some. */
  readonly files?: string;
}

/** What is kept of a run. Of one without operations only the run itself is told. */
export interface RunFigures {
  readonly run: RunId;
  readonly label: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly mode: Mode;
  readonly scope: ScopeKind;
  readonly outcome: RunOutcome;
  /** With how many slots it began. */
  readonly slots: number;
  readonly mostSlots?: number;
  readonly makespanMs: number;
  /** Sum of the running times. */
  readonly sumMs: number;
  readonly newOnly?: true;
  readonly batch?: true;
  readonly verification?: VerificationId;
  /** It came before the trials of its verification. */
  readonly warmUp?: true;
  readonly operations: readonly OperationFigures[];
  /**
   * By what decided the result, for operations of which that is known and did not change while they ran. Equal keys: the same files,
   * command, configuration and tools. A key that begins with `files:` is of files and command alone: what else decides is not known.
   */
  readonly keys?: Readonly<Record<string, string>>;
}

// ---------------------------------------------------------------------------------------------------------------- trends

/** In what kind of runs a gate was executed. Only runs of one kind are compared. */
export interface RunKind {
  readonly mode: Mode;
  readonly scope: ScopeKind;
  /** An ordinary run, a trial of a verification, or the run before its trials. */
  readonly part: 'run' | 'trial' | 'warm-up';
  /** Whether anything else was executed in the run. */
  readonly company: 'alone' | 'with others';
  readonly newOnly?: true;
  readonly parts?: number;
  /** By which the same files are known. */
  readonly files?: string;
}

/** A gate in one run. */
export interface TrendPoint {
  readonly run: RunId;
  readonly startedAt: string;
  readonly outcome: OperationFigures['outcome'];
  /** Milliseconds. */
  readonly ms: number;
  readonly findings: number;
  /** Whether the run can still be opened. */
  readonly kept: boolean;
}

export const MEASURES = ['duration', 'findings', 'outcome'] as const;
/** What changes: milliseconds, a number of findings, or 1 when it did not pass and else 0. */
export type Measure = (typeof MEASURES)[number];

/** A sustained change that passed its test. */
export interface TrendChange {
  readonly measure: Measure;
  /** Of the first point after it. */
  readonly index: number;
  readonly run: RunId;
  readonly startedAt: string;
  /** Medians, as the measure counts. */
  readonly before: number;
  readonly after: number;
  /** Not corrected; `Trends.level` is what it was held against. */
  readonly p: number;
  /** Of a duration: how many of the others that were executed in the same runs changed likewise at that time. */
  readonly shared?: { readonly others: number; readonly likewise: number };
}

/** All that is executed takes longer, or shorter, from a run on: the machine, or what everything shares. */
export interface MachineChange {
  readonly run: RunId;
  readonly startedAt: string;
  /** How many times as long, as a median over runs and gates. */
  readonly ratio: number;
  /** As of a `TrendChange`. */
  readonly p: number;
}

/** A gate over the runs of one kind, oldest first. */
export interface TrendSeries {
  readonly kind: RunKind;
  readonly points: readonly TrendPoint[];
  readonly changes: readonly TrendChange[];
  /** Whether there are enough runs to look for changes. */
  readonly tested: boolean;
}

/** Where the same had to come out, and did not. */
export type Contradiction =
  /**
   * `same key`: nothing that decides its result differed. `same files`: no file of the workspace did, within an hour. `same verification`:
   * trials of one verification, shortly after each other.
   */
  | {
      readonly kind: 'runs';
      readonly because: 'same key' | 'same files' | 'same verification';
      readonly what: 'outcome' | 'findings';
      readonly runs: readonly [RunId, RunId];
      readonly outcomes: readonly [OperationFigures['outcome'], OperationFigures['outcome']];
      readonly findings: readonly [number, number];
    }
  /** It did not pass at first and was tried again in the same run, until it passed. */
  | { readonly kind: 'attempts'; readonly run: RunId; readonly attempts: number };

export type Flakiness =
  /** `comparable`: runs that had another one to be compared with; `unlike`: those that did not end as most of theirs. */
  | {
      readonly kind: 'flaky';
      readonly comparable: number;
      readonly unlike: number;
      readonly contradictions: readonly Contradiction[];
    }
  /** All comparable runs ended alike. */
  | { readonly kind: 'steady'; readonly comparable: number }
  /** It ended otherwise in parallel than one after another, always: what runs beside it, not chance, is to be suspected. */
  | { readonly kind: 'by mode'; readonly comparable: number; readonly contradictions: readonly Contradiction[] }
  /** No two runs are known to have had the same to check. */
  | { readonly kind: 'unknown' };

export interface GateTrend {
  readonly id: OperationId;
  /** Of an operation of a batch: the file of the batch. */
  readonly batch?: string;
  readonly name: string;
  readonly group: string;
  /** How often it was executed, and how often answered from the cache. */
  readonly executed: number;
  readonly answered: number;
  /** The one with the most points first. */
  readonly series: readonly TrendSeries[];
  readonly flakiness: Flakiness;
}

/** How much time running at once has saved. Losses count as they are. */
export interface TimeSaved {
  /**
   * Runs whose work a verification has measured: each makespan times (the measured ratio − 1). `lowMs` and `highMs`: with the ends of
   * the verification's interval.
   */
  readonly measured: { readonly runs: number; readonly ms: number; readonly lowMs: number; readonly highMs: number };
  /** Runs that no verification stands for: sum of running times − makespan. An estimate, since company slows operations down. */
  readonly estimated: { readonly runs: number; readonly ms: number };
  /** Gates answered from the cache: the running times of the runs that answered. An estimate of work, not of waiting. */
  readonly answered: { readonly gates: number; readonly ms: number };
  /** When the first run of these was; absent without any. */
  readonly since?: string;
}

export interface Trends {
  readonly gates: readonly GateTrend[];
  readonly saved: TimeSaved;
  /** How many runs were looked at. */
  readonly runs: number;
  /** The level at which each series was tested: so that of those in which a change is named at most 5 % are expected to have none. */
  readonly level: number;
  /** How many tests there were. */
  readonly tests: number;
  /** Changes of all gates at once, which are those of none of them. Absent where there is none. */
  readonly machine?: readonly MachineChange[];
}

// ------------------------------------------------------------------------------------------------------------ comparison

/** One of two runs that are compared. */
export interface ComparedRun {
  readonly run: RunId;
  readonly label: string;
  readonly startedAt: string;
  readonly mode: Mode;
  readonly scope: ScopeKind;
  readonly slots: number;
  readonly outcome?: RunOutcome;
  readonly makespanMs: number;
}

/** A value in both runs; `difference` is the second minus the first. Milliseconds. */
export interface Both {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
}

/** Findings by what they say; lines may have moved. */
export interface FindingText {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly rule?: string;
  readonly message: string;
}

export interface ComparedOperation {
  readonly id: OperationId;
  readonly name: string;
  readonly group: string;
  readonly outcomes: { readonly before: string; readonly after: string; readonly changed: boolean };
  readonly findings: {
    readonly before: number;
    readonly after: number;
    readonly gained: readonly FindingText[];
    readonly lost: readonly FindingText[];
  };
  readonly phases: Readonly<Record<Phase, Both>>;
  /** When it began to run; absent when it did not in one of the runs. */
  readonly start?: Both;
  /** Its share of the critical path of each run: running, and waiting before it. */
  readonly onPath: Both;
}

/** A share of the difference of the makespans. */
export interface MakespanShare {
  /** Absent: what no operation accounts for, after the last one had ended. */
  readonly operation?: OperationId;
  readonly name: string;
  readonly what: 'running' | 'waiting' | 'rest';
  readonly before: number;
  readonly after: number;
  readonly difference: number;
}

/** Two runs, span by span. */
export interface Comparison {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  /** Why they are not quite alike, a sentence each: mode, scope, slots, files. */
  readonly unlike: readonly string[];
  readonly makespan: Both;
  /** Largest first; the differences add up to that of the makespan. */
  readonly shares: readonly MakespanShare[];
  /** In the order of the second run. */
  readonly operations: readonly ComparedOperation[];
  readonly onlyBefore: readonly {
    readonly id: OperationId;
    readonly name: string;
    readonly outcome: string;
    readonly ms: number;
  }[];
  readonly onlyAfter: readonly {
    readonly id: OperationId;
    readonly name: string;
    readonly outcome: string;
    readonly ms: number;
  }[];
}
