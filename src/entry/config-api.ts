/** `skein/config`: what a config file in TypeScript or JavaScript imports. */
export { defineConfig } from '../config/define.ts';
export type { Config, ConfigArgument, ConfigExport } from '../config/define.ts';
export type { AppConfig } from '../config/app-config.ts';
