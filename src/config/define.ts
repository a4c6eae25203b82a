/** What a config file in TypeScript imports: types for it, and a function that gives them to its editor. */
import type { AppConfig, BalancerConfig, Variables } from './app-config.ts';

type SnakeCase<Key extends string> = Key extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : '';

/** The same settings in the other spelling: `kill_timeout`. */
type InSnakeCase<Settings> = {
  readonly [Key in keyof Settings as SnakeCase<Key & string>]?: Settings[Key];
};

/** `env_production`, for `--env production`. */
interface Profiles {
  // `env_file` has such a name too.
  readonly [profile: `env_${string}`]: Variables | string | readonly string[] | undefined;
}

/** A script, or a balancer. */
type What =
  | { readonly script: string; readonly balancer?: undefined }
  | { readonly script?: undefined; readonly balancer: BalancerConfig };

/** One app. Settings are in camelCase; kill_timeout is taken as killTimeout. */
export type App = AppConfig & What & InSnakeCase<Omit<AppConfig, 'script' | 'name' | 'balancer'>> & Profiles;

export interface Apps {
  readonly apps: readonly App[];
}

/** What a config file may export, also from a function. */
export type Config = Apps | readonly App[] | App;

export interface ConfigArgument {
  /** What stands behind `--env`, null where it is not given. */
  readonly profile: string | null;
}

export type ConfigExport =
  | Config
  | Promise<Config>
  | ((argument: ConfigArgument) => Config | Promise<Config>);

/** Gives its argument back; in an editor it knows every setting. */
export const defineConfig = (config: ConfigExport): ConfigExport => config;
