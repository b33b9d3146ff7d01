import fc from 'fast-check';

// The same examples in every run, so that a red test is the change's own doing. To look for new ones:
// PROPERTY_SEED=$RANDOM npm test -- test/unit
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_122) });
