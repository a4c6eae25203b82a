/**
 * The state server of this home, which holds what apps share (src/entry/state-server.ts), as the
 * supervisor sees it: started when somebody wants it, found again by the next supervisor, replaced
 * when it crashes. What leads to what is in state-server-state.ts.
 */
import { rmSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import type { Home } from '../os/home.ts';
import { stateServersOf } from '../os/orphans.ts';
import { processExists, processStat, signalProcess } from '../os/proc.ts';
import type { StateServerInfo } from '../protocol/control.ts';
import type { ChildInfo, Exit, HolderEvent } from '../protocol/holder.ts';
import type { NewEvent } from './events.ts';
import type { HolderClient, RawHandle } from './holder-client.ts';
import { dropStore } from './state-server-drop.ts';
import { isStateServerId, stateServerCommand, stateServerId } from './state-server-child.ts';
import type { Lookout } from './state-server-lookout.ts';
import { isAnswered, lookOut, removeLeftSockets } from './state-server-lookout.ts';
import type { StateServerOutput } from './state-server-output.ts';
import { createStateServerOutput } from './state-server-output.ts';
import type { StateServerNews, StateServerState } from './state-server-state.ts';
import { nextState } from './state-server-state.ts';

export interface StateServerOptions {
  readonly home: Home;
  readonly holder: HolderClient;
  /** Those that earlier supervisors started. */
  readonly found: readonly ChildInfo[];
  readonly emit: (event: NewEvent) => void;
  readonly log: Log;
  readonly newId: () => string;
}

/** It binds its socket within a tenth of a second; one that has not by then never will. */
const ANSWERS_WITHIN_MS = 10_000;
/** When the socket cannot be had, because of the file system or of somebody who listens there. */
const LOOK_AGAIN_MS = 200;
/** Nobody tells of its end when the holder is gone. */
const ALIVE_EVERY_MS = 1_000;

export class StateServer {
  readonly #options: StateServerOptions;
  #state: StateServerState = { name: 'waiting', crashes: 0 };
  readonly #outputs = new Map<string, StateServerOutput>();
  #lookout: Lookout | null = null;
  #looking = false;
  #begun = false;
  #timer: NodeJS.Timeout | undefined;
  #complained = false;

  constructor(options: StateServerOptions) {
    this.#options = options;
    for (const { tag, pid, startedAt } of options.found) {
      if (this.#state.name === 'waiting')
        this.#state = { name: 'running', id: tag.id, pid, startedAt, crashes: 0 };
      else this.#kill(tag.id);
    }
  }

  /** null: nobody has wanted it yet. */
  view(now: number): StateServerInfo | null {
    if (this.#state.name !== 'running') return null;
    const { pid, startedAt } = this.#state;
    return { pid, uptimeMs: now - startedAt, rssBytes: processStat(pid)?.rssBytes ?? null };
  }

  /** Whether the event was about it. */
  heard(event: HolderEvent, handle: RawHandle | undefined): boolean {
    if (event.event === 'handed-over') this.#begin();
    if (!('id' in event) || !isStateServerId(event.id)) return false;
    switch (event.event) {
      case 'spawned':
        this.#spawned(event);
        break;
      case 'spawn-failed':
        this.#take({ type: 'not-spawned', reason: event.message });
        break;
      case 'output':
        this.#outputOf(event.id).read(event.stream, handle!);
        break;
      case 'exited':
        void this.#exited(event.id, event.exit);
        break;
      case 'bind-failed':
        break;
    }
    return true;
  }

  /** It goes on; there will be no other. */
  holderGone(): void {
    const { emit } = this.#options;
    this.#stopLooking();
    if (this.#state.name !== 'running') {
      this.#state = { name: 'over' };
      return;
    }
    const { pid } = this.#state;
    const timer = setInterval(() => {
      if (processExists(pid)) return;
      clearInterval(timer);
      this.#state = { name: 'over' };
      const text =
        'the state server has ended, and what apps shared is gone; without the holder none follows';
      emit({ kind: 'state-server-crashed', pid, text });
    }, ALIVE_EVERY_MS).unref();
  }

  /** An app is no more: nor is what its workers shared. null: nothing is shared anyway. */
  drop(app: string): Promise<void> | null {
    return this.#state.name === 'running' ? this.#drop(app) : null;
  }

  async #drop(app: string): Promise<void> {
    const { home, emit } = this.#options;
    const state = this.#state;
    const problem = await dropStore(home.stateSocket, app);
    // One that has ended has dropped everything.
    if (problem === null || this.#state !== state) return;
    emit({ kind: 'message', app, text: `what ${app} shared may still be in the state server: ${problem}` });
  }

  /** With the last app. */
  end(): void {
    const { holder, home } = this.#options;
    const state = this.#state;
    this.#stopLooking();
    this.#state = { name: 'over' };
    // A holder ends its children itself.
    if (!holder.alive && state.name === 'running') signalProcess(state.pid, 'SIGTERM');
    rmSync(home.stateSocket, { force: true });
  }

  #begin(): void {
    const { found, home } = this.#options;
    this.#begun = true;
    removeLeftSockets(home.stateSocket);
    // Their last output has been handed over by now.
    for (const { tag, exit } of found) if (exit !== null) void this.#exited(tag.id, exit);
    this.#enter();
  }

  #take(news: StateServerNews): void {
    const { emit, newId } = this.#options;
    const before = this.#state;
    const around = { now: Date.now(), random: Math.random, newId: () => stateServerId(newId) };
    const { state, tell } = nextState(before, news, around);
    this.#state = state;
    if (tell !== null) emit(tell);
    if (state !== before) this.#enter();
  }

  /** What a state needs to be done once, and what ends it. */
  #enter(): void {
    const { holder, home } = this.#options;
    const state = this.#state;
    clearTimeout(this.#timer);
    if (state.name !== 'waiting') this.#stopLooking();
    switch (state.name) {
      case 'waiting':
        if (this.#begun) void this.#look();
        return;
      case 'starting':
        holder.send(stateServerCommand(state.id, home));
        return;
      case 'running':
        this.#wake(state.startedAt + ANSWERS_WITHIN_MS, () => void this.#mustAnswer());
        return;
      case 'resting':
        this.#wake(state.until, () => this.#take({ type: 'due' }));
        return;
      case 'over':
    }
  }

  #spawned({ id, pid, startedAt }: Extract<HolderEvent, { event: 'spawned' }>): void {
    const state = this.#state;
    const isOurs = !('id' in state) || state.id === id;
    if (isOurs) this.#take({ type: 'spawned', id, pid, startedAt });
    // Asked for by a supervisor that is dead: there is one already. It has not come as far as its socket.
    else this.#kill(id);
  }

  async #exited(id: string, exit: Exit): Promise<void> {
    const { holder } = this.#options;
    const output = this.#outputOf(id);
    await output.ended();
    this.#outputs.delete(id);
    holder.send({ verb: 'forget', id });
    const state = this.#state;
    if ('id' in state && state.id === id) this.#take({ type: 'exited', exit, said: output.lastError() });
  }

  #outputOf(id: string): StateServerOutput {
    const known = this.#outputs.get(id) ?? createStateServerOutput(this.#options.log);
    this.#outputs.set(id, known);
    return known;
  }

  async #mustAnswer(): Promise<void> {
    const { home, emit } = this.#options;
    const state = this.#state;
    if (state.name !== 'running' || (await isAnswered(home.stateSocket)) || this.#state !== state) return;
    emit({ kind: 'message', pid: state.pid, text: 'the state server does not listen, and is killed' });
    this.#kill(state.id);
  }

  /** Takes the place of the socket, unless somebody listens there. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { stateSocket } = this.#options.home;
    try {
      if (await isAnswered(stateSocket)) this.#endOrphans();
      else {
        const lookout = await lookOut(stateSocket, () => this.#take({ type: 'wanted' }));
        this.#complained = false;
        if (this.#state.name === 'waiting') this.#lookout = lookout;
        else lookout.close();
        return;
      }
    } catch (error) {
      this.#complain(error as Error);
    } finally {
      this.#looking = false;
    }
    if (this.#state.name === 'waiting') this.#wake(Date.now() + LOOK_AGAIN_MS, () => void this.#look());
  }

  /** Of a dead holder. One of ours is about to be announced. */
  #endOrphans(): void {
    const { home, holder, emit } = this.#options;
    for (const pid of stateServersOf(home.stateSocket)) {
      if (processStat(pid)?.ppid === holder.pid) continue;
      emit({ kind: 'message', pid, text: `the state server of a dead holder is ended` });
      signalProcess(pid, 'SIGKILL');
    }
  }

  #complain(error: Error): void {
    if (this.#complained) return;
    this.#complained = true;
    const text = `apps cannot share state before this is mended: ${error.message}`;
    this.#options.emit({ kind: 'message', text });
  }

  #stopLooking(): void {
    clearTimeout(this.#timer);
    this.#lookout?.close();
    this.#lookout = null;
  }

  #kill(id: string): void {
    this.#options.holder.send({ verb: 'signal', id, signal: 'SIGKILL', group: true });
  }

  #wake(at: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, Math.max(0, at - Date.now())).unref();
  }
}
