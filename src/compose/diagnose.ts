import { execFile } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { dirname } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { diagnoseDestinations } from './diagnose-destinations.ts';
import type { Finding } from './finding.ts';
import type { Settings } from './settings.ts';

export type { Finding } from './finding.ts';

const run = promisify(execFile);
/** Room for all starter models (1.74 GB) and their parts while they are joined. */
const DISK_NEEDED = 4e9;
/** The 1.5B model with a 4k context needs 2.2 GB (measured resident size). */
const MEMORY_NEEDED = 3e9;

async function findProgram(
  subject: string,
  program: string,
  purpose: string,
  remedy: string,
): Promise<Finding> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 10_000 });
    return {
      subject,
      state: 'good',
      detail: stripVTControlCharacters(stdout.split('\n')[0] ?? '').trim() || 'present',
    };
  } catch {
    return { subject, state: 'optional', detail: `not found; ${purpose}`, remedy };
  }
}

/** Looks at runtime, memory, disk, package clients and the home; changes nothing. */
export async function diagnoseMachine(settings: Settings): Promise<Finding[]> {
  return [
    {
      subject: 'runtime',
      state: 'good',
      detail: `Node ${process.versions.node}, ${availableParallelism()} cores`,
    },
    diagnoseMemory(),
    diagnoseDisk(settings.home),
    {
      subject: 'home',
      state: 'good',
      detail: `${settings.home}${existsSync(settings.home) ? '' : ', not made yet'}`,
    },
    await findProgram(
      'python3',
      'python3',
      'models that come through the Python registry cannot be fetched',
      'apt-get install python3 python3-pip',
    ),
    await findProgram(
      'Maven',
      'mvn',
      'the embedder cannot be fetched through the Java registry',
      'apt-get install maven',
    ),
    await findProgram(
      'Chromium',
      'chromium',
      'the browser tests are skipped',
      'apt-get install chromium',
    ),
    diagnosePostgres(),
    ...(await diagnoseDestinations(settings)),
  ];
}

function diagnoseMemory(): Finding {
  const free = freemem();
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  if (free > MEMORY_NEEDED) return { subject: 'memory', state: 'good', detail };
  return {
    subject: 'memory',
    state: 'optional',
    detail: `${detail}; the 1.5B model needs 2.2 GB`,
    remedy: 'Close other programs, or use only the smaller models.',
  };
}

/** The disk that holds the home, or will hold it. */
function diagnoseDisk(home: string): Finding {
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  if (free > DISK_NEEDED)
    return {
      subject: 'disk',
      state: 'good',
      detail: `${(free / 1e9).toFixed(0)} GB free at ${folder}`,
    };
  return {
    subject: 'disk',
    state: 'bad',
    detail: `${(free / 1e9).toFixed(1)} GB free at ${folder}; the starter models need ${DISK_NEEDED / 1e9} GB while they are joined`,
    remedy: 'Free some room or set CADRE_HOME to a larger disk.',
  };
}

function diagnosePostgres(): Finding {
  if (existsSync('/usr/lib/postgresql'))
    return { subject: 'PostgreSQL', state: 'good', detail: 'server binaries are installed' };
  return {
    subject: 'PostgreSQL',
    state: 'optional',
    detail: 'not found; the Postgres contract tests are skipped',
    remedy: 'apt-get install postgresql',
  };
}
