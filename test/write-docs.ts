import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderApi, renderConfig, renderErrors, renderVendors } from './documents.ts';

const docs = resolve(import.meta.dirname, '..', 'docs');
mkdirSync(docs, { recursive: true });
writeFileSync(join(docs, 'config.md'), renderConfig());
writeFileSync(join(docs, 'errors.md'), renderErrors());
writeFileSync(join(docs, 'api.md'), renderApi());
writeFileSync(join(docs, 'vendors.md'), renderVendors());
