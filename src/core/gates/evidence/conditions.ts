/** Conditions under which jobs and steps of a workflow run. Pure. */

/** It holds for what was taken in, for tags and by request, not for what is proposed. */
const NEVER_PROPOSED = [
  /\bgithub\.event_name\s*!=\s*'pull_request'/,
  /\bgithub\.event_name\s*==\s*'(?!pull_request|merge_group)/,
  /\bgithub\.ref(?:_name)?\s*==\s*'(?!refs\/pull\/)/,
  /(?<!!\s*)\b(?:startsWith|contains)\(\s*github\.ref\s*,\s*'(?:refs\/)?(?:heads|tags)/,
  /\bgithub\.ref_type\s*==\s*'tag'/,
];

/** Whether what has this condition never runs for changes that are proposed, as far as its words say so. */
export function isNeverForReview(condition: string): boolean {
  if (condition === '' || /!\s*\(/.test(condition)) return false;
  return condition.split('||').every((part) => NEVER_PROPOSED.some((pattern) => pattern.test(part)));
}
