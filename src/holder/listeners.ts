/**
 * Every listening socket of every app. A listener is one address an app asked for; with
 * `per-worker` it has one SO_REUSEPORT socket for each slot that asked, otherwise one for all.
 * Sockets stay open until the supervisor says `unbind`, whoever of the workers lives.
 */
import { asEffectiveUser } from '../os/effective-user.ts';
import type { AcceptMode, RunAs } from '../protocol/app-spec.ts';
import type { BindRequest, ListenerInfo, WorkerTag } from '../protocol/holder.ts';
import type { Bound, BoundHandle, TcpAddress } from './handles.ts';
import {
  bindPipe,
  bindTcp,
  bindTcpFirstOfSlots,
  bindTcpSlot,
  bindUdp,
  DENIED,
  boundAddress,
  boundPort,
  IN_USE,
  INVALID,
} from './handles.ts';

interface Listener {
  readonly info: ListenerInfo;
  readonly handles: Map<number, BoundHandle>;
  /** How to bind the socket of one more slot. */
  readonly another: TcpAddress | null;
  /** TLS ticket keys that the first worker brought. */
  readonly data: unknown;
}

/** The slot under which a socket that all workers share is kept. */
const SHARED = 0;

export type BindOutcome =
  | {
      readonly ok: true;
      readonly handle: BoundHandle;
      readonly data: unknown;
      readonly mode: AcceptMode;
      readonly changed: ListenerInfo | null;
    }
  | { readonly ok: false; readonly errno: number; readonly address: string; readonly heldBy: string | null };

export class Listeners {
  readonly #byName = new Map<string, Listener>();

  list(): ListenerInfo[] {
    return [...this.#byName.values()].map(({ info, handles }) => ({ ...info, slots: [...handles.keys()] }));
  }

  handle(app: string, key: string, slot: number): BoundHandle | undefined {
    return this.#byName.get(nameOf(app, key))?.handles.get(slot);
  }

  /** `user`: whose a unix socket is to be; null: our own. */
  bind(tag: WorkerTag, request: BindRequest, user: RunAs | null = null): BindOutcome {
    const name = nameOf(tag.app, request.key);
    const known = this.#byName.get(name) ?? this.#behindFront(tag, request);
    if (known !== undefined) return this.#join(known, tag, request);

    // Before the kernel is asked: a socket of ours that nobody listens on yet would let another in.
    const rival = this.#rivalFor(request);
    const made = rival ? IN_USE : this.#create(tag, request, user);
    if (typeof made === 'number') {
      const address = describe(request);
      return { ok: false, errno: made, address, heldBy: this.#holderOf(request, address) };
    }
    this.#byName.set(name, made);
    const slot = slotOf(made, tag);
    return {
      ok: true,
      handle: made.handles.get(slot)!,
      data: made.data,
      mode: made.info.mode,
      changed: infoOf(made),
    };
  }

  /** Closes the sockets of one listener, or of all of an app's. What waits in them is refused. */
  unbind(app: string, key: string | null): void {
    for (const [name, listener] of this.#byName) {
      if (listener.info.app !== app || (key !== null && listener.info.key !== key)) continue;
      for (const handle of listener.handles.values()) handle.close();
      this.#byName.delete(name);
    }
  }

  #join(known: Listener, tag: WorkerTag, request: BindRequest): BindOutcome {
    const listener = this.#balancedIf(request, known);
    const slot = slotOf(listener, tag);
    const { data, info } = listener;
    const present = listener.handles.get(slot);
    const changed = listener === known ? null : infoOf(listener);
    if (present !== undefined) return { ok: true, handle: present, data, mode: info.mode, changed };

    const bound = bindTcpSlot(listener.another!);
    if (typeof bound === 'number') return { ok: false, errno: bound, address: info.address, heldBy: null };
    listener.handles.set(slot, bound);
    return { ok: true, handle: bound, data, mode: info.mode, changed: infoOf(listener) };
  }

  /** An app that was not balanced before is from its next generation on. */
  #balancedIf({ balanced, key }: BindRequest, known: Listener): Listener {
    const { info } = known;
    if (balanced !== true || info.balanced === true) return known;
    const listener: Listener = { ...known, info: { ...info, balanced } };
    this.#byName.set(nameOf(info.app, key), listener);
    return listener;
  }

