/** The gates of a workspace: what is detected, as volley.jsonc wants it. Executes nothing. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Detection, Gate, Warning } from '../gate-model.js';
import { readable } from '../jsonc.js';
import { type DetectOptions, detectGates, folderNames } from './detect.js';
import { realDisk } from './resolve.js';

/** Name of the file in the root of a folder by which a project changes its gates. */
const CONFIGURATION_FILE = 'volley.jsonc';

/** As `detectGates`, with the folders' own configuration applied. Never rejects. */
export async function detectWorkspace(options: DetectOptions): Promise<Detection> {
  const detected = await detectGates(options);
  const warnings: Warning[] = [...detected.warnings];
  const names = folderNames(options.folders);
  let gates: readonly Gate[] = detected.gates;
  for (const [index, folder] of options.folders.entries()) {
    // Also a link that leads nowhere, which is worth a warning.
    const exists = await lstat(path.join(folder.path, CONFIGURATION_FILE)).then(
      () => true,
      () => false,
    );
    if (!exists) continue;
    // Most workspaces have none, and start sooner without what reads one.
    const { configureGates, readConfiguration, resolvePrograms } = await import('./configuration.js');
    const configuration = await readConfiguration(folder, (warning) => warnings.push(warning));
    if (!configuration) continue;
    const prefix = options.folders.length > 1 ? `${names[index]}/` : '';
    const configured = configureGates(gates, configuration, folder, prefix);
    warnings.push(...configured.warnings);
    gates = await resolvePrograms(configured, configuration, { env: options.env, disk: realDisk() });
  }
  const told = warnings.map((warning) => ({ ...warning, message: readable(warning.message) }));
  return { gates: gates.map(readableGate), warnings: distinct(told) };
}

/** Anybody may have written what it is called, and no terminal and no list does what that says. */
function readableGate(gate: Gate): Gate {
  const { name, evidence, availability } = gate;
  return {
    ...gate,
    name: readable(name),
    evidence: evidence.map((each) => ({ ...each, text: readable(each.text) })),
    ...(availability.kind === 'available'
      ? {}
      : {
          availability: { ...availability, reason: readable(availability.reason), install: readable(availability.install) },
        }),
  };
}

/** A file that several tools are configured in is read for each of them. */
function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((each) => [JSON.stringify([each.file, each.line, each.column, each.message]), each])).values()];
}
