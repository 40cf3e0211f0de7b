// The arrows and the circles once more, with imports of types: whoever names another folder's types knows that folder.
// What must not be loaded is a matter of run time alone, and stands in the other file.
const { forbidden, options } = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: forbidden.filter(({ to }) => !to.reachable),
  options: { ...options, tsPreCompilationDeps: true },
};
