/** Pure: runs as they may be given away: without what is likely to hold secrets. */

import type { OperationState, RunState } from '../model.js';

/** Stands for a value that is left out. */
const LEFT_OUT = '…';

/** The same run without the values of environments, of headers and of bodies that are sent. Names stay. */
export function withoutSecrets(state: RunState): RunState {
  return { ...state, operations: state.operations.map(ofOperation) };
}

function ofOperation({ command, invocation, parts, ...operation }: OperationState): OperationState {
  return {
    ...operation,
    ...(command === undefined ? {} : { command: { ...command, env: hidden(command.env) } }),
    ...(invocation === undefined ? {} : { invocation: { ...invocation, input: sentInput(invocation.input) } }),
    ...(parts === undefined ? {} : { parts: parts.map(ofOperation) }),
  };
}

/** `env` of an agent, `headers` and `body` of a fetch; everything else says what was asked for. */
export function sentInput<Input extends Readonly<Record<string, unknown>>>(input: Input): Input {
  const record = (value: unknown) => (typeof value === 'object' && value !== null ? hidden(value) : LEFT_OUT);
  return {
    ...input,
    ...('headers' in input ? { headers: record(input['headers']) } : {}),
    ...('env' in input ? { env: record(input['env']) } : {}),
    ...('body' in input ? { body: LEFT_OUT } : {}),
  };
}

function hidden(values: object): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, LEFT_OUT]));
}
