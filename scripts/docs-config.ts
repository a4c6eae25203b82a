/**
 * What is made from the tables of settings (src/config/fields.ts): the types of a config file, its
 * JSON schema, and docs/config.md. As a command: writes the files.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Field, JsonSchema, Table } from '../src/config/field.ts';
import { onlyObject } from '../src/config/field-types.ts';
import { fields, sections } from '../src/config/fields.ts';
import { poolTable } from '../src/config/fields/balance.ts';
import { snakeOf } from '../src/config/keys.ts';

const root = join(import.meta.dirname, '..');

export const files: Readonly<Record<'types' | 'schema' | 'page', string>> = {
  types: join(root, 'src', 'config', 'app-config.ts'),
  schema: join(root, 'schema', 'config.schema.json'),
  page: join(root, 'docs', 'config.md'),
};

const plainText = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
const isRequired = (field: Field): boolean => field.defaultText === 'required';
/** Required, perhaps only under some condition. */
const hasNoDefault = (field: Field): boolean => field.defaultText?.startsWith('required') === true;

const defaultOf = ({ default: value, defaultText }: Field): string =>
  defaultText ?? `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/* Types */

const typeOf = ({ type, interfaceName }: Field): string => {
  if (interfaceName === undefined) return type.ts;
  return type === onlyObject ? interfaceName : `${type.ts} | ${interfaceName}`;
};

const wrapped = (text: string, width: number): string[] => {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
};

const property = ([name, field]: readonly [string, Field]): string => {
  const byDefault = hasNoDefault(field) ? '' : ` By default: ${defaultOf(field)}.`;
  const doc = wrapped(`${plainText(field.doc)}${byDefault}`, 100);
  const [first = '', ...rest] = doc;
  const comment =
    rest.length === 0
      ? [`  /** ${first} */`]
      : [`  /** ${first}`, ...rest.map((line) => `   *  ${line}`)].map((line, nth, all) =>
          nth === all.length - 1 ? `${line} */` : line,
        );
  return [...comment, `  readonly ${name}${isRequired(field) ? '' : '?'}: ${typeOf(field)};`].join('\n');
};

const interfaceOf = (name: string, table: Table): string => {
  const entries = Object.entries(table);
  const shared = entries.filter(([, { listed }]) => listed === false).map(([key]) => `'${key}'`);
  const above = shared.length === 0 ? '' : ` extends Pick<BalanceConfig, ${shared.join(' | ')}>`;
  const own = entries.filter(([, { listed }]) => listed !== false).map(property);
  return [`export interface ${name}${above} {`, own.join('\n'), '}'].join('\n');
};

/** Groups of settings, the inner before the outer. */
const allGroupsOf = (table: Table): { readonly name: string; readonly table: Table }[] =>
  Object.values(table).flatMap(({ fields: inner, interfaceName }) =>
    inner === undefined || interfaceName === undefined
      ? []
      : [...allGroupsOf(inner), { name: interfaceName, table: inner }],
  );

/** Each once: some settings have the same parts. */
const groupsOf = (table: Table): { readonly name: string; readonly table: Table }[] => {
  const groups = [{ name: 'PoolConfig', table: poolTable }, ...allGroupsOf(table)];
  const inner = allGroupsOf(poolTable);
  return [...inner, ...groups].filter(
    ({ name }, nth, all) => all.findIndex((other) => other.name === name) === nth,
  );
};

export const renderTypes = (): string => `/**
 * The settings of an app, as a config file has them. Made from the tables in fields/ by
 * \`npm run docs:config\`; a test keeps the two equal.
 */
import type {
  CertificateConfig,
  ListenConfig,
  RouteConfig,
  SplitConfig,
  TlsConfig,
  UpstreamConfig,
} from './balance-config.ts';

/** Milliseconds, or text such as \`500ms\`, \`30s\`, \`2m\`, \`1h\`, \`1d\`. */
export type Duration = number | string;

/** Bytes, or text such as \`512MiB\` or \`1.5G\`; units are powers of 1024. */
export type Size = number | string;

/** Environment variables; null takes one away. */
export type Variables = Readonly<Record<string, string | number | boolean | null>>;

/** Another app of the file that comes first. */
export interface Dependency {
  readonly app: string;
  /** \`ready\` unless said otherwise. */
  readonly condition?: 'started' | 'ready';
}

${[...groupsOf(fields), { name: 'AppConfig', table: fields }]
  .map(({ name, table }) => interfaceOf(name, table))
  .join('\n\n')}
`;

/* JSON schema */

const schemaOf = (field: Field): JsonSchema => {
  const { type, interfaceName } = field;
  const object: JsonSchema = { $ref: `#/definitions/${interfaceName}` };
  const written: JsonSchema =
    interfaceName === undefined
      ? type.schema
      : type === onlyObject
        ? object
        : { anyOf: [type.schema, object] };
  return {
    description: plainText(field.doc),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...written,
  };
};

