import type { Artefacts } from '../../src/node/journal/artefacts.ts';
import type { Stream } from './stream.ts';

interface File {
  /** What outlives a power loss for sure. */
  synced: Buffer[];
  /** What readers see besides while the machine is up. */
  unsynced: Buffer[];
}

/** A power loss or a failed sync keeps or loses parts of one of these sizes: a byte, a line, a sector, a page. */
const PART_BYTES = [1, 128, 512, 4_096] as const;

/** The segments of a run's journal on a disk that loses what was not synced. */
export class SimulatedDisk {
  readonly #files = new Map<number, File>();
  readonly #random: Stream;
  readonly #artefacts = new Map<string, Buffer>();
  readonly artefacts: Artefacts = {
    put: async (sha256, bytes) => void this.#artefacts.set(sha256, bytes),
    get: (sha256) => this.#artefacts.get(sha256),
  };
  #snapshot: { synced: Buffer | undefined; unsynced: Buffer | undefined } = { synced: undefined, unsynced: undefined };

  constructor(random: Stream) {
    this.#random = random;
  }

  get epochs(): number[] {
    return [...this.#files.keys()].sort((a, b) => a - b);
  }

  read(epoch: number): Buffer {
    const { synced, unsynced } = this.#file(epoch);
    return Buffer.concat([...synced, ...unsynced]);
  }

  /** The file appears with this in it, synced; false when it is there already. */
  create(epoch: number, bytes: Buffer): boolean {
    if (this.#files.has(epoch)) return false;
    this.#files.set(epoch, { synced: [bytes], unsynced: [] });
    return true;
  }

  append(epoch: number, bytes: Buffer): void {
    this.#file(epoch).unsynced.push(bytes);
  }

  sync(epoch: number): void {
    const file = this.#file(epoch);
    file.synced.push(...file.unsynced);
    file.unsynced = [];
  }

  readSnapshot(): Buffer | undefined {
    return this.#snapshot.unsynced ?? this.#snapshot.synced;
  }

  replaceSnapshot(bytes: Buffer): void {
    this.#snapshot.unsynced = bytes;
  }

  syncSnapshot(): void {
    this.#snapshot = { synced: this.readSnapshot(), unsynced: undefined };
  }

  /** Any part of what was not synced may be gone. */
  failSync(epoch: number): void {
    this.#lose(this.#file(epoch));
  }

  powerLoss(): void {
    for (const file of this.#files.values()) this.#lose(file);
    const { synced, unsynced } = this.#snapshot;
    if (!unsynced) return;
    // The new name may be lost, or be there before what it stands for.
    const damaged = Buffer.from(unsynced);
    damaged.fill(0, this.#random.int(0, damaged.length));
    this.#snapshot = { synced: [synced, unsynced, damaged][this.#random.int(0, 2)], unsynced: undefined };
  }

  #lose(file: File): void {
    let tail = Buffer.concat(file.unsynced);
    const size = this.#random.pick(PART_BYTES);
    const lost = this.#random.pick([0.02, 0.3, 0.9]);
    for (let at = 0; at < tail.length; at += size) {
      if (this.#random.chance(lost)) tail.fill(0, at, Math.min(at + size, tail.length));
    }
    if (this.#random.chance(0.5)) tail = tail.subarray(0, this.#random.int(0, tail.length));
    file.unsynced = [tail];
  }

  #file(epoch: number): File {
    const file = this.#files.get(epoch);
    if (!file) throw new Error(`There is no segment ${epoch}.`);
    return file;
  }
}
