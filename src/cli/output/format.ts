/** Numbers for people, in few characters. */

/** 12345 as `12,345`, without the cost of loading Intl. */
export const formatCount = (count: number): string =>
  String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');

/** A duration in its two largest units, without spaces: `8s`, `5m`, `2h5m`, `3d4h`. */
export const formatAge = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const [big, small, bigUnit, smallUnit] =
    minutes < 1440
      ? [Math.floor(minutes / 60), minutes % 60, 'h', 'm']
      : [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), 'd', 'h'];
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
};

/** 0.123 as `12%`. */
export const formatShare = (share: number): string => `${Math.round(share * 100)}%`;

/** `16:04:09`, or with the date when that is not today's. Local time. */
export const formatTime = (at: number, now: number): string => {
  const pad = (value: number): string => String(value).padStart(2, '0');
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`;
};
