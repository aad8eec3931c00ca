import { reachableFrom, wayTo, type Sources } from './sources.js';

/** One rule of the architecture; answers where it is broken, one sentence each. */
export type Rule = (sources: Sources) => string[];

const GATEWAY = 'src/gateway/';
/** Its rooms that do not know each other. */
const SIBLINGS = ['config', 'catalog', 'cache', 'arguments', 'upstream'];
/** Its rooms that put the others to use, as the files beside them do. */
const MIDDLE = ['listing', 'calls', 'clients'];

const inGateway = (...names: readonly string[]): string[] => names.map((name) => `${GATEWAY}${name}`);

/** Whether a path is one of the given files, or below one of the given folders (which end in `/`). */
const within = (path: string, ...places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));

/** Where siblings meet: `createGateway.ts`, `gateway.ts`, and what it is made of. */
const isInTheMiddle = (path: string): boolean =>
  within(path, ...inGateway(...MIDDLE.map((room) => `${room}/`))) ||
  (within(path, GATEWAY) &&
    !path.slice(GATEWAY.length).includes('/') &&
    !within(path, ...inGateway('ports.ts', 'api.ts')));

const isOwn = (target: string): boolean => target.startsWith('src/');

/** Imports of the files that `from` is true of and whose target `bad` is true of. */
function imports(
  sources: Sources,
  from: (path: string) => boolean,
  bad: (target: string, path: string) => boolean,
): string[] {
  return [...sources.values()]
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) =>
      imports.filter(({ target }) => bad(target, path)).map(({ target }) => `${path} imports ${target}`),
    );
}

/** The ground floor: everybody may use it. */
const BASE = 'src/base/';

/** The side that connects with a gateway: it knows nothing of one but its words. */
const CONNECT = 'src/connect/';
/** Where gateways that run say so. */
const ANNOUNCEMENT = 'src/announcement/';
/** How other programs are told of the endpoint. */
const CLIENT_CONFIG = 'src/clientConfig/';

/** The words of the gateway. */
const WORDS = inGateway('ports.ts', 'model/');

/** A room whose files import of ours nothing but these files and folders, their own room and the ground floor. */
const onlyImports =
  (room: string, ...allowed: readonly string[]): Rule =>
  (sources) =>
    imports(
      sources,
      (path) => within(path, room),
      (target) => isOwn(target) && !within(target, room, BASE, ...allowed),
    );

export const vscodeIsAtTheEdge: Rule = (sources) =>
  imports(
    sources,
    (path) => !within(path, 'src/vscode/', 'src/extension.ts'),
    (target) => target === 'vscode',
  );

export const gatewayKnowsNoDoor: Rule = (sources) =>
  imports(
    sources,
    (path) => within(path, GATEWAY),
    (target) =>
      within(target, 'vscode', 'src/vscode/', 'src/endpoint/', 'src/cli/', 'src/cli.ts', 'src/extension.ts'),
  );

/** Files, events, texts and the like: nothing of MCP, and nothing of ours. */
export const baseKnowsOnlyBase: Rule = (sources) => [
  ...onlyImports(BASE)(sources),
  ...imports(
    sources,
    (path) => within(path, BASE),
    (target) => target.startsWith('@modelcontextprotocol/'),
  ),
];

export const protocolKnowsNothing: Rule = onlyImports('src/protocol/');

/** Beside the two, the files that put the gateway together may know what a failed request looks like. */
export const protocolIsForUpstreamAndEndpoint: Rule = (sources) =>
  imports(
    sources,
    (path) =>
      !within(path, 'src/protocol/', `${GATEWAY}upstream/`, 'src/endpoint/', CONNECT) && !isInTheMiddle(path),
    (target) => within(target, 'src/protocol/'),
  );

/** What the doors may know of the gateway: how to make one, its words, and the rooms of pure functions. */
export const doorsUseTheFrontOfTheGateway: Rule = (sources) =>
  imports(
    sources,
    (path) => isOwn(path) && !within(path, GATEWAY, 'src/protocol/'),
    (target) =>
      within(target, GATEWAY) &&
      !within(
        target,
        ...inGateway('createGateway.ts', 'api.ts', 'ports.ts', 'model/'),
        ...inGateway('config/', 'catalog/', 'cache/', 'arguments/'),
      ),
  );

