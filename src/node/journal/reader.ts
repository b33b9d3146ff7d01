import { basename } from 'node:path';
import type { Folding } from '../../core/ports/journal-store.ts';
import { type Chain, type Part, readChain } from './chain.ts';
import type { SegmentFiles } from './files.ts';
import { batchAt, damaged, hasBatchAfter, misplaced, recordsOf } from './segment.ts';
import { type Position, readSnapshot } from './snapshot.ts';
import { Window } from './window.ts';

/**
 * Reads a journal into a fold and follows it from where it was, across owners, in memory for one batch. It begins with
 * the last snapshot where there is one that fits.
 */
export class JournalReader {
  readonly #files: SegmentFiles;
  readonly #folding: Folding;
  readonly #useSnapshot: boolean;
  #position: Position | undefined;
  #nextEpoch = 1;
  #lastSeq = 0;
  /** Last event that the state had before any of these was read: the snapshot's. */
  #snapshotSeq = 0;
  #leftOut: readonly string[] = [];

  constructor(files: SegmentFiles, folding: Folding, useSnapshot = true) {
    this.#files = files;
    this.#folding = folding;
    this.#useSnapshot = useSnapshot;
  }

  /** The last segment that counts and where its valid part ends, which the next epoch seals; undefined for none. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Epoch of the next owner. */
  get nextEpoch(): number {
    return this.#nextEpoch;
  }

  /** Number of the last event; 0 for none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Bytes that may have held events, as of the last look: half a batch at the end, or a segment without a header. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /**
   * Reads what has come since the last time. A tail that is no whole batch (yet) is left out with a warning; damage that
   * later whole batches rest on, and an event out of its order, throw `journal-damaged` naming file and offset. Returns
   * what was left out.
   */
  catchUp(): readonly string[] {
    if (this.#isCurrent()) return [];
    const chain = readChain(this.#files);
    const warnings = [...chain.warnings];
    this.#leftOut = chain.warnings;
    this.#nextEpoch = chain.nextEpoch;
    const { epoch, offset } = this.#position ?? { epoch: 0, offset: 0 };
    const here = chain.parts.find((part) => part.epoch === epoch);
    // What was read may not count any more: its owner was taken for dead before it had written that.
    const goesOn = here !== undefined && offset <= (here.seal ?? this.#files.size(epoch));
    if (!goesOn) this.#begin(chain, this.#useSnapshot, warnings);
    this.#readOn(chain, warnings);
    if (this.#lastSeq < this.#snapshotSeq) {
      warnings.push('The snapshot tells more than the journal and is left out.');
      this.#begin(chain, false, warnings);
      this.#readOn(chain, warnings);
    }
    return warnings;
  }

  /** Whether all that is there was read. */
  #isCurrent(): boolean {
    if (!this.#position) return false;
    const { epoch, offset } = this.#position;
    return this.#files.epochs().at(-1) === epoch && this.#files.size(epoch) === offset;
  }

  #begin({ parts }: Chain, useSnapshot: boolean, warnings: string[]): void {
    this.#folding.clear();
    this.#lastSeq = 0;
    this.#snapshotSeq = 0;
    const [first] = parts;
    this.#position = first && { epoch: first.epoch, offset: first.from };
    const snapshot = useSnapshot ? readSnapshot(this.#files, this.#folding.version, parts) : undefined;
    if (snapshot?.problem !== undefined) warnings.push(snapshot.problem);
    if (!snapshot?.found) return;
    this.#folding.restore(snapshot.found.image);
    this.#position = snapshot.found.position;
    this.#lastSeq = snapshot.found.positionSeq;
    this.#snapshotSeq = snapshot.found.seq;
  }

  #readOn({ parts }: Chain, warnings: string[]): void {
    const epoch = this.#position?.epoch ?? 0;
    for (const part of parts) {
      if (part.epoch < epoch) continue;
      this.#readPart(part, part.epoch === epoch ? (this.#position?.offset ?? part.from) : part.from, warnings);
    }
  }

  #readPart({ epoch, version, by, seal }: Part, from: number, warnings: string[]): void {
    const file = this.#files.nameOf(epoch);
    const window = new Window(this.#files, epoch, seal ?? this.#files.size(epoch));
    const reading = {
      file,
      version,
      isOwn: by === this.#folding.version && by !== '',
      artefacts: this.#files.artefacts,
      warn: (problem: string) => warnings.push(problem),
    };
    let offset = from;
    this.#position = { epoch, offset };
    while (offset < window.end) {
      const batch = batchAt(window, offset);
      if (!batch) {
        if (seal !== undefined || hasBatchAfter(window, offset)) throw damaged(file, offset);
        const torn = `${basename(file)}: what follows byte ${offset} is no whole batch and is left out.`;
        this.#leftOut = [...this.#leftOut, torn];
        warnings.push(torn);
        return;
      }
      for (const record of recordsOf(batch, reading)) {
        // A batch that was lost, doubled or moved is whole by itself.
        if (record.seq !== this.#lastSeq + 1) throw misplaced(file, offset, record.seq, this.#lastSeq + 1);
        this.#folding.apply(record);
        this.#lastSeq = record.seq;
      }
      offset = batch.next;
      this.#position = { epoch, offset };
    }
  }
}
