/**
 * Finds what looks like a secret: tokens of published formats, private keys, credentials in addresses, and values of high entropy that are
 * assigned to a telling name. What says of itself that it is an example is none. Pure.
 */

/** Where in a text, and what; `start` and `end` are offsets of the secret itself. */
export interface FoundSecret {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

interface Rule {
  readonly rule: string;
  /** Any text with such a secret holds one of these, so that most texts are never searched. */
  readonly hints: readonly string[];
  /** Global. The secret is the group `secret`, or the whole match. */
  readonly pattern: RegExp;
  /** Bits a character that random text of this format has at least. */
  readonly entropy: number;
}

const word = (source: string) => new RegExp(`(?<![\\w-])(?:${source})(?![\\w-])`, 'g');

/**
 * Formats as their makers publish them: AWS "IAM identifiers", GitHub "About authentication" and "token formats", GitLab "token prefixes",
 * Slack "token types", Stripe "API keys", npm and PyPI token formats, SendGrid, OpenAI, Anthropic, DigitalOcean, Shopify, Hugging Face,
 * Telegram, Google, Azure storage, and RFC 7468 for private keys.
 */
const RULES: readonly Rule[] = [
  {
    rule: 'private key',
    hints: ['PRIVATE KEY'],
    // A document that only names the header has no key below it.
    pattern:
      /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])+(?:[A-Z][\w-]*: [^\n\\]*(?:\s|\\[nr])+)*(?<secret>[A-Za-z0-9+/=]{40,})/g,
    entropy: 3,
  },
  { rule: 'AWS access key', hints: ['AKIA', 'ASIA'], pattern: word('A[KS]IA[A-Z2-7]{16}'), entropy: 3 },
  {
    rule: 'GitHub token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: word('gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}'),
    entropy: 3.5,
  },
  { rule: 'GitLab token', hints: ['glpat-', 'gldt-', 'glrt-'], pattern: word('gl(?:pat|dt|rt)-[\\w-]{20,64}'), entropy: 3 },
  { rule: 'Slack token', hints: ['xox'], pattern: word('xox[abeprs]-(?:\\d+-)+[A-Za-z0-9-]{20,}'), entropy: 3 },
  {
    rule: 'Slack webhook',
    hints: ['hooks.slack.com'],
    pattern: /hooks\.slack\.com\/services\/(?<secret>T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{24})/g,
    entropy: 3.5,
  },
  { rule: 'Stripe key', hints: ['_live_'], pattern: word('(?:sk|rk)_live_[A-Za-z0-9]{24,120}'), entropy: 3 },
  { rule: 'Google API key', hints: ['AIza'], pattern: word('AIza[\\w-]{35}'), entropy: 3.5 },
  { rule: 'npm token', hints: ['npm_'], pattern: word('npm_[A-Za-z0-9]{36}'), entropy: 3.5 },
  { rule: 'PyPI token', hints: ['pypi-AgE'], pattern: word('pypi-AgE[\\w-]{50,}'), entropy: 3.5 },
  { rule: 'SendGrid key', hints: ['SG.'], pattern: word('SG\\.[\\w-]{22}\\.[\\w-]{43}'), entropy: 3.5 },
  {
    rule: 'OpenAI key',
    hints: ['T3BlbkFJ'],
    pattern: word('sk-(?:[a-z]+-)?[\\w-]{20,100}T3BlbkFJ[\\w-]{20,100}'),
    entropy: 3.5,
  },
  { rule: 'Anthropic key', hints: ['sk-ant-'], pattern: word('sk-ant-[a-z]+\\d\\d-[\\w-]{80,120}'), entropy: 3.5 },
  { rule: 'DigitalOcean token', hints: ['_v1_'], pattern: word('do[opr]_v1_[a-f0-9]{64}'), entropy: 3 },
  { rule: 'Shopify token', hints: ['shp'], pattern: word('shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'), entropy: 3 },
  { rule: 'Hugging Face token', hints: ['hf_'], pattern: word('hf_[A-Za-z]{34}'), entropy: 3.5 },
  { rule: 'Telegram bot token', hints: [':AA'], pattern: word('\\d{8,10}:AA[\\w-]{33}'), entropy: 3.5 },
  { rule: 'Azure storage key', hints: ['AccountKey='], pattern: /AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)/g, entropy: 3.5 },
  {
    rule: 'password in an address',
    hints: ['://'],
    pattern: /\b[a-z][a-z+]{1,20}:\/\/[\w.%~-]{1,64}:(?<secret>[^\s:/@"'`<>{}$*[\]()\\]{6,128})@[\w-]+(?:\.[\w-]+)*/g,
    entropy: 2.5,
  },
];

/** A telling name, how a value is given to it, and the value in quotes. */
const ASSIGNED =
  /(?:secret|token|passwd|password|credential|api_?-?key|access_?-?key|auth_?-?key|private_?-?key|encryption_?-?key|signing_?-?key)\w{0,24}["']?\s{0,4}(?::=|=>|[:=])\s{0,4}(["'`])(?<secret>[A-Za-z0-9+/=_.~-]{20,256})\1/gi;
/** As files of environments and properties have it: one name and value a line, without quotes. */
const ASSIGNED_BARE =
  /^[ \t]*(?:export[ \t]+)?[\w.-]{0,40}(?:secret|token|passwd|password|api_?-?key|access_?-?key|private_?-?key)[\w.-]{0,24}[ \t]*[=:][ \t]*(?<secret>[A-Za-z0-9+/=_.~-]{20,256})[ \t]*$/gim;
const BARE_FILES =
  /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[^/]+\.(?:env|properties|ini|cfg|conf|toml|ya?ml)|credentials|\.npmrc|\.netrc|\.pypirc)$/i;

/** What examples and test data say of themselves. */
const EXAMPLE =
  /example|sample|dummy|fake|mock|placeholder|change.?me|redacted|your[-_.]|foobar|test|xxxx|\*\*\*|0123456|1234567|abcdef|987654|deadbeef|lorem|password|pass(?:wd)?$|secret/i;

/** All that is found, in the order of the text, none inside another. `path` decides whether values without quotes count. */
export function findSecrets(text: string, path: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const { rule, hints, pattern, entropy } of RULES) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0];
      if (EXAMPLE.test(secret) || entropyOf(secret) < entropy) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      found.push({ rule, start, end: rule === 'private key' ? endOfKey(text, start) : start + secret.length });
    }
  }
  for (const pattern of BARE_FILES.test(path) ? [ASSIGNED, ASSIGNED_BARE] : [ASSIGNED]) {
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? '';
      if (!isRandom(secret)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      found.push({ rule: 'value of high entropy', start, end: start + secret.length });
    }
  }
  return withoutOverlaps(found);
}

