/** Compares what was seen with what a case expects. */
import type { Case, ExpectedRequest, ExpectedResponse } from './case.ts';
import type { Lines } from './message.ts';
import { valuesOf } from './message.ts';
import type { Seen } from './observe.ts';

/** Names of header lines that a balancer writes itself, and that cases name only when they are about them. */
const WRITTEN =
  /^(?:connection|keep-alive|transfer-encoding|via|forwarded|x-forwarded-(?:for|proto|host|port)|x-real-ip|x-request-id|date)$/i;

const asText = (lines: Lines, keep: (name: string) => boolean): readonly string[] =>
  lines.filter(([name]) => keep(name)).map(([name, value]) => `${name}: ${value}`);

const show = (value: unknown): string => JSON.stringify(value);

const same = (what: string, expected: unknown, seen: unknown): readonly string[] =>
  expected === undefined || show(expected) === show(seen)
    ? []
    : [`${what}: expected ${show(expected)}, saw ${show(seen)}`];

interface Part {
  readonly lines: Lines;
  readonly body: string;
  readonly trailers: Lines;
  readonly whole: boolean;
  readonly raw: string;
}

const judgePart = (
  what: string,
  expected: ExpectedRequest | ExpectedResponse,
  seen: Part,
): readonly string[] => {
  const all = asText(seen.lines, () => true);
  return [
    ...same(
      `${what}, lines`,
      expected.lines,
      asText(seen.lines, (name) => !WRITTEN.test(name)),
    ),
    ...(expected.has ?? [])
      .filter((line) => !all.includes(line))
      .map((line) => `${what}: no line ${show(line)} in ${show(all)}`),
    ...(expected.lacks ?? [])
      .filter((name) => valuesOf(seen.lines, name).length > 0 || all.includes(name))
      .map((name) => `${what}: has ${name} (${valuesOf(seen.lines, name).join(' | ')})`),
    ...same(`${what}, body`, expected.body, seen.body),
    ...same(
      `${what}, trailers`,
      expected.trailers,
      asText(seen.trailers, () => true),
    ),
    ...same(`${what}, bytes`, expected.raw, seen.raw),
    ...(seen.whole === (expected.cut === undefined)
      ? []
      : [`${what} ${seen.whole ? 'looks complete' : 'is not complete'}`]),
  ];
};

const strays = (seen: Seen): readonly string[] =>
  seen.strays.map((stray) => `the upstream had what is no request: ${stray}`);

const judgeUpstream = (one: Case, seen: Seen): readonly string[] => {
  if (one.expect.upstream === 'nothing whole')
    return [
      ...seen.requests.flatMap((request) =>
        request.whole || !request.ended
          ? [`the upstream had ${request.whole ? 'all' : 'a part'} of ${show(request.raw.slice(0, 200))}`]
          : [],
      ),
    ];
  const expected = one.expect.upstream === 'nothing' ? [] : one.expect.upstream;
  return [
    ...same('number of requests at the upstream', expected.length, seen.requests.length),
    ...seen.requests
      .slice(expected.length)
      .map((request) => `the upstream had ${show(request.raw.slice(0, 200))}`),
    ...strays(seen),
    ...expected.flatMap((each, at) => {
      const request = seen.requests[at];
      if (request === undefined) return [];
      const what = `request ${at}`;
      return [
        ...same(`${what}, line`, each.line, `${request.method} ${request.target} HTTP/${request.version}`),
        ...judgePart(what, each, request),
        ...(each.cut === true && !request.ended ? [`${what}: its connection did not end`] : []),
      ];
    }),
    ...same(
      'connections to the upstream',
      one.expect.over,
      one.expect.over === undefined ? undefined : seen.requests.map(({ link }) => link),
    ),
  ];
};

const judgeClient = (one: Case, seen: Seen): readonly string[] => [
  ...same(
    'statuses',
    one.expect.client.length,
    seen.responses.length === one.expect.client.length
      ? seen.responses.length
      : seen.responses.map(({ status }) => status),
  ),
  ...(seen.rest === '' ? [] : [`behind the answers: ${show(seen.rest.slice(0, 200))}`]),
  ...one.expect.client.flatMap((each, at) => {
    const response = seen.responses[at];
    if (response === undefined) return [];
    const statuses = typeof each.status === 'number' ? [each.status] : each.status;
    return [
      ...(statuses.includes(response.status)
        ? []
        : [`answer ${at}: expected ${statuses.join(' or ')}, saw ${response.status}`]),
      ...judgePart(`answer ${at}`, each, response),
    ];
  }),
];

const judgeEnd = ({ expect }: Case, seen: Seen): readonly string[] => {
  switch (expect.end) {
    case 'any':
      return [];
    case 'cut':
      return seen.end === 'closed' || seen.end === 'reset' ? [] : [`the connection is ${seen.end}`];
    case 'clean':
      return seen.end === 'kept' || seen.end === 'closed' ? [] : [`the connection is ${seen.end}`];
    case 'kept':
    case 'closed':
      return same('the connection', expect.end, seen.end);
  }
};

/** What is not as expected; empty: all is. */
export const judge = (one: Case, seen: Seen): readonly string[] => [
  ...judgeUpstream(one, seen),
  ...judgeClient(one, seen),
  ...judgeEnd(one, seen),
  ...same('tunnel', one.expect.tunnel, one.expect.tunnel === undefined ? undefined : seen.tunnel),
  ...(seen.alive ? [] : ['a request over a new connection is not answered afterwards']),
];
