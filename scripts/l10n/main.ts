import { writeFile } from 'node:fs/promises';
import { BUNDLE, bundle } from './texts.ts';

await writeFile(BUNDLE, bundle());
