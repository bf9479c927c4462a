/** What every bundle of ours has in common (ADR 9). */

/** What is not installed is what a library loads only where somebody uses it, such as the drivers of other brokers. */
const leaveOutWhatIsNotThere = {
  name: 'leave-out-what-is-not-there',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[@a-z]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined;
      const found = await resolve(path, { importer, kind, resolveDir, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

export const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  keepNames: true,
  // The source is held in memory: comments and indentation are a third of it. Lines stay short enough to be found.
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  logLevel: 'error',
  plugins: [leaveOutWhatIsNotThere],
};
