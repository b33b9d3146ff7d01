/** A digest of the code that folds, put in by the bundler (`esbuild.config.mjs`); nothing where the sources run. */
declare const FOLD_VERSION: string | undefined;

/** Changes with whatever may change what a journal is folded into, so that no image of another fold is gone on from. */
export const foldVersion: string = typeof FOLD_VERSION === 'string' ? FOLD_VERSION : 'sources';