  /** The address of the app that a balancer stands before. */
  #behindFront({ frontOf }: WorkerTag, request: BindRequest): Listener | undefined {
    if (frontOf === undefined || typeof request.addressType !== 'number') return undefined;
    const address = describe(request);
    return [...this.#byName.values()].find(
      ({ info }) => info.app === frontOf && info.type === 'tcp' && info.address === address,
    );
  }

  #create(tag: WorkerTag, request: BindRequest, user: RunAs | null): Listener | number {
    const { address, port, addressType, fd, flags, data, key, balanced } = request;
    const listener = (
      type: ListenerInfo['type'],
      mode: AcceptMode,
      bound: Bound,
      another: TcpAddress | null = null,
      text: string = describe(request),
    ): Listener | number => {
      if (typeof bound === 'number') return bound;
      const handles = new Map([[mode === 'per-worker' ? tag.slot : SHARED, bound]]);
      const info: ListenerInfo = { app: tag.app, key, type, mode, address: text, slots: [] };
      return { info: balanced === true ? { ...info, balanced } : info, handles, another, data };
    };

    if (fd !== null && fd >= 0) return INVALID;
    if (typeof addressType === 'string')
      return listener('udp', 'shared', bindUdp(address, port ?? 0, addressType, flags));
    if (addressType === -1) {
      const bind = (): Bound => bindPipe(address ?? '');
      return listener('pipe', 'shared', user === null ? bind() : boundAs(user, bind));
    }

    const wanted: TcpAddress = { address, port: port ?? 0, family: addressType ?? 4, flags };
    // The workers of a balancer share it.
    const mode = balanced === true ? 'shared' : tag.accept;
    const bound = mode === 'per-worker' ? bindTcpFirstOfSlots(wanted) : bindTcp(wanted);
    if (typeof bound === 'number') return bound;
    // The next slot must get exactly the address that the kernel gave to this one.
    const at = boundAddress(bound) ?? address;
    const family = at?.includes(':') === true ? 6 : 4;
    const another = { address: at, port: boundPort(bound), family, flags };
    return listener('tcp', mode, bound, another, hostPort(at, another.port));
  }

  /** Whether another listener of ours has this very address. */
  #rivalFor(request: BindRequest): boolean {
    if (typeof request.addressType !== 'number' || request.addressType < 0 || request.port === 0)
      return false;
    const address = describe(request);
    return [...this.#byName.values()].some(({ info }) => info.type === 'tcp' && info.address === address);
  }

  /** Which app of ours has an address, when the kernel said it is in use. */
  #holderOf(request: BindRequest, address: string): string | null {
    for (const { info, another } of this.#byName.values()) {
      if (info.address === address) return info.app;
      if (another !== null && typeof request.addressType === 'number' && overlap(another, request))
        return info.app;
    }
    return null;
  }
}

/** Where that user may not make a socket, neither may its worker. */
const boundAs = (user: RunAs, bind: () => Bound): Bound => {
  try {
    return asEffectiveUser(user, bind);
  } catch {
    return DENIED;
  }
};

const isEvery = (address: string | null): boolean =>
  address === null || address === '0.0.0.0' || address === '::';

/** Whether two addresses exclude each other: the same port, and one of them or both mean every host. */
const overlap = (
  a: Pick<TcpAddress, 'address' | 'port'>,
  b: Pick<BindRequest, 'address' | 'port'>,
): boolean => a.port === b.port && (isEvery(a.address) || isEvery(b.address) || a.address === b.address);

const nameOf = (app: string, key: string): string => `${app}\0${key}`;

const slotOf = (listener: Listener, tag: WorkerTag): number =>
  listener.info.mode === 'per-worker' ? tag.slot : SHARED;

const infoOf = (listener: Listener): ListenerInfo => ({
  ...listener.info,
  slots: [...listener.handles.keys()],
});

const hostPort = (host: string | null, port: number): string =>
  `${host === null ? '[::]' : host.includes(':') ? `[${host}]` : host}:${port}`;

const describe = ({ address, port, addressType, fd }: BindRequest): string =>
  fd !== null && fd >= 0 ? `fd ${fd}` : addressType === -1 ? (address ?? '') : hostPort(address, port ?? 0);
