import fc from 'fast-check';

/** Property tests draw the same cases in every run; CADRE_TEST_SEED draws others. */
fc.configureGlobal({ seed: Number(process.env['CADRE_TEST_SEED'] ?? 20_261_123) });
