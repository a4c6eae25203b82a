/**
 * All settings of an app, by section. Types (app-config.ts), schema/config.schema.json and
 * docs/config.md are made from these tables by `npm run docs:config`.
 */
import type { AppConfig } from './app-config.ts';
import type { Field, TableOf } from './field.ts';
import { balanceFields } from './fields/balance.ts';
import { lifeFields } from './fields/life.ts';
import { logsFields } from './fields/logs.ts';
import { runFields } from './fields/run.ts';
import { surroundingsFields } from './fields/surroundings.ts';
import { togetherFields } from './fields/together.ts';

export interface Section {
  readonly title: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export const sections: readonly Section[] = [
  { title: 'What is run', fields: runFields },
  { title: 'Ready, ended, replaced', fields: lifeFields },
  { title: 'Balancing', fields: balanceFields },
  { title: 'Environment and user', fields: surroundingsFields },
  { title: 'Other apps, releases, files, the calendar', fields: togetherFields },
  { title: 'Output', fields: logsFields },
];

export const fields: TableOf<AppConfig> = {
  ...runFields,
  ...lifeFields,
  ...balanceFields,
  ...surroundingsFields,
  ...togetherFields,
  ...logsFields,
};
