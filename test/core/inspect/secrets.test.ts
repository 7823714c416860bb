import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findSecrets, withoutSecrets } from '../../../src/core/inspect/secrets.js';

/** Letters and digits as a generator of tokens would choose them; the same in each run. Put together here, so that no scanner takes this file for a leak. */
function body(length: number, letters = 'QzR7kLm2XvB9nTc4HsW8pYd3GfJ6'): string {
  let seed = length;
  let text = '';
  while (text.length < length) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    text += letters[Math.floor(seed / 65536) % letters.length];
  }
  return text;
}

const UPPER = 'QZRKLMXVBNTCHSWPYDGFJ234567';
const HEX = '0123456789abcdef';

describe('what looks like a secret', () => {
  const check = (text: string, rules: readonly string[], path = 'src/a.ts') =>
    assert.deepEqual(
      findSecrets(text, path).map(({ rule }) => rule),
      rules,
      text.slice(0, 60),
    );

  it('is a token of a published format', () => {
    check(`const id = '${`AK${'IA'}`}${body(16, UPPER)}';`, ['AWS access key']);
    for (const letter of 'pousr') check(`token ${`gh${letter}_`}${body(36)}`, ['GitHub token']);
    check(`${'github'}_pat_${body(22)}_${body(59)}`, ['GitHub token']);
    check(`glp${'at-'}${body(20)}`, ['GitLab token']);
    check(`xo${'xb-'}204817365920-7391046258173-${body(24)}`, ['Slack token']);
    check(`https://hooks.slack${'.com'}/services/T${body(9, UPPER)}/B${body(9, UPPER)}/${body(24)}`, ['Slack webhook']);
    check(`sk_${'live_'}${body(24)}`, ['Stripe key']);
    check(`AI${'za'}${body(35)}`, ['Google API key']);
    check(`//registry.npmjs.org/:_authToken=${'npm'}_${body(36)}`, ['npm token']);
    check(`pypi-${'AgE'}IcHlwaS5vcmc${body(60)}`, ['PyPI token']);
    check(`S${'G.'}${body(22)}.${body(43)}`, ['SendGrid key']);
    check(`sk-proj-${body(40)}T3Blb${'kFJ'}${body(40)}`, ['OpenAI key']);
    check(`sk-${'ant-'}api03-${body(93)}`, ['Anthropic key']);
    check(`dop_${'v1_'}${body(64, HEX)}`, ['DigitalOcean token']);
    check(`shp${'at_'}${body(32, HEX)}`, ['Shopify token']);
    check(`h${'f_'}${body(34, 'QzRkLmXvBnTcHsWpYdGfJaEuIo')}`, ['Hugging Face token']);
    check(`720481936${':AA'}${body(33)}`, ['Telegram bot token']);
    check(`AccountName=a;Account${'Key='}${body(86)}==;`, ['Azure storage key']);
  });

  it('is a private key, not the name of its header', () => {
    const key = (kind: string, lines: string) =>
      `-----BEGIN ${kind}PRIVATE${' KEY'}-----\n${lines}\n-----END ${kind}PRIVATE${' KEY'}-----\n`;
    const lines = `${body(64)}\n${body(63)}`;
    for (const kind of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ']) check(key(kind, lines), ['private key']);
    check(key('RSA ', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${body(32, HEX)}\n\n${lines}`), ['private key']);
    check(JSON.stringify(key('', lines)), ['private key']);
    check(`The file begins with -----BEGIN RSA PRIVATE${' KEY'}-----\nand ends with another line.`, []);
    check(`if (text.startsWith('-----BEGIN PRIVATE${' KEY'}-----')) return parse(text);`, []);
  });

  it('is a password in an address, not a placeholder', () => {
    check(`postgres://shop:${'tr0ub4dor'}@db.internal/shop`, ['password in an address']);
    check('postgres://user:${DB_PASSWORD}@localhost/shop', []);
    check('https://user:<token>@github.com/o/r', []);
    check('https://user:password@host/', []);
    check('see http://localhost:8080/a@b and ssh://git@github.com:22/x', []);
  });

  it('is a value of high entropy that is assigned to a telling name', () => {
    check(`const apiKey = '${body(32)}';`, ['value of high entropy']);
    check(`"client_secret": "${body(40)}"`, ['value of high entropy']);
    check(`auth_token => "${body(64, HEX)}"`, ['value of high entropy']);
    check(`API_KEY=${body(32)}\n`, ['value of high entropy'], 'deploy/.env.production');
    check(`API_KEY=${body(32)}\n`, [], 'docs/set-up.md');
    check(`  token: ${body(32)}\n`, ['value of high entropy'], 'config.yml');
  });

  it('is nothing that is a name, a path, an example, or text that nobody has to keep', () => {
    check("const tokenStorageKey = 'application.settings.userAccessTokens';", []);
    check("token: 'editorWidget.resizeBorderForeground'", []);
    check("password: 'your-password-goes-here-please'", []);
    check(`secret = "${'EXAMPLE'}${body(30)}"`, []);
    check(`AK${'IA'}IOSFODNN7EXAMPLE`, []);
    check(`${'gh'}p_${'x'.repeat(36)}`, []);
    check('const accessKey = process.env.SOME_ACCESS_KEY_FOR_2026_V2;', []);
    check(`integrity: "sha512-${body(86)}=="`, []);
    check("tokenEndpoint: 'https://login.company.org/oauth2/v2.0/token'", []);
    check("const secretNames = ['clientSecretNumber1', 'clientSecretNumber2'];", []);
    check("apiKey = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", []);
  });

  it('is told by its place alone, once', () => {
    const token = `${'gh'}p_${body(36)}`;
    const text = `const githubToken = '${token}';`;
    const [only, ...others] = findSecrets(text, 'a.ts');
    assert.deepEqual(others, []);
    assert.equal(text.slice(only?.start, only?.end), token);
    assert.equal(withoutSecrets(text), "const githubToken = '…';");
  });

  it('never leaves a part of it in a text from which it was taken', () => {
    const token = `${'gh'}p_${body(36)}`;
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const hidden = withoutSecrets(`${before} ${token} ${after}`);
        assert.ok(!hidden.includes(token));
      }),
    );
  });

  it('is looked for in a time that grows with the text', () => {
    // Each of them made a careless pattern go back and forth.
    for (const piece of ['token', 'a://b:', '-----BEGIN PRIVATE KEY-----\n', 'password = "', 'eyJ.', 'A-B: c\n']) {
      const text = piece.repeat(20_000);
      assert.ok(findSecrets(text, 'a.env').length < 20_000);
    }
  });
});
