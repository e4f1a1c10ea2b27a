import { expect, it } from 'vitest';
import { UnreadSuffixes } from '../../src/adapters/sources/unread-suffixes.ts';

it('says how a mailbox and a database in a folder are read', () => {
  const unread = new UnreadSuffixes();
  for (const path of ['a/in.mbox', 's.db', 'x.exe']) unread.add(path);
  const reasons = unread.skipped.map((one) => one.reason);
  expect(reasons[0]).toContain('--as mail');
  expect(reasons[1]).toContain('--sql');
  expect(reasons[2]).toBe('one file of this kind is not read');
});
