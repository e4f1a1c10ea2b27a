import { defineConfig } from 'vitest/config';
import launch from './bin/launch.json' with { type: 'json' };

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // As Cadre itself is started: a V8 flag that keeps the product up keeps its tests up.
    execArgv: launch.flags,
  },
});
