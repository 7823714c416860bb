/** What of the environment of a CI job a user's machine is given, too. Pure. */

/** What is only known while the pipeline runs, is not; nor is what belongs to the service. */
export function literals(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !/\$\{\{|\$\(|<</.test(value) && KEPT.test(name)));
}

/** Of the environment of a CI job what decides what tools find; tokens, places and switches of the service are not for a user's machine. */
const KEPT =
  /^(?:RUSTFLAGS|RUSTDOCFLAGS|MIRIFLAGS|GOFLAGS|GOEXPERIMENT|NODE_OPTIONS|NODE_ENV|DJANGO_SETTINGS_MODULE|RAILS_ENV|TZ|CIBW_\w+)$/;

/** For which machine go builds: a build says that it builds there. What runs on the machine of a user is built for that. */
export function machineOf(line: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!/^\s*go\s+(?:build|install)\b/.test(line)) return {};
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => MACHINE.test(name) && /^\w+$/.test(value)));
}

const MACHINE = /^(?:GOOS|GOARCH|GOARM|GOAMD64|CGO_ENABLED)$/;
