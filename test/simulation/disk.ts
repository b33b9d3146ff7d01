import type { Stream } from './stream.ts';

interface File {
  /** What every reader sees while the machine is up. */
  bytes: Buffer;
  /** So much of it outlives a power loss for sure. */
  synced: number;
}

/** A power loss or a failed sync keeps or loses parts of this size. */
const PART_BYTES = 128;

/** The segments of a run's journal on a disk that loses what was not synced. */
export class SimulatedDisk {
  readonly #files = new Map<number, File>();
  readonly #random: Stream;

  constructor(random: Stream) {
    this.#random = random;
  }

  get epochs(): number[] {
    return [...this.#files.keys()].sort((a, b) => a - b);
  }

  read(epoch: number): Buffer {
    return this.#file(epoch).bytes;
  }

  /** The file appears with this in it, synced; false when it is there already. */
  create(epoch: number, bytes: Buffer): boolean {
    if (this.#files.has(epoch)) return false;
    this.#files.set(epoch, { bytes, synced: bytes.length });
    return true;
  }

  append(epoch: number, bytes: Buffer): void {
    const file = this.#file(epoch);
    file.bytes = Buffer.concat([file.bytes, bytes]);
  }

  sync(epoch: number): void {
    const file = this.#file(epoch);
    file.synced = file.bytes.length;
  }

  /** Any part of what was not synced may be gone. */
  failSync(epoch: number): void {
    this.#lose(this.#file(epoch));
  }

  powerLoss(): void {
    for (const file of this.#files.values()) this.#lose(file);
  }

  #lose(file: File): void {
    let tail = Buffer.from(file.bytes.subarray(file.synced));
    for (let at = 0; at < tail.length; at += PART_BYTES) {
      if (this.#random.chance(0.3)) tail.fill(0, at, Math.min(at + PART_BYTES, tail.length));
    }
    if (this.#random.chance(0.5)) tail = tail.subarray(0, this.#random.int(0, tail.length));
    file.bytes = Buffer.concat([file.bytes.subarray(0, file.synced), tail]);
  }

  #file(epoch: number): File {
    const file = this.#files.get(epoch);
    if (!file) throw new Error(`There is no segment ${epoch}.`);
    return file;
  }
}
