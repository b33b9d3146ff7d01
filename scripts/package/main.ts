import { makePackage } from './make-package.ts';

const { file, bytes } = await makePackage();
process.stdout.write(`${file} (${(bytes / 1024 / 1024).toFixed(1)} MB)\n`);
