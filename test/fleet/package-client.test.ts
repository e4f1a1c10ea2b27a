import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastReason } from '../../src/adapters/egress/client-output.ts';
import { PackageClient, type PackageCommand } from '../../src/adapters/egress/package-client.ts';
import { FakeClients } from '../fixtures/fake-clients.ts';
import { calm, ModelHome } from '../fixtures/model-home.ts';

let at: ModelHome;
let clients: FakeClients;
beforeEach(() => {
  at = new ModelHome();
  clients = new FakeClients(at.folder);
});
afterEach(() => at.remove());

const command = (over: Partial<PackageCommand> = {}): PackageCommand => ({
  program: 'python3',
  args: ['-m', 'pip'],
  folder: `${at.folder}/work`,
  destination: 'registry:pypi',
  deadlineMs: 20_000,
  signal: calm(),
  ...over,
});

describe('a package client', () => {
  it('is not started without leave', async () => {
    clients.install('python3', 'touch "$SHELF/started"');
    const client = new PackageClient(clients.environment, (destination) =>
      destination === 'registry:pypi' ? 'the farm is offline' : undefined,
    );
    await expect(client.doRun(command())).rejects.toMatchObject({
      code: 'egress_refused',
      message: 'registry:pypi: the farm is offline',
    });
    expect(clients.calls()).toEqual([]);
  });

  it('that is missing names what to install', async () => {
    const client = new PackageClient(clients.emptyEnvironment, () => undefined);
    await expect(client.doRun(command())).rejects.toThrow(
      'python3 is not installed; install Python 3 with pip',
    );
    await expect(client.doRun(command({ program: 'mvn' }))).rejects.toThrow('Apache Maven');
    clients.install('python3', 'echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    const without = new PackageClient(clients.environment, () => undefined);
    await expect(without.doRun(command())).rejects.toThrow('pip is not installed');
  });

  it('that finds no space is a full disk', async () => {
    clients.install('python3', 'echo "OSError: [Errno 28] No space left on device" >&2; exit 1');
    const client = new PackageClient(clients.environment, () => undefined);
    await expect(client.doRun(command())).rejects.toMatchObject({ code: 'disk_full' });
  });

  it('is ended at its deadline', async () => {
    clients.install('python3', 'sleep 60');
    const client = new PackageClient(clients.environment, () => undefined);
    await expect(client.doRun(command({ deadlineMs: 100 }))).rejects.toThrow('longer than 0.1 s');
  });

  it('that prints without end does not fill the memory and still tells its reason', async () => {
    clients.install('python3', 'seq 200000; echo "ERROR: it broke" >&2; exit 3');
    const client = new PackageClient(clients.environment, () => undefined);
    await expect(client.doRun(command())).rejects.toThrow('python3 failed: it broke');
  });
});

describe('the reason in a client’s output', () => {
  it('is the cause, not the help after it', () => {
    expect(
      lastReason(
        [
          '\u001b[31m[ERROR]\u001b[0m Could not find artifact a:b:jar:1 in central (https://u:p@host.example/m2)',
          '[ERROR] ',
          '[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.',
          '[ERROR] [Help 1] http://wiki.example/Exception',
        ].join('\n'),
      ),
    ).toBe('Could not find artifact a:b:jar:1 in central ((host.example))');
    expect(
      lastReason(
        'npm error code E404\nnpm error 404 Not Found - GET https://host.example/x?token=s\nnpm error A complete log of this run can be found in: /x',
      ),
    ).toBe('404 Not Found - GET (host.example)');
    expect(lastReason('')).toBe('it gave no reason');
  });
});