export const doorsDoNotKnowEachOther: Rule = (sources) => [
  ...onlyImports('src/endpoint/', GATEWAY, 'src/protocol/')(sources),
  ...onlyImports('src/cli/', GATEWAY, 'src/endpoint/', ANNOUNCEMENT, CONNECT)(sources),
  ...onlyImports('src/vscode/', GATEWAY, 'src/endpoint/', ANNOUNCEMENT, CLIENT_CONFIG)(sources),
];

/** What runs in the client's program, and what tells others of a gateway, know nothing of how one is made. */
export const theOtherEndKnowsNoDoor: Rule = (sources) => [
  ...onlyImports(CONNECT, ...WORDS, 'src/protocol/', ANNOUNCEMENT)(sources),
  ...onlyImports(ANNOUNCEMENT, ...WORDS)(sources),
  ...onlyImports(CLIENT_CONFIG, ...WORDS)(sources),
];

export const siblingsDoNotKnowEachOther: Rule = (sources) =>
  SIBLINGS.flatMap((room) =>
    onlyImports(
      `${GATEWAY}${room}/`,
      ...inGateway('ports.ts', 'api.ts', 'model/'),
      ...(room === 'upstream' ? ['src/protocol/'] : []),
    )(sources),
  );

/** The rooms of the endpoint, each with those of the others that it may use; they meet in the files beside them. */
const ENDPOINT_ROOMS: Readonly<Record<string, readonly string[]>> = {
  http: ['tokens'],
  relay: ['tokens'],
  tokens: [],
};

export const endpointRoomsDoNotKnowEachOther: Rule = (sources) =>
  Object.entries(ENDPOINT_ROOMS).flatMap(([room, allowed]) =>
    imports(
      sources,
      (path) => within(path, `src/endpoint/${room}/`),
      (target) =>
        Object.keys(ENDPOINT_ROOMS).some(
          (other) => other !== room && !allowed.includes(other) && within(target, `src/endpoint/${other}/`),
        ),
    ),
  );

/** The door takes messages in and gives them out; what they mean is the relay's. */
export const theDoorKnowsNoGateway: Rule = (sources) =>
  imports(
    sources,
    (path) => within(path, 'src/endpoint/http/'),
    (target) => within(target, GATEWAY),
  );

export const everyFileIsInTheDrawing: Rule = (sources) => {
  const rooms = inGateway(...[...SIBLINGS, 'model'].map((room) => `${room}/`), 'ports.ts', 'api.ts');
  const others = [
    BASE,
    'src/protocol/',
    'src/endpoint/',
    CONNECT,
    ANNOUNCEMENT,
    CLIENT_CONFIG,
    'src/vscode/',
    'src/cli/',
    'src/extension.ts',
    'src/cli.ts',
    'src/checker.ts',
  ];
  return [...sources.keys()]
    .filter((path) => !within(path, ...rooms, ...others) && !isInTheMiddle(path))
    .map((path) => `${path} is in a room that is not in the drawing`);
};

export const portsAndApiAreWords: Rule = (sources) =>
  ['ports.ts', 'api.ts'].flatMap((file) =>
    onlyImports(`${GATEWAY}${file}`, ...inGateway('ports.ts', 'model/'))(sources),
  );

export const modelKnowsOnlyModel: Rule = onlyImports(`${GATEWAY}model/`);

export const onlyUpstreamAndEndpointKnowTheSdk: Rule = (sources) =>
  imports(
    sources,
    (path) => !within(path, `${GATEWAY}upstream/`, 'src/endpoint/'),
    (target) => target === '@modelcontextprotocol/sdk',
  );

/** Also by way of others: what has no editor must run without one. */
export const coreNeverReachesVscode: Rule = (sources) =>
  [...sources.keys()]
    .filter((path) =>
      within(path, BASE, GATEWAY, CONNECT, 'src/protocol/', 'src/cli/', 'src/cli.ts', 'src/endpoint/'),
    )
    .flatMap((path) => {
      const via = reachableFrom(sources, path);
      return via.has('vscode') ? [wayTo(via, 'vscode')] : [];
    });

export const noCycles: Rule = (sources) => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) cycles.push([...way.slice(start), path].join(' → '));
    if (start !== -1 || done.has(path)) return;
    for (const { target } of sources.get(path)?.imports ?? [])
      if (isOwn(target)) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return cycles;
};
