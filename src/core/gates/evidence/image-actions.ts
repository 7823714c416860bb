/** Actions that build images of containers. Pure. */
import { imageBuild } from '../script-images.js';
import { HOLE } from '../script-words.js';
import { type Inputs, lines, words } from './action-inputs.js';

const ACTIONS =
  /^(?:docker\/build-push-action|depot\/build-push-action|useblacksmith\/build-push-action|redhat-actions\/buildah-build)@/i;

/**
 * The call that builds the same image; undefined for any other action, for one that is told to send the image to others whatever it is
 * built of, and for one that needs secrets.
 */
export function imageOfAction(uses: string, inputs: Inputs): readonly string[] | undefined {
  if (!ACTIONS.test(uses)) return undefined;
  const { push = 'false', outputs = '', target, secrets, ssh } = inputs;
  const filesOfImage = inputs['file'] ?? inputs['containerfiles'] ?? inputs['dockerfiles'];
  if (push === 'true' || /push=true|type=registry/.test(outputs) || secrets !== undefined || ssh !== undefined) return undefined;
  const given = lines(inputs['build-args']?.replaceAll('${{', HOLE) ?? '');
  const context = (inputs['context'] ?? '.').replace(/^\{\{defaultContext\}\}:?/, '');
  return imageBuild([
    ...['docker', 'build'],
    ...(filesOfImage === undefined ? [] : ['--file', known(filesOfImage)]),
    ...(target === undefined ? [] : ['--target', known(target)]),
    ...given.filter((line) => !line.includes(HOLE)).flatMap((line) => ['--build-arg', line]),
    context === '' ? '.' : known(context),
  ]);
}

/** In place of what only the service knows. */
function known(text: string): string {
  return text.includes('${{') ? HOLE : text.trim();
}

/** What `docker/bake-action` makes of the targets that it is told, as a call of docker; undefined where it sends what it makes to others. */
export function bakedTargets(uses: string, inputs: Inputs): readonly string[] | undefined {
  if (!/^docker\/bake-action@/i.test(uses)) return undefined;
  const { push = 'false', targets, files, set = '' } = inputs;
  const names = lines(targets).flatMap((line) => line.split(/[\s,]+/).filter(Boolean));
  if (push === 'true' || /push=true|type=registry/.test(set) || !names.every((name) => /^[\w-]+$/.test(name))) return undefined;
  const told = lines(files).filter((file) => /^[\w./-]+$/.test(file));
  return ['docker', 'buildx', 'bake', ...told.flatMap((file) => ['--file', file]), ...names];
}

/**
 * What a step starts in an image that is called after its program: `docker://rhysd/actionlint:1.7` is `actionlint`. Undefined for any other
 * action.
 */
export function startedInImage(uses: string, { args, entrypoint }: Inputs): readonly string[] | undefined {
  const name = /^docker:\/\/(?:[\w.-]+(?::\d+)?\/)*([\w.-]+?)(?:[:@]\S*)?$/.exec(uses)?.[1];
  if (name === undefined) return undefined;
  const told = words(args);
  const program = entrypoint === undefined || entrypoint.includes('${{') ? name : (entrypoint.split('/').at(-1) ?? name);
  return told[0] === program ? told : [program, ...told];
}
