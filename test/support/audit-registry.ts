/**
 * A registry of npm on loopback that answers what npm, pnpm and Yarn ask for an audit, from test/fixtures/golden/registry.json: the
 * packages with all that is asked of them, and which advisories are about which version.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** What a registry answers: audits, or only what packages there are. */
export type RegistryKind = 'audits' | 'packages';

export interface AuditRegistry {
  /** Leads npm, pnpm and Yarn to this registry, whose port the system chose, and to a home of their own. */
  readonly environment: NodeJS.ProcessEnv;
  /** Resolves when nothing is left of it, its home included. */
  close(): Promise<void>;
}

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly deprecated?: string;
  /** Those that are about this version. */
  readonly advisories?: readonly number[];
}

interface Advisory {
  readonly id: number;
  readonly module_name: string;
  readonly title: string;
  readonly severity: string;
  readonly vulnerable_versions: string;
  readonly patched_versions: string;
  readonly url: string;
  readonly cwe: readonly string[];
  readonly cves: readonly string[];
  readonly cvss: { readonly score: number; readonly vectorString: string };
}

/** What a tool sends of installed packages; `requires` has the names that a package asks for, found in it or above. */
interface Tree {
  readonly version?: string;
  readonly dev?: boolean;
  readonly requires?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

interface Place {
  readonly name: string;
  readonly version: string;
  /** The names that lead to it: `mkdirp>minimist`. */
  readonly path: string;
  readonly dev: boolean;
}

const { packages, advisories } = JSON.parse(
  readFileSync(new URL('../fixtures/golden/registry.json', import.meta.url), 'utf8'),
) as {
  readonly packages: Readonly<Record<string, Readonly<Record<string, Package>>>>;
  readonly advisories: readonly Advisory[];
};

/** Ciphers without certificates: a connection that never leaves the machine needs none. */
const CIPHERS = 'aNULL:@SECLEVEL=0';

/** Starts a registry; whoever starts it closes it. */
export async function startAuditRegistry(kind: RegistryKind): Promise<AuditRegistry> {
  const listener: http.RequestListener = (request, response) => {
    respond(kind, request, response).catch(() => response.destroy());
  };
  const server = http.createServer(listener);
  // Yarn 1 asks for audits at an address of its own, whatever registry it is given: as its proxy this is that address, too.
  const secure = https.createServer({ ciphers: CIPHERS, maxVersion: 'TLSv1.2' }, listener);
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'volley-registry-'));
  return {
    environment: environmentFor(address, home),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const each of [server, secure]) each.closeAllConnections();
      await closed;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function respond(kind: RegistryKind, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body = await buffer(request);
  const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
  const answer = answerTo(kind, request.url ?? '/', text);
  // npm shows the headers of an error.
  response.sendDate = false;
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? { error: 'Not found' }));
}

function environmentFor(address: string, home: string): NodeJS.ProcessEnv {
  return {
    HOME: home,
    TMPDIR: home,
    // npm, pnpm, and Yarn 1 for what it asks about packages.
    npm_config_registry: address,
    npm_config_logs_max: '0',
    // Yarn 1 for audits.
    YARN_HTTPS_PROXY: address,
    YARN_CACHE_FOLDER: path.join(home, 'cache'),
    NODE_OPTIONS: `--tls-cipher-list=${CIPHERS} --tls-max-v1.2`,
    // Later Yarns.
    YARN_NPM_REGISTRY_SERVER: address,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_TELEMETRY: '0',
  };
}

/** The document that stands at the address; undefined where there is none. */
function answerTo(kind: RegistryKind, address: string, body: string): unknown {
  if (!address.startsWith('/-/')) return packageNamed(decodeURIComponent(address.slice(1)));
  if (kind !== 'audits') return undefined;
  switch (address) {
    case '/-/npm/v1/security/advisories/bulk':
      return advisoriesFor(JSON.parse(body));
    case '/-/npm/v1/security/audits':
    case '/-/npm/v1/security/audits/quick':
      return auditOf(JSON.parse(body));
    default:
      return undefined;
  }
}

function packageNamed(name: string): unknown {
  const versions = Object.entries(packages[name] ?? {});
  const latest = versions.at(-1)?.[0];
  if (latest === undefined) return undefined;
  const told = versions.map(([version, { dependencies, deprecated }]) => [
    version,
    { name, version, dependencies, deprecated, dist: { tarball: `/${name}/-/${name}-${version}.tgz`, shasum: '0'.repeat(40) } },
  ]);
  return { name, 'dist-tags': { latest }, versions: Object.fromEntries(told) };
}

function about(name: string, version: string): readonly Advisory[] {
  return advisories.filter(({ id }) => packages[name]?.[version]?.advisories?.includes(id));
}

/** Versions by package → advisories by package: what npm and Yarn 4 ask for. */
function advisoriesFor(versions: Readonly<Record<string, readonly string[]>>): unknown {
  const told = Object.entries(versions).map(([name, each]) => {
    const all = new Set(each.flatMap((version) => about(name, version)));
    const documented = [...all].map(({ id, url, title, severity, vulnerable_versions, cwe, cvss }) => ({
      ...{ id, url, title, severity, vulnerable_versions, cwe, cvss },
    }));
    return [name, documented] as const;
  });
  return Object.fromEntries(told.filter(([, all]) => all.length > 0));
}

/** A tree → advisories by number, and where their packages stand in it: what pnpm, Yarn 1 and Yarn 3 ask for. */
function auditOf(tree: Tree): unknown {
  const places = placesIn(tree);
  const concerned = advisories.flatMap((advisory) => {
    const found = places.filter(({ name, version }) => about(name, version).includes(advisory));
    return found.length === 0 ? [] : [{ advisory, found }];
  });
  const count = (severity: string) =>
    concerned.filter(({ advisory }) => advisory.severity === severity).reduce((sum, { found }) => sum + found.length, 0);
  return {
    actions: concerned.map(({ advisory: { id, module_name }, found }) => ({
      action: 'review',
      module: module_name,
      resolves: found.map(({ path: way, dev }) => ({ id, path: way, dev, optional: false, bundled: false })),
    })),
    advisories: Object.fromEntries(
      concerned.map(({ advisory, found }) => [
        advisory.id,
        {
          findings: [...new Set(found.map(({ version }) => version))].map((version) => ({
            version,
            paths: found.filter((each) => each.version === version).map(({ path: way }) => way),
          })),
          ...advisory,
          github_advisory_id: advisory.url.split('/').at(-1),
        },
      ]),
    ),
    muted: [],
    metadata: {
      vulnerabilities: Object.fromEntries(['info', 'low', 'moderate', 'high', 'critical'].map((each) => [each, count(each)])),
      dependencies: places.filter(({ dev }) => !dev).length,
      devDependencies: places.filter(({ dev }) => dev).length,
      optionalDependencies: 0,
      totalDependencies: places.length,
    },
  };
}

/** Every way that leads to a package. */
function placesIn(tree: Tree, above: readonly Tree[] = [], way: readonly string[] = []): readonly Place[] {
  const scopes = [tree, ...above];
  return Object.keys(tree.requires ?? {}).flatMap((name) => {
    const found = scopes.map(({ dependencies }) => dependencies?.[name]).find((each) => each !== undefined);
    if (found === undefined || way.includes(name)) return [];
    const longer = [...way, name];
    const place = { name, version: found.version ?? '', path: longer.join('>'), dev: found.dev ?? false };
    return [place, ...placesIn(found, scopes, longer)];
  });
}
