/** Actions that build images of containers. Pure. */
import { imageBuild } from '../script-images.js';
import { HOLE } from '../script-words.js';
import { type Inputs, lines } from './action-inputs.js';

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
