import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { folderFiles } from '../../../src/node/journal/files.ts';
import { SimulatedDisk } from '../../simulation/disk.ts';
import { journalFiles } from '../../simulation/journal-files.ts';
import { Stream } from '../../simulation/stream.ts';
import { World } from '../../simulation/world.ts';
import { describeJournalFiles, type JournalPlace } from './conformance.ts';
import { scratchFolder } from './scratch-journal.ts';

const ignore = (): void => undefined;

function onDisk(): JournalPlace {
  const folder = join(scratchFolder(), 'journal');
  mkdirSync(folder);
  return { open: () => folderFiles(folder), during: (work) => work };
}

function simulated(): JournalPlace {
  const world = new World(1);
  const disk = new SimulatedDisk(new Stream(1));
  const told = { onOffered: ignore, onDurable: ignore, onAcknowledged: ignore };
  const options = { world, disk, relaxed: false, bug: undefined, sync: () => ({ fails: false, slowMs: 0 }), ...told };
  return {
    open: () => journalFiles(options, world.process()),
    async during(work) {
      let isDone = false;
      const done = work.finally(() => {
        isDone = true;
      });
      while (!isDone) if (!(await world.step())) await setImmediate();
      return done;
    },
  };
}

describeJournalFiles('in a folder', onDisk);
describeJournalFiles('of the simulation', simulated);
