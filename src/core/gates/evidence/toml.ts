/** TOML as the readers need it. Pure. */
import { parse as parseToml } from 'smol-toml';
import type { EvidenceFile } from '../evidence.js';

/** The same in JSON, which is YAML, too; of a broken file an empty object, after a warning. */
export function tomlAsJson({ file, text, warn }: EvidenceFile): string {
  try {
    return JSON.stringify(parseToml(text));
  } catch (error) {
    warn(`${file} is not valid TOML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}.`);
    return '{}';
  }
}

/** The document; undefined where it is broken, without a word: for files about which others complain. */
export function readToml(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseToml(text);
  } catch {
    return undefined;
  }
}
