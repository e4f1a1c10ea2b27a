#!/usr/bin/env node
import { join } from 'node:path';
import { hand, prepare, root } from './bootstrap.js';

const args = process.argv.slice(2);
const node = await prepare({ console: args[0] === 'up' });
hand(node, [join(root, 'src', 'cli', 'cadre.ts'), ...args]);
