import { createRequire } from 'node:module';

/** What Node 24 runs as it is. The default of the Nest CLI turns each private field into a look-up in a WeakMap. */
const TARGET = 'es2024';

/** Packages that read files of their own folder while they run. */
const READ_THEIR_FOLDER = /^(@bull-board\/|@fastify\/static)/;

/**
 * Packages are bundled too: an app then starts in less than half the time, because Node need not find and read some 2,000
 * files. A package that another one names but does not need, as TypeORM names its other drivers, is not installed: it
 * stays a `require`, as in that package itself.
 */
function leaveOut({ context, request }, done) {
  if (READ_THEIR_FOLDER.test(request)) return done(undefined, `module ${request}`);
  const isPackage = /^[@a-z]/i.test(request) && !request.startsWith('@app/');
  if (isPackage && !isInstalled(request, context))
    return done(undefined, `node-commonjs ${request}`);
  return done();
}

function isInstalled(request, context) {
  try {
    createRequire(`${context}/`).resolve(request);
    return true;
  } catch (error) {
    return error.code !== 'MODULE_NOT_FOUND';
  }
}

export default function configure(options) {
  const [typescript] = options.module.rules;
  typescript.use[0].options.jsc.target = TARGET;
  return {
    ...options,
    target: 'node24',
    // One file an app: a package that is imported on demand is in it as well.
    module: { ...options.module, parser: { javascript: { dynamicImportMode: 'eager' } } },
    externals: [leaveOut],
    externalsPresets: { node: true },
  };
}
