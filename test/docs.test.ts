import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessRoutes } from '../src/server/admin/access-routes.ts';
import { batchRoutes } from '../src/server/admin/batch-routes.ts';
import { collectionRoutes } from '../src/server/admin/collection-routes.ts';
import { descriptionRoutes } from '../src/server/admin/description-routes.ts';
import { documentRoutes } from '../src/server/admin/document-routes.ts';
import { farmRoutes } from '../src/server/admin/farm-routes.ts';
import { gateRoutes } from '../src/server/admin/gate-routes.ts';
import { keyRoutes } from '../src/server/admin/key-routes.ts';
import { labelRoutes } from '../src/server/admin/label-routes.ts';
import { modelRoutes } from '../src/server/admin/model-routes.ts';
import { receiptRoutes } from '../src/server/admin/receipt-routes.ts';
import { ADMIN_ROUTES } from '../src/server/admin/route-rows.ts';
import { specialistRoutes } from '../src/server/admin/specialist-routes.ts';
import { trainingRoutes } from '../src/server/admin/training-routes.ts';
import { weightRoutes } from '../src/server/admin/weight-routes.ts';
import { renderApi, renderConfig, renderErrors, renderVendors } from './documents.ts';

const root = resolve(import.meta.dirname, '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

describe('documents', () => {
  it.each([
    ['config.md', renderConfig],
    ['errors.md', renderErrors],
    ['api.md', renderApi],
    ['vendors.md', renderVendors],
  ])('docs/%s is what the code says (npm run docs writes it)', (name, render) => {
    expect(read('docs', name)).toBe(render());
  });

  it('lists every admin route that the server has', () => {
    const served = [
      farmRoutes,
      gateRoutes,
      modelRoutes,
      receiptRoutes,
      collectionRoutes,
      documentRoutes,
      weightRoutes,
      accessRoutes,
      keyRoutes,
      batchRoutes,
      specialistRoutes,
      trainingRoutes,
      labelRoutes,
      descriptionRoutes,
    ].flatMap((app) => app.routes.map((route) => `${route.method} ${route.path}`));
    const listed = ADMIN_ROUTES.map((row) => `${row.method} ${row.path}`);
    expect([...new Set(served)].toSorted()).toEqual(listed.toSorted());
  });

  it('has links in README, CONTRIBUTING and docs that lead somewhere', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      'bench/README.md',
      ...readdirSync(join(root, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ];
    for (const page of pages) {
      const folder = join(root, page, '..');
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (!/^https?:/.test(target))
          expect(existsSync(join(folder, target)), `${page} → ${target}`).toBe(true);
      }
    }
  });

  it('keeps decision records short', () => {
    const folder = join(root, 'docs', 'decisions');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(name).toMatch(/^\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md$/);
      expect(read('docs', 'decisions', name).split('\n').length, name).toBeLessThanOrEqual(41);
    }
  });
});
