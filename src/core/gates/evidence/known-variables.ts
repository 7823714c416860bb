/** Variables that a pipeline sets for its steps, in commands of these. Pure. */

/**
 * `cargo test --features $STABLE`, as it is run: with what the pipeline itself says of the variable in its place. As they stand are variables
 * of which only the service knows the value, those in single quotes, and those that the text sets itself.
 */
export function withKnownVariables(text: string, env: Readonly<Record<string, string>>): string {
  if (!text.includes('$')) return text;
  return text.replace(VARIABLE, (whole, quoted: string | undefined, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain;
    if (quoted !== undefined || name === undefined || !Object.hasOwn(env, name)) return whole;
    const value = env[name] ?? '';
    const isSet = new RegExp(`(?:^|[\\s;&(])${name}\\+?=|\\b(?:for|read(?: -\\w+)*|unset) ${name}\\b`).test(text);
    return PLAIN.test(value) && !isSet ? value : whole;
  });
}

/** What stands in single quotes, or a variable; an escaped dollar is none. */
const VARIABLE = /('[^']*')|\\\$|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** Values that mean nothing to a shell but their words. */
const PLAIN = /^[\w@%+=:,./-]+(?: [\w@%+=:,./-]+)*$/;
