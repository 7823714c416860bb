/** Jobs of a workflow that say nothing of the repository as it is proposed. Pure. */
import type { YamlNode } from './yaml.js';

/**
 * Whether a job puts another repository in the place of its own, whose checks it runs; its own may lie beside that, to be tried there.
 */
export function isOfAnother(job: YamlNode): boolean {
  const steps = job.get('steps')?.items() ?? [];
  const checkouts = steps.filter((step) => /^actions\/checkout(?:@|$)/.test(step.get('uses')?.text() ?? ''));
  const inPlace = checkouts.filter((step) => /^(?:\.\/?)?$/.test(step.get('with')?.get('path')?.text() ?? ''));
  if (inPlace.length > 0) return inPlace.every((step) => OTHER.test(step.get('with')?.get('repository')?.text() ?? ''));
  return checkouts.length > 0 && steps.some((step) => CLONES_HERE.test(step.get('run')?.text() ?? ''));
}

const CLONES_HERE = /\bgit\s+clone\s[^\n]{0,300}\s\.[ \t]*$/m;
const OTHER = /^[\w.-]+\/[\w.-]+$/;

/** Whether a job runs for what is released alone, as its condition says. */
export function isForReleases(job: YamlNode): boolean {
  const condition = job.get('if')?.text() ?? '';
  return !condition.includes('||') && FOR_RELEASES.test(condition);
}

const FOR_RELEASES =
  /(?:^|[^!\w])(?:startsWith\(\s*github\.ref\s*,\s*'refs\/tags|github\.ref_type\s*==\s*'tag'|github\.event_name\s*==\s*'release')/;
