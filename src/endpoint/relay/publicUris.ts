import { Prefixes } from '../../base/text/prefixes.js';
import type { Gateway } from '../../gateway/api.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { Disposable } from '../../base/event.js';
import { markedUri, readMarkedUri } from './markedUri.js';

/** What a server's URIs are called among those of all servers. */
export class PublicUris implements Disposable {
  #index: Index | undefined;
  readonly #subscription: Disposable;

  constructor(private readonly gateway: Pick<Gateway, 'knownResources' | 'onDidChangeCatalog'>) {
    this.#subscription = gateway.onDidChangeCatalog(({ kinds }) => {
      if (kinds.includes('resources') || kinds.includes('resourceTemplates')) this.#index = undefined;
    });
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  /** Whether anything of this server's may have another name here; if not, its answers can be passed on as they are. */
  differ(server: ServerId): boolean {
    return this.#current.own.get(server)?.differs ?? false;
  }

  /**
   * A URI that a server listed or handed out: as it is, unless it would be taken for another server's, or as well for
   * another's.
   */
  ofResource(server: ServerId, uri: string): string {
    const { owners } = this.#current;
    const servers = owners.get(uri) ?? [];
    if (servers.includes(server)) return servers.length > 1 || isMarked(uri) ? markedUri(uri, server) : uri;
    const shared = this.#template(server, uri);
    const mistakable = shared !== undefined && (shared || servers.length > 0 || isMarked(uri));
    return mistakable ? markedUri(uri, server) : uri;
  }

  /** A template that a server listed; what it expands to has the mark of the template. */
  ofTemplate(server: ServerId, uriTemplate: string): string {
    const servers = this.#current.shapes.get(shapeOf(uriTemplate));
    return (servers && servers.size > 1) || isMarked(uriTemplate)
      ? markedUri(uriTemplate, server)
      : uriTemplate;
  }

  /** Whether a URI may be of a template that another server has too; `undefined` when it is of no template of this server. */
  #template(server: ServerId, uri: string): boolean | undefined {
    return this.#current.own.get(server)?.prefixes.of(uri);
  }

  get #current(): Index {
    this.#index ??= indexOf(this.gateway.knownResources());
    return this.#index;
  }
}

interface Own {
  /** What the URIs of its templates begin with, and whether another server has a template that fits the same URIs. */
  readonly prefixes: Prefixes;
  readonly differs: boolean;
}

interface Index {
  /** The servers that list a URI. */
  readonly owners: ReadonlyMap<string, readonly ServerId[]>;
  /** The servers that have a template of this shape. */
  readonly shapes: ReadonlyMap<string, ReadonlySet<ServerId>>;
  readonly own: ReadonlyMap<ServerId, Own>;
}

function indexOf(known: ReturnType<Gateway['knownResources']>): Index {
  const owners = new Map<string, ServerId[]>();
  const shapes = new Map<string, Set<ServerId>>();
  const schemes = new Map<string, Set<ServerId>>();
  for (const { resources, resourceTemplates } of known) {
    for (const { server, resource } of resources) {
      const servers = owners.get(resource.uri);
      if (!servers) owners.set(resource.uri, [server]);
      else if (!servers.includes(server)) servers.push(server);
      add(schemes, schemeOf(resource.uri), server);
      // Of a template that leaves the scheme open.
      add(schemes, '', server);
    }
    for (const { server, resourceTemplate } of resourceTemplates)
      add(shapes, shapeOf(resourceTemplate.uriTemplate), server);
  }
  const own = new Map<ServerId, Own>();
  for (const { resources, resourceTemplates } of known) {
    const server = (resources[0] ?? resourceTemplates[0])?.server;
    if (server === undefined) continue;
    const prefixes = new Map<string, boolean>();
    for (const { resourceTemplate } of resourceTemplates) {
      const { uriTemplate } = resourceTemplate;
      const prefix = /^[^{]*/.exec(uriTemplate)?.[0] ?? '';
      const shared = (shapes.get(shapeOf(uriTemplate))?.size ?? 0) > 1;
      prefixes.set(prefix, shared || prefixes.get(prefix) === true);
    }
    const othersList = (prefix: string): boolean => {
      const servers = schemes.get(schemeOf(prefix));
      return servers !== undefined && (servers.size > 1 || !servers.has(server));
    };
    own.set(server, {
      prefixes: new Prefixes(prefixes),
      differs:
        resources.some(({ resource: { uri } }) => isMarked(uri) || (owners.get(uri)?.length ?? 0) > 1) ||
        [...prefixes].some(([prefix, shared]) => shared || othersList(prefix)),
    });
  }
  return { owners, shapes, own };
}

function add(sets: Map<string, Set<ServerId>>, key: string, server: ServerId): void {
  const set = sets.get(key);
  if (set) set.add(server);
  else sets.set(key, new Set([server]));
}

const isMarked = (uri: string): boolean => readMarkedUri(uri) !== undefined;

/** `''` where a template leaves it open. */
const schemeOf = (uri: string): string => uri.slice(0, uri.indexOf(':') + 1);

/** Templates of one shape fit the same URIs: they differ only in the names of variables, where these are no part of a URI. */
const shapeOf = (uriTemplate: string): string =>
  uriTemplate.replace(/\{([^{}]*)\}/g, (expression, inside: string) => {
    const [operator = ''] = /^[+#./]/.exec(inside) ?? [];
    if (/^[;?&]/.test(inside)) return expression;
    return `{${operator}${inside.split(',').map(modifierOf).join(',')}}`;
  });

const modifierOf = (variable: string): string => /(?::\d{1,4}|\*)$/.exec(variable)?.[0] ?? '';
