import { CadreError } from '../core/errors.ts';
import type { Exchange } from './exchange.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Serves one request; `parameters` are the decoded `:name` segments of the route's path, in order. */
export type Serve = (exchange: Exchange, ...parameters: string[]) => Promise<void>;

export interface Route {
  readonly method: Method;
  /** `:name` stands for one segment; the last one may be a `*name`, which takes slashes too. */
  readonly path: string;
  readonly serve: Serve;
}

interface Pattern {
  readonly segments: readonly string[];
  readonly methods: Map<Method, Serve>;
}

/** What was found for a path: how to serve its methods, and what stood for the parameters. */
export interface Match {
  readonly methods: ReadonlyMap<Method, Serve>;
  readonly parameters: readonly string[];
}

/** Finds routes by path: fixed ones by one look-up, those with parameters in the order given. */
export class Router {
  readonly #fixed = new Map<string, Map<Method, Serve>>();
  readonly #patterns: Pattern[] = [];

  constructor(routes: readonly Route[]) {
    for (const { method, path, serve } of routes) this.#methodsOf(path).set(method, serve);
  }

  /** Throws `invalid_request` for a parameter that is not valid percent-encoding. */
  find(path: string): Match | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return { methods: fixed, parameters: [] };
    const segments = path.split('/');
    for (const { segments: wanted, methods } of this.#patterns) {
      const parameters = matchSegments(wanted, segments);
      if (parameters !== undefined) return { methods, parameters: parameters.map(decodeSegment) };
    }
    return undefined;
  }

  #methodsOf(path: string): Map<Method, Serve> {
    const isFixed = !/\/[:*]/.test(path);
    const segments = path.split('/');
    const known = isFixed
      ? this.#fixed.get(path)
      : this.#patterns.find((one) => one.segments.join('/') === path)?.methods;
    if (known !== undefined) return known;
    const methods = new Map<Method, Serve>();
    if (isFixed) this.#fixed.set(path, methods);
    else this.#patterns.push({ segments, methods });
    return methods;
  }
}

function matchSegments(wanted: readonly string[], given: readonly string[]): string[] | undefined {
  const takesRest = wanted.at(-1)?.startsWith('*') ?? false;
  if (takesRest ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  const parameters: string[] = [];
  for (const [index, segment] of wanted.entries()) {
    if (segment.startsWith('*')) parameters.push(given.slice(index).join('/'));
    else if (segment.startsWith(':')) parameters.push(given[index] ?? '');
    else if (segment !== given[index]) return undefined;
  }
  return parameters.includes('') ? undefined : parameters;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CadreError('invalid_request', 'the path is not valid percent-encoding');
  }
}
