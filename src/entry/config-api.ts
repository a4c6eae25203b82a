/** `skein/config`: what a config file in TypeScript or JavaScript imports. */
export { defineConfig } from '../config/define.ts';
export type { App as AppConfig, Config, ConfigArgument, ConfigExport } from '../config/define.ts';
