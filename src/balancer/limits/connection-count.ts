/** Connections of clients that are open, in all and from each address. */
import type { Limits } from '../../protocol/balance.ts';

export class ConnectionCount {
  #total = 0;
  readonly #byAddress = new Map<string, number>();

  get total(): number {
    return this.#total;
  }

  /** How many addresses have a connection. */
  get addresses(): number {
    return this.#byAddress.size;
  }

  /** Counts one more if there may be one; `left` ends what it began. */
  admit({ connections }: Pick<Limits, 'connections'>): boolean {
    if (connections !== null && this.#total >= connections) return false;
    this.#total += 1;
    return true;
  }

  left(): void {
    this.#total -= 1;
  }

  /** The same for an address, which may be known later; unix sockets have none and no limit. */
  admitFrom(
    address: string | undefined,
    { connectionsPerAddress }: Pick<Limits, 'connectionsPerAddress'>,
  ): boolean {
    if (address === undefined) return true;
    const open = this.#byAddress.get(address) ?? 0;
    if (connectionsPerAddress !== null && open >= connectionsPerAddress) return false;
    this.#byAddress.set(address, open + 1);
    return true;
  }

  leftFrom(address: string | undefined): void {
    if (address === undefined) return;
    const open = this.#byAddress.get(address) ?? 0;
    if (open > 1) this.#byAddress.set(address, open - 1);
    else this.#byAddress.delete(address);
  }
}
