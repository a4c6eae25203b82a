/** A config with every value decided, and where each comes from. Values of variables are never shown. */
import type { Table } from '../../config/field.ts';
import { fields } from '../../config/fields.ts';
import type { Place } from '../../config/place.ts';
import { positionText } from '../../config/place.ts';
import type { ResolvedApp } from '../../config/resolve.ts';
import type { Paint } from './style.ts';

export interface ShownSetting {
  /** Dotted, as in docs/config.md. */
  readonly setting: string;
  /** null for variables, whose values are not shown. */
  readonly value: unknown;
  /** `skein.config.ts:12`, `.env:3`, `--env`, or `default`. */
  readonly from: string;
}

const originText = (origin: Place | undefined): string => {
  if (origin === undefined) return 'default';
  return typeof origin === 'string' ? origin : positionText(origin);
};

const rowsOf = (
  table: Table,
  { app, origins }: Pick<ResolvedApp, 'app' | 'origins'>,
  above = '',
): ShownSetting[] =>
  Object.entries(table).flatMap(([name, { get, fields: inner }]) => {
    const setting = `${above}${name}`;
    const value = setting === 'autostart' ? app.autostart : get?.(app.spec);
    const from = originText(origins.get(setting));
    const own =
      value === undefined || (inner !== undefined && value !== false) ? [] : [{ setting, value, from }];
    return inner === undefined ? own : [...own, ...rowsOf(inner, { app, origins }, `${setting}.`)];
  });

/** @param all Also what is so by default. */
export const settingsOf = (resolved: ResolvedApp, all: boolean): ShownSetting[] => {
  const rows = rowsOf(fields, resolved).filter(
    ({ value, from }) => (all || from !== 'default') && value !== null,
  );
  const variables = [...resolved.envOrigins].map(([name, origin]) => ({
    setting: `env.${name}`,
    value: null,
    from: originText(origin),
  }));
  return [...rows, ...variables];
};

const valueText = ({ setting, value }: ShownSetting): string => {
  if (setting.startsWith('env.')) return '(not shown)';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

export const configText = (
  apps: readonly { readonly name: string; readonly settings: readonly ShownSetting[] }[],
  paint: Paint,
): string =>
  apps
    .map(({ name, settings }) => {
      const width = Math.max(0, ...settings.map(({ setting }) => setting.length));
      const values = Math.min(40, Math.max(0, ...settings.map((one) => valueText(one).length)));
      const lines = settings.map(
        (one) =>
          `  ${one.setting.padEnd(width)}  ${valueText(one).padEnd(values)}  ${paint('gray', one.from)}`,
      );
      return [paint('bold', name), ...lines].join('\n');
    })
    .join('\n\n');
