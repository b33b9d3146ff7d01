import { spawn } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtOnce, exists } from './cache-folder.ts';
import { runNpm } from './npm.ts';

const CHROMIUM = '147.0.0';
const FONTS = 'dejavu-fonts-ttf@2.37.3';

/** Unpacks where TMPDIR points; the first variable makes the package unpack the NSS libraries as well. */
const UNPACK = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;

interface BundledChromium {
  readonly executable: string;
  /** Environment it needs: its libraries and fonts, which a bare machine has not. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The headless Chromium inside the npm package @sparticuz/chromium, unpacked once into the cache folder with the
 * libraries it needs and fonts to render text with. Linux on x86-64 only: throws elsewhere.
 */
export async function bundledChromium(log: (line: string) => void, signal?: AbortSignal): Promise<BundledChromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No browser found: install Chrome, Edge or Chromium (the bundled one is for Linux x86-64 only).');
  }
  const { folder, seconds } = await builtOnce(`chromium-${CHROMIUM}`, async (target) => {
    log('Browser: unpacking the Chromium of @sparticuz/chromium (once, about 230 MB)');
    await unpack(target, signal);
    for (const file of ['chromium', 'al2023/lib/libnss3.so']) {
      if (!(await exists(join(target, file)))) throw new Error(`@sparticuz/chromium unpacked no ${file} to ${target}.`);
    }
    await writeFile(join(target, 'package.json'), '{"private":true}\n');
    await runNpm(target, ['install', '--ignore-scripts', '--save-exact', FONTS], signal);
  });
  if (seconds > 0) log(`Browser: unpacked in ${seconds.toFixed(1)} s (${folder})`);
  await writeFontConfiguration(folder);
  return {
    executable: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
}

async function unpack(target: string, signal?: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: import.meta.dirname,
    env: { TMPDIR: target, HOME: target, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal && { signal }),
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Unpacking @sparticuz/chromium into ${target} ended with ${code}:\n${errors}`);
}

/**
 * The machine's fonts if it has any, then DejaVu, so that code and terminals have a fixed-width font everywhere and
 * a machine without fonts shows the rest in one without serifs. The paths are absolute: written when the folder has
 * its final name.
 */
async function writeFontConfiguration(folder: string): Promise<void> {
  const configuration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/node_modules/dejavu-fonts-ttf/ttf</dir>
  <cachedir>${folder}/font-cache</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <match target="pattern"><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>
</fontconfig>
`;
  const file = join(folder, 'fonts.conf');
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, configuration);
  await rename(temporary, file);
}
