/** Images of containers that are built: what a call of docker and its like says of what is built, without what only says what becomes of it. Pure. */
import { isHole } from './script-words.js';

/**
 * The call that builds the same image here, its program first, and keeps it here; undefined where `words` is no such call, sends the image
 * to others, needs a secret, or where nobody knows what it builds.
 */
export function imageBuild(words: readonly string[]): readonly string[] | undefined {
  const [program = '', ...args] = words;
  const composed = composedBuild(words);
  if (composed) return composed;
  const command = COMMANDS.find((each) => PROGRAMS.test(program) && each.every((word, index) => args[index] === word));
  if (command === undefined) return undefined;
  const kept: string[] = [];
  const places: string[] = [];
  const rest = args.slice(command.length);
  for (let index = 0; index < rest.length; index += 1) {
    const arg = rest[index] ?? '';
    const [, option = arg, inline] = /^(--[\w-]+)=(.*)$/s.exec(arg) ?? [];
    if (!arg.startsWith('-') || arg === '-') {
      if (!arg.startsWith('\u0001')) places.push(arg);
      continue;
    }
    const value = inline ?? (SWITCHES.test(option) ? undefined : rest[index + 1]);
    if (inline === undefined && value !== undefined) index += 1;
    if (sends(option, value)) return undefined;
    if (!DECIDES.test(option) || value === undefined) continue;
    if (!isHole(value)) kept.push(LONG[option] ?? option, value);
    else if (option !== '--build-arg') return undefined;
  }
  const [place, ...others] = places;
  if (others.length > 0 || place === undefined || !isPlace(place)) return undefined;
  return ['docker', 'build', ...kept, place];
}

/** The targets of a file of images that `docker buildx bake` makes and keeps here; undefined for any other call. */
export function bakedTargets([program, first, second, ...args]: readonly string[]): readonly string[] | undefined {
  if (program !== 'docker' || first !== 'buildx' || second !== 'bake') return undefined;
  const targets: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (/^--(?:push|print|list|call|check)(?:=|$)/.test(arg)) return undefined;
    if (/^(?:-f|--(?:file|set|builder|progress|allow|metadata-file|var))$/.test(arg)) index += 1;
    else if (!arg.startsWith('-')) targets.push(arg);
  }
  return targets.length > 0 && targets.every((target) => /^[\w-]+$/.test(target)) ? targets : undefined;
}

/** `docker compose -f a.yml build web`: the images of a file of services; undefined for any other call, or with words that nobody knows. */
function composedBuild([program = '', ...args]: readonly string[]): readonly string[] | undefined {
  const rest = program === 'docker' && args[0] === 'compose' ? args.slice(1) : program === 'docker-compose' ? args : undefined;
  const at = rest?.indexOf('build') ?? -1;
  if (rest === undefined || at < 0) return undefined;
  const options = rest.slice(0, at);
  const areFiles = options.every((word, index) => (index % 2 === 0 ? /^(?:-f|--file)$/.test(word) : isPlace(word)));
  const services = rest.slice(at + 1).filter((word) => !/^(?:--(?:pull|no-cache|quiet|progress=\w+)|-q)$/.test(word));
  if (!areFiles || options.length % 2 > 0 || !services.every((word) => /^\w[\w-]*$/.test(word))) return undefined;
  return ['docker', 'compose', ...options, 'build', ...services];
}

const PROGRAMS = /^(?:docker|podman|buildah|nerdctl)$/;
const COMMANDS: readonly (readonly string[])[] = [['buildx', 'build'], ['image', 'build'], ['build'], ['bud']];

/** What is built, and of what. */
const DECIDES = /^(?:-f|--file|--target|--build-arg|--build-context|--network)$/;
const LONG: Readonly<Record<string, string>> = { '-f': '--file' };

/** They stand without a value. */
const SWITCHES =
  /^(?:--(?:push|load|pull|no-cache|quiet|rm|force-rm|compress|squash|check|debug|disable-content-trust|layers)|-[qDq])$/;

function sends(option: string, value = ''): boolean {
  if (option === '--push' || option === '--secret' || option === '--ssh') return true;
  return /^(?:-o|--output)$/.test(option) && /registry|push=true/.test(value);
}

/** A folder of the repository: not of another one, nor what comes through a pipe. */
function isPlace(place: string): boolean {
  return !isHole(place) && place !== '-' && place !== '' && !/:\/\/|^(?:git@|github\.com\/|~)|^\/(?!$)|[${}]/.test(place);
}

/** Whether two such calls build the same image but for its variants: of the same file, in the same folder. */
export function isSameImage(a: readonly string[], b: readonly string[]): boolean {
  const isComposed = (words: readonly string[]) => words.includes('compose');
  if (isComposed(a) || isComposed(b)) return a.join('\0') === b.join('\0');
  return sourceOf(a) === sourceOf(b);
}

function sourceOf(words: readonly string[]): string {
  const plain = (place: string) => place.replace(/^\.\/(?=.)|(?<=.)\/+$/g, '') || '.';
  const place = plain(words.at(-1) ?? '.');
  const at = words.indexOf('--file');
  const usual = place === '.' ? 'Dockerfile' : `${place}/Dockerfile`;
  return JSON.stringify([place, at < 0 ? usual : plain(words[at + 1] ?? usual)]);
}
