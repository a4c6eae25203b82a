/** Where a value was written, so that what is wrong with it can be found by eye. */

/** From the top of a config file to one value: `['apps', 0, 'killTimeout']`. */
export type KeyPath = readonly (string | number)[];

export interface FilePlace {
  /** As a message names it. */
  readonly file: string;
  /** From 1; undefined where it is not known. */
  readonly line: number | undefined;
  /** `apps[0].killTimeout` */
  readonly key: string;
}

/** A flag such as `--kill-timeout`, or a place in a file. */
export type Place = string | FilePlace;

/** `apps[0].killTimeout` */
export const keyText = (path: KeyPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

/** `skein.config.ts:12` */
export const positionText = ({ file, line }: Pick<FilePlace, 'file' | 'line'>): string =>
  line === undefined ? file : `${file}:${line}`;

/** `--kill-timeout`, or `skein.config.ts:12: apps[0].killTimeout` */
export const placeText = (place: Place): string => {
  if (typeof place === 'string') return place;
  return place.key === '' ? positionText(place) : `${positionText(place)}: ${place.key}`;
};
