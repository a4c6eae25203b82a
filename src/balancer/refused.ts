/** Why a snapshot cannot be gone by. The one before it stays. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused';
  /** In the config: `balancer.listen[0]`. */
  readonly place: string;

  constructor(place: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super(reason, options);
    this.place = place;
  }
}
