/** What rows of the table for JavaScript tools share. */
import { definePreset, type Preset } from '../preset.js';

/** Endings of scripts, for a glob. */
export const SCRIPT = 'js,mjs,cjs,jsx,ts,mts,cts,tsx';
/** What a test run or a type check may depend on. */
export const SOURCES: readonly string[] = [`**/*.{${SCRIPT},json,vue,svelte,astro}`];
export const HELP: readonly string[] = ['--help', '-h', '--version', '-v', '-V'];
/** Mocha and others exit with the number of failures, up to the largest exit code there is. */
export const ANY_FAILURE: readonly number[] = Array.from({ length: 255 }, (_, index) => index + 1);

export const install = (packages: string): string => `npm install --save-dev ${packages}`;
export const variants = (stem: string, endings: string): readonly string[] =>
  endings.split(',').map((ending) => `${stem}.${ending}`);

/** What a row is made of. */
export type Row = Parameters<typeof definePreset>[0];
/** A row of a tool that npm installs under the name of its program. */
export const node = (row: Omit<Row, 'ecosystem' | 'install' | 'packages'> & Partial<Pick<Row, 'install' | 'packages'>>): Preset =>
  definePreset({ ecosystem: 'node', packages: row.programs, install: install(row.programs[0] ?? row.id), ...row });