/** The text with every secret that is found in it replaced by `…`. */
export function withoutSecrets(text: string): string {
  return hideRanges(text, findSecrets(text, ''), 0);
}

/** `text`, which begins at `offset` of what was searched, with these secrets replaced by `…`. */
export function hideRanges(text: string, secrets: readonly FoundSecret[], offset: number): string {
  let hidden = '';
  let at = 0;
  for (const { start, end } of secrets) {
    const from = Math.max(start - offset, at);
    const to = Math.min(end - offset, text.length);
    if (to <= from) continue;
    hidden += `${text.slice(at, from)}…`;
    at = to;
  }
  return hidden + text.slice(at);
}

/** Where a private key ends, so that none of its lines is shown. */
function endOfKey(text: string, start: number): number {
  const end = text.indexOf('-----END', start);
  return end < 0 ? text.length : end;
}

function withoutOverlaps(found: readonly FoundSecret[]): readonly FoundSecret[] {
  const kept: FoundSecret[] = [];
  for (const each of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (each.start >= (kept.at(-1)?.end ?? 0)) kept.push(each);
  }
  return kept;
}

/** Whether a value was made by a machine to be guessed by nobody: no name, path, sentence or number. */
function isRandom(value: string): boolean {
  if (EXAMPLE.test(value)) return false;
  // The longest stretch without the characters that join words decides.
  const [core = ''] = value.split(/[-_.~/]/).sort((a, b) => b.length - a.length);
  if (/^[a-f0-9]+$/i.test(core)) return core.length >= 32 && entropyOf(core) >= 3;
  if (core.length < 16) return false;
  const digits = core.replace(/\D/g, '').length;
  const mixed = /[a-z]/.test(core) && /[A-Z]/.test(core);
  // In a name digits stand at its end; in random text everything changes all the time.
  return digits >= 2 && mixed && entropyOf(core) >= 3.6 && changes(core) >= core.length / 3;
}

/** How often neighbours are of another class: lower case, upper case, digit, other. */
function changes(text: string): number {
  const classOf = (letter: string) => (/[a-z]/.test(letter) ? 0 : /[A-Z]/.test(letter) ? 1 : /\d/.test(letter) ? 2 : 3);
  let count = 0;
  for (let at = 1; at < text.length; at += 1) if (classOf(text[at] ?? '') !== classOf(text[at - 1] ?? '')) count += 1;
  return count;
}

/** Shannon entropy in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
