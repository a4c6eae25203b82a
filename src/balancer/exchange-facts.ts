/** What is known of one request, for pools that choose by it and for who watches. */
import type { FrontSettings, KeySource, RouteSettings } from '../protocol/balance.ts';
import type {
  Asking,
  ClientConnection,
  Outcome,
  Pool,
  PoolMember,
  RequestHead,
  Termination,
} from './contract.ts';
import { clientAddress } from './headers/client-address.ts';
import { listOf } from './headers/raw-headers.ts';
import { keyOf } from './pool/key-of.ts';
import type { RequestBody } from './request-body.ts';

const NOT_ENDED: Termination = { who: '-', phase: '-' };

export class ExchangeFacts implements Asking, Outcome {
  readonly head: RequestHead;
  readonly connection: ClientConnection;
  readonly clientAddress: string | undefined;
  host = '';
  requestId: string | undefined = undefined;
  route: RouteSettings | undefined = undefined;
  upstream: PoolMember | undefined = undefined;
  tries = 0;
  status = 0;
  bytesOut = 0;
  reused = false;
  termination: Termination = NOT_ENDED;
  /** The queue's: it ended at `takenAt`. All in milliseconds; 0: it did not come to that. */
  askedAt = 0;
  takenAt = 0;
  connectedAt = 0;
  sentAt = 0;
  heardAt = 0;
  endedAt = 0;
  body: RequestBody | null = null;
  source: Pool | null = null;
  tunnelIn = 0;
  /** What was wrong with the last try, for people; '' when nothing was. */
  problem = '';

  constructor(
    head: RequestHead,
    connection: ClientConnection,
    front: FrontSettings,
    trusted: import('node:net').BlockList,
  ) {
    this.head = head;
    this.connection = connection;
    this.clientAddress =
      connection.trusted && front.trust.length > 0
        ? clientAddress(connection.address, listOf(head.raw, 'x-forwarded-for'), trusted)
        : connection.address;
  }

  keyOf(source: KeySource): string {
    return keyOf(source, this.head, this.clientAddress);
  }

  get pool(): string | undefined {
    return this.source?.name;
  }

  get bytesIn(): number {
    return (this.body?.bytes ?? 0) + this.tunnelIn;
  }

  get queueMs(): number {
    if (this.askedAt === 0) return -1;
    // Who waited in vain has waited to its end.
    return (this.takenAt === 0 ? this.endedAt : this.takenAt) - this.askedAt;
  }

  get connectMs(): number {
    return this.connectedAt === 0 ? -1 : this.connectedAt - this.takenAt;
  }

  get firstByteMs(): number {
    return this.heardAt === 0 ? -1 : this.heardAt - this.sentAt;
  }

  get totalMs(): number {
    return this.endedAt - this.head.beganAt;
  }
}
