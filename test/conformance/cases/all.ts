/** All cases, by what they are about. */
import type { Case } from '../support/case.ts';
import { answers } from './answers.ts';
import { chunkCoding } from './chunk-coding.ts';
import { connections } from './connections.ts';
import { cuts } from './cut.ts';
import { forwarded } from './forwarded.ts';
import { framing } from './framing.ts';
import { headerLines } from './header-lines.ts';
import { hopByHop } from './hop-by-hop.ts';
import { hostsAndTargets } from './hosts-and-targets.ts';
import { interim } from './interim.ts';
import { limits } from './limits.ts';
import { proxyProtocol } from './proxy-protocol.ts';
import { requestLine } from './request-line.ts';
import { retries } from './retries.ts';
import { trailers } from './trailers.ts';
import { upgrades } from './upgrades.ts';
import { upstreamHeads } from './upstream-heads.ts';

export const cases: readonly Case[] = [
  ...requestLine,
  ...headerLines,
  ...framing,
  ...chunkCoding,
  ...hostsAndTargets,
  ...hopByHop,
  ...forwarded,
  ...connections,
  ...interim,
  ...answers,
  ...cuts,
  ...upstreamHeads,
  ...trailers,
  ...upgrades,
  ...retries,
  ...limits,
  ...proxyProtocol,
];
