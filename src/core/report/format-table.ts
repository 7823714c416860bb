/** Pure: the formats of reports. Command line, palette and panel take their choice from this one table. What makes them stands apart. */

export const FORMAT_IDS = ['text', 'markdown', 'html', 'json', 'trace', 'otlp', 'sarif', 'junit', 'github', 'summary'] as const;
export type FormatId = (typeof FORMAT_IDS)[number];

/** Of what is no run: trends, two runs compared, a tuning. All others say of each operation of a run what became of it. */
export const OVERVIEW_FORMATS = ['text', 'html', 'json'] as const satisfies readonly FormatId[];
export type OverviewFormat = (typeof OVERVIEW_FORMATS)[number];

/** Whether what is no run can be had in it. */
export function isOverviewFormat(format: FormatId): format is OverviewFormat {
  return (OVERVIEW_FORMATS as readonly FormatId[]).includes(format);
}

/** What such a format is called where no run is meant. */
const OVERVIEW_NAMES: Readonly<Record<OverviewFormat, Pick<ReportFormat, 'name' | 'purpose'>>> = {
  text: { name: 'Text', purpose: 'as the terminal shows it' },
  html: { name: 'HTML', purpose: 'what the panel shows in one file, without a server' },
  json: { name: 'JSON', purpose: 'all of it, with a schema' },
};

/** What a format is called and how its file is known. */
export interface ReportFormat {
  readonly id: FormatId;
  /** For people. */
  readonly name: string;
  /** What it is good for, in a few words. */
  readonly purpose: string;
  /** Ends of names of files, the first one preferred, without the dot before them. Of two that fit a name the longer counts. */
  readonly endings: readonly string[];
  readonly mediaType: string;
  /** `panel`: script and style of the panel, and outputs. `endpoint`: it can be sent to one. */
  readonly needs: 'nothing' | 'panel' | 'endpoint';
}

export const REPORT_FORMATS: readonly ReportFormat[] = [
  {
    id: 'text',
    name: 'Text tree',
    purpose: 'timing tree and findings, as the terminal shows them',
    endings: ['txt'],
    mediaType: 'text/plain',
    needs: 'nothing',
  },
  {
    id: 'markdown',
    name: 'Markdown',
    purpose: 'for a pull request or an issue',
    endings: ['md', 'markdown'],
    mediaType: 'text/markdown',
    needs: 'nothing',
  },
  {
    id: 'html',
    name: 'HTML',
    purpose: 'the timing panel in one file, without a server',
    endings: ['html', 'htm'],
    mediaType: 'text/html',
    needs: 'panel',
  },
  {
    id: 'json',
    name: 'JSON',
    purpose: 'everything that is known, with a schema',
    endings: ['json'],
    mediaType: 'application/json',
    needs: 'nothing',
  },
  {
    id: 'trace',
    name: 'Chrome trace events',
    purpose: 'opens in Perfetto',
    endings: ['trace.json', 'trace'],
    mediaType: 'application/json',
    needs: 'nothing',
  },
  {
    id: 'otlp',
    name: 'OpenTelemetry spans',
    purpose: 'for a collector, over HTTP or as a file',
    endings: ['otlp.json', 'otlp'],
    mediaType: 'application/json',
    needs: 'endpoint',
  },
  {
    id: 'sarif',
    name: 'SARIF 2.1.0',
    purpose: 'findings, for code scanning',
    endings: ['sarif', 'sarif.json'],
    mediaType: 'application/sarif+json',
    needs: 'nothing',
  },
  {
    id: 'junit',
    name: 'JUnit XML',
    purpose: 'outcomes, for a CI server',
    endings: ['xml'],
    mediaType: 'application/xml',
    needs: 'nothing',
  },
  {
    id: 'github',
    name: 'GitHub annotations',
    purpose: 'findings as workflow commands of GitHub Actions',
    endings: ['annotations.txt', 'annotations'],
    mediaType: 'text/plain',
    needs: 'nothing',
  },
  {
    id: 'summary',
    name: 'GitHub job summary',
    purpose: 'Markdown that fits the summary of a job of GitHub Actions',
    endings: ['summary.md'],
    mediaType: 'text/markdown',
    needs: 'nothing',
  },
];

/** The formats of what is no run, as they are called there. */
export function overviewFormats(): readonly ReportFormat[] {
  return OVERVIEW_FORMATS.map((id) => ({ ...formatOf(id), ...OVERVIEW_NAMES[id] }));
}

/** The row of a format. */
export function formatOf(id: FormatId): ReportFormat {
  const found = REPORT_FORMATS.find((format) => format.id === id);
  if (!found) throw new Error(`There is no format "${id}".`);
  return found;
}

/** The format that the name of a file asks for by its end; undefined when none has it. */
export function formatByName(file: string): FormatId | undefined {
  const name = file.toLowerCase();
  const fitting = REPORT_FORMATS.flatMap(({ id, endings }) =>
    endings.filter((ending) => name.endsWith(`.${ending}`)).map((ending) => ({ id, ending })),
  );
  return fitting.sort((a, b) => b.ending.length - a.ending.length)[0]?.id;
}

/** A file and the format that it is to have. */
export interface ReportTarget {
  readonly format: FormatId;
  readonly file: string;
}

/** A report as a user asks for it: `FILE`, whose end says which format, or `FORMAT:FILE`. A sentence when it is neither. */
export function reportTarget(text: string): ReportTarget | string {
  const [, prefix = '', rest = ''] = /^([a-z]{2,}):(.*)$/s.exec(text) ?? [];
  const named = FORMAT_IDS.find((id) => id === prefix);
  if (named) return rest === '' ? `A file has to follow: ${named}:FILE.` : { format: named, file: rest };
  const format = formatByName(text);
  if (text !== '' && format) return { format, file: text };
  const endings = REPORT_FORMATS.map(({ id, endings: [ending] }) => `.${ending} (${id})`).join(', ');
  return `Nothing tells which format "${text}" has. Its name can end with ${endings}, or stand behind a format: sarif:${text || 'FILE'}.`;
}
