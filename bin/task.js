// `npm test`, `npm run check` and the like: prepares, then runs one of the project's own tasks.
import { join } from 'node:path';
import { hand, prepare, root } from './bootstrap.js';

const [task = '', ...args] = process.argv.slice(2);
const node = await prepare({ console: task === 'test' });
hand(node, [join(root, 'test', 'tasks.ts'), task, ...args]);
