/** Where CI services look for pipelines. Pure. */

/** Places relative to the root of a repository, with `/`. */
const SERVICES: readonly RegExp[] = [
  /^\.github\/(?:workflows|actions)\//,
  /^\.circleci\//,
  /^(?:\.?(?:jenkins|ci)\/)?(?:[\w-]+\.)?[Jj]enkinsfile(?:\.[\w-]+)*$/,
  /^\.gitlab-ci\b/,
  /^\.(?:woodpecker|drone|travis|cirrus|appveyor|build)\.ya?ml$/,
  /^appveyor\.ya?ml$/,
  /^\.(?:woodpecker|buildkite|builds|azure-pipelines|azuredevops)\//,
  /^\.?azure-pipelines(?:\/|[\w.-]*\.ya?ml$)/,
];

/** Whether a CI service reads the file as a pipeline, or as a part of one. */
export function isPipelineFile(file: string): boolean {
  return SERVICES.some((place) => place.test(file));
}
