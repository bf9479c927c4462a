/** The import rules of the architecture. tests/architecture seeds a violation of each one and expects it to be named. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const ORM = 'node_modules/(@mikro-orm|pg|kysely)/';
const NEST = 'node_modules/@nestjs/';
const NATS = 'node_modules/@nats-io/';
const DOMAIN = '^services/[^/]+/src/domain/';
module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }, 'a cycle has no first file to read'),
    forbid(
      'contracts-import-zod-only',
      { path: '^contracts/src/' },
      { pathNot: ['^contracts/src/', 'node_modules/zod/'] },
      'contracts are data: whoever depends on them must not inherit a runtime',
    ),
    forbid(
      'machine-imports-nothing',
      { path: '^chassis/src/machine/' },
      { pathNot: '^chassis/src/machine/' },
      'the kernel is pure, so that a table can be run, drawn and checked anywhere',
    ),
    forbid(
      'chassis-knows-no-service',
      { path: '^chassis/src/' },
      { path: '^services/' },
      'the chassis knows no word of the business',
    ),
    forbid(
      'domain-is-pure',
      { path: DOMAIN },
      {
        path: [
          ORM,
          NEST,
          NATS,
          '(^|/)chassis/(src|dist)/(?!machine/)',
          '/src/(features|persistence|transport|adapters)/',
        ],
      },
      'rules can be read and tested without a database, a broker or a framework',
    ),
    forbid(
      'domain-no-node',
      { path: DOMAIN },
      { dependencyTypes: ['core'] },
      'no clock, no file, no randomness in the rules',
    ),
    forbid(
      'features-not-transport',
      { path: '^services/[^/]+/src/features/' },
      { path: '/src/transport/' },
      'one direction: transport, execute, feature, domain, persistence',
    ),
    forbid(
      'persistence-not-up',
      { path: '^services/[^/]+/src/persistence/' },
      { path: '/src/(features|transport)/' },
      'one direction: transport, execute, feature, domain, persistence',
    ),
    forbid(
      'transport-not-persistence',
      { path: '^services/[^/]+/src/transport/' },
      { path: '/src/persistence/' },
      'a transport file is a line a subject',
    ),
    forbid(
      'no-service-imports-another',
      { path: '^services/([^/]+)/' },
      { path: '^services/(?!$1/)[^/]+/' },
      'services meet in contracts and events only',
    ),
    forbid(
      'gateway-no-orm-no-nest',
      { path: '^services/gateway/src/' },
      { path: [ORM, NEST, '(^|/)chassis/(src|dist)/(?!edge)'] },
      'the gateway keeps no state',
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '(^|/)dist/'] },
    exclude: { path: ['/test/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.depcruise.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
