/**
 * What a setting is. The tables of settings in fields/ are the one place that knows them: how each
 * is read, its flag, its page of documentation, its part of the JSON schema and of the types.
 */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { SpecPatch } from '../protocol/control.ts';
import type { BalancerDraft } from './balance/balancer-draft.ts';
import type { KeyPath, Place } from './place.ts';

/** The part of JSON Schema (draft 7) that the tables need. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** What may be written, for people's compilers and editors. Readers are stricter than both. */
export interface FieldType {
  /** TypeScript. */
  readonly ts: string;
  readonly schema: JsonSchema;
}

export interface ReadContext {
  /** Where relative paths start. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cpus: number;
  /** The place of something inside of the value that is read; absent: it has only the value's own. */
  readonly within?: (inner: KeyPath) => Place;
}

/** Variables as declared; null takes one away, also from what is inherited. */
export type Variables = Readonly<Record<string, string | null>>;

/** What is written of an app so far, each value read. */
export interface Draft extends Omit<SpecPatch, 'balancer'> {
  readonly name?: string;
  /** Absolute, or the name of a program in PATH. */
  readonly script?: string;
  readonly variables?: Variables;
  /** Absolute paths, the last wins. */
  readonly envFiles?: readonly string[];
  /** Names or patterns of the variables that are inherited; true: all. */
  readonly inheritEnv?: boolean | readonly string[];
  readonly user?: string;
  readonly group?: string;
  readonly autostart?: boolean;
  readonly balancer?: BalancerDraft;
}

export interface Flag {
  /** `-i, --instances <count>`; without a value it also gets its `--no-` form. */
  readonly option: string;
  /** Beside it in the help. */
  readonly summary: string;
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** Said of the `--no-` form, which then is the one that the help shows. */
  readonly negative?: string;
}

export interface Field<Written = unknown> {
  readonly type: FieldType;
  /** Markdown, whole sentences. The first stands in editors alone. */
  readonly doc: string;
  /** As it could be written. */
  readonly default?: Written;
  /** Where the default is no value: `the name of the script`. */
  readonly defaultText?: string;
  readonly examples: readonly Written[];
  readonly flag?: Flag;
  /** @throws SkeinError that names `place` */
  readonly read: (value: unknown, place: Place, context: ReadContext) => Draft;
  /** Its value in a whole spec, as `config print` shows it; none for what is shown otherwise. */
  readonly get?: (spec: AppSpec) => unknown;
  /** What an object turns on, though it may be empty. */
  readonly on?: Draft;
  /** An object written here is read by these. */
  readonly fields?: Table;
  /** The name of the TypeScript interface for `fields`. */
  readonly interfaceName?: string;
  /** false: it is a setting of `balance` too, and told there. */
  readonly listed?: false;
}

export type Table = Readonly<Record<string, Field>>;

/** A table for every key of an interface, no more and no fewer: it keeps table and types in step. */
export type TableOf<Config> = {
  readonly [Key in keyof Config]-?: Field<Exclude<Config[Key], undefined>>;
};