const objectSchema = (table: Table): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(table).flatMap(([name, field]) => {
      const schema = schemaOf(field);
      const other = snakeOf(name);
      return other === name
        ? [[name, schema]]
        : [
            [name, schema],
            [other, schema],
          ];
    }),
  ),
  required: Object.entries(table)
    .filter(([, field]) => isRequired(field))
    .map(([name]) => name),
  additionalProperties: false,
});

export const schema = (): JsonSchema & {
  readonly definitions: Readonly<Record<string, JsonSchema>>;
} & Readonly<Record<string, unknown>> => {
  const app = objectSchema(fields);
  const anApp: JsonSchema = { $ref: '#/definitions/AppConfig' };
  const apps: JsonSchema = { type: 'array', items: anApp };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Apps that Skein runs (skein.config.json, skein.config.yaml)',
    anyOf: [
      {
        type: 'object',
        properties: { $schema: { type: 'string' }, apps },
        required: ['apps'],
        additionalProperties: false,
      },
      apps,
      anApp,
    ],
    definitions: {
      ...Object.fromEntries(groupsOf(fields).map(({ name, table }) => [name, objectSchema(table)])),
      AppConfig: {
        ...app,
        properties: { $schema: { type: 'string' }, ...app.properties },
        anyOf: [{ required: ['script'] }, { required: ['balancer'] }],
        patternProperties: { '^env_(?!file$).+': fields.env.type.schema },
      },
    },
  };
};

export const renderSchema = (): string => `${JSON.stringify(schema(), null, 2)}\n`;

/* Page */

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (value: unknown): string => `\`${cell(JSON.stringify(value))}\``;

const rows = (table: Table, above = ''): string[] =>
  Object.entries(table)
    .filter(([, { listed }]) => listed !== false)
    .flatMap(([name, field]) => [
      `| \`${above}${name}\` | ${cell(field.doc)} | ${cell(defaultOf(field))} | ${field.examples.map(code).join('<br>')} | ${
        field.flag === undefined ? '' : `\`${/--[a-z-]+/.exec(field.flag.option)?.[0]}\``
      } |`,
      ...(field.fields === undefined ? [] : rows(field.fields, `${above}${name}.`)),
    ]);

const section = (title: string, table: Table): string =>
  [
    `## ${title}`,
    '',
    '| setting | what it says | default | for example | flag |',
    '| --- | --- | --- | --- | --- |',
    ...rows(table),
  ].join('\n');

export const renderPage = (): string => `# The config file

<!-- Made from src/config/fields.ts by \`npm run docs:config\`; a test keeps the two equal. -->

A config file says which apps a server runs and how; [applying.md](applying.md) shows what is done with it.
It is called \`skein.config\` with one of the endings \`.ts\`, \`.mts\`, \`.js\`, \`.mjs\`, \`.cjs\`, \`.json\`, \`.yaml\` and
\`.yml\`, and is found from the current directory upward; two in one directory are an error.

\`\`\`ts
import { defineConfig } from 'skein/config';

export default defineConfig({
  apps: [
    {
      name: 'api',
      script: './dist/server.js',
      instances: 'max',
      env: { PORT: 3000 },
      env_production: { NODE_ENV: 'production' },
    },
    { name: 'jobs', script: './dist/jobs.js', ready: 'started', dependsOn: ['api'] },
  ],
});
\`\`\`

- **What it exports** is an object with \`apps\`, a list of apps, or one app; or a function, which may be async,
  that returns one of these and is called with \`{ profile }\`. Every other key is an error, with its line.
- **\`skein/config\`** is there also where Skein is only installed globally. TypeScript is run by Node, which
  strips the types.
- **A program is evaluated** in a process of its own, in its directory, each time it is read, for at most 10 s.
  What it prints goes to stderr.
- **JSON and YAML** have a schema for editors: \`"$schema": "./node_modules/skein/schema/config.schema.json"\`.
  YAML may share settings with anchors and \`<<\`.
- **Names** are written in camelCase; \`kill_timeout\` is taken as \`killTimeout\`.
- **Relative paths** start at the directory of the config file.
- **Durations** are milliseconds or text: \`500ms\`, \`30s\`, \`2m\`, \`1h\`, \`1d\`. **Sizes** are bytes or text in powers of
  1024: \`300M\`, \`512MiB\`, \`1.5G\`. \`none\`, \`null\` and \`false\` take a limit away.

The environment of an app is laid together from what it inherits, over that its \`envFile\`s, over these \`env\`,
over that \`env_<profile>\`, over all \`--env KEY=VALUE\` of the command. A profile is chosen with \`--env <profile>\`,
as in \`--env production\`.

${sections.map(({ title, fields: table }) => section(title, table)).join('\n\n')}
`;

if (import.meta.main) {
  writeFileSync(files.types, renderTypes());
  writeFileSync(files.schema, renderSchema());
  writeFileSync(files.page, renderPage());
}
