import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationSchema } from './configuration-schema.ts';

await writeFile(join(import.meta.dirname, '..', '..', 'media', 'config.schema.json'), configurationSchema());
