import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestHome } from './farm-process.ts';

describe('cadre doctor', { timeout: 60_000 }, () => {
  let home: TestHome;
  beforeAll(() => {
    home = new TestHome(`
fleet: { starter: false }
destinations:
  - { id: keyless, vendor: ollama, clearance: internal }
  - { id: without-key, vendor: groq, keyEnv: NO_SUCH_KEY }
  - { id: without-package, vendor: cohere, keyEnv: HOME }
  - { id: with-package, vendor: gemini, keyEnv: HOME }
`);
  });
  afterAll(() => home.remove());

  it('tells which destinations lack a key or a package, and what to do', async () => {
    const { stdout } = await home.run(['doctor', '--json']);
    const findings = JSON.parse(stdout) as { subject: string }[];
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'farm', detail: 'not running' }),
    );
    expect(findings.filter((one) => one.subject.startsWith('destination'))).toMatchObject([
      { subject: 'destination keyless', state: 'good' },
      {
        subject: 'destination without-key',
        state: 'bad',
        detail: expect.stringContaining('NO_SUCH_KEY'),
      },
      {
        subject: 'destination without-package',
        state: 'bad',
        remedy: expect.stringMatching(/^npm install --no-save @ai-sdk\/cohere@/),
      },
      { subject: 'destination with-package', state: 'good' },
    ]);
  });
});
