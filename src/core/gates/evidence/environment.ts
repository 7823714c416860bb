/** What of the environment of a CI job a user's machine is given, too. Pure. */

import type { Evidence } from '../../gate-model.js';
import type { Mention } from '../mention.js';

/** What is only known while the pipeline runs, is not; nor is what belongs to the service. */
export function literals(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !/\$\{\{|\$\(|<</.test(value) && KEPT.test(name)));
}

/** Of the environment of a CI job what decides what tools find; tokens, places and switches of the service are not for a user's machine. */
const KEPT =
  /^(?:RUSTFLAGS|RUSTDOCFLAGS|MIRIFLAGS|GOFLAGS|GOEXPERIMENT|NODE_OPTIONS|NODE_ENV|DJANGO_SETTINGS_MODULE|RAILS_ENV|TZ|CIBW_\w+)$/;

/** What CI sets for each line that it runs, by the place of the line. */
export type EnvironmentsOfCi = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Of lines that CI runs; a line that runs several times with other values says only what is the same. */
export function environmentsOfCi(
  lines: readonly { readonly evidence: Evidence; readonly env: Mention['env'] }[],
): EnvironmentsOfCi {
  const found = new Map<string, Readonly<Record<string, string>>>();
  for (const { evidence, env } of lines) {
    const key = placeOf(evidence);
    const known = found.get(key);
    found.set(key, known === undefined ? env : common([known, env]));
  }
  return found;
}

/** What CI sets wherever it runs a check that `evidence` speaks for: without it the check would find something else than there. */
export function environmentIn(evidence: readonly Evidence[], lines: EnvironmentsOfCi): Readonly<Record<string, string>> {
  return common(evidence.map((each) => lines.get(placeOf(each))).filter((env) => env !== undefined));
}

function placeOf({ file, line, text }: Evidence): string {
  return JSON.stringify([file, line, text]);
}

function common(all: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const [first = {}, ...others] = all;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)));
}

/** For which machine go builds: a build says that it builds there. What runs on the machine of a user is built for that. */
export function machineOf(line: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!/^\s*go\s+(?:build|install)\b/.test(line)) return {};
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => MACHINE.test(name) && /^\w+$/.test(value)));
}

const MACHINE = /^(?:GOOS|GOARCH|GOARM|GOAMD64|CGO_ENABLED)$/;
